package engine

import (
	"context"
	"errors"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// call is one use of one operation. What an operation's functions need, they find here.
type call struct {
	ctx       context.Context
	engine    *Engine
	caller    Caller
	operation Operation
	requestID string
	now       time.Time // in whole seconds, UTC

	// Of the transaction that runs.
	tx        store.Tx
	principal principal
	resources []string   // the ARNs that the caller was authorized for
	subjects  []string   // the unique ids of what was looked up or made
	link      audit.Link // of its record
	lookedUp  lookedUp

	// keyLastUsed is when the caller's long-term key was last used, as far as is kept.
	keyLastUsed time.Time
	// codeTime is when a one-time code was given with this call, in Unix seconds; zero where none was. device is
	// the one that it is of, with the code spent.
	codeTime int64
	device   store.MFADevice

	// prepared is what the operation's prepare made for its run.
	prepared any
}

func newCall(ctx context.Context, client *Client, op Operation) *call {
	return &call{
		ctx: ctx, engine: client.engine, caller: client.caller, operation: op,
		requestID: requestIDOf(client.caller.circumstances.RequestID), now: client.engine.now(),
	}
}

// internalCall returns a call that no caller made, for functions of calls that the engine itself needs. It has no
// operation, caller or audit record.
func (e *Engine) internalCall(ctx context.Context, tx store.Tx) *call {
	return &call{ctx: ctx, engine: e, now: e.now(), tx: tx}
}

// service returns the service that the audit trail and the last-used dates name. The operations that only this engine
// has count as IAM's.
func (c *call) service() string {
	if service := c.operation.Model().Service; service != ExtensionService {
		return service
	}
	return "iam"
}

// begin starts the call anew in a transaction.
func (c *call) begin(tx store.Tx) {
	c.tx, c.resources, c.subjects = tx, nil, nil
}

// asAPIError makes an error of the store's or the engine's own one that an API may give. Errors of the API pass.
func asAPIError(err error) error {
	var api smithy.APIError
	if err == nil || errors.As(err, &api) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return newServiceFailure(err)
}

// about notes that the call concerns something, for the audit trail.
func (c *call) addAuditSubject(id string) { c.subjects = append(c.subjects, id) }

// lookedUp is the last identity that was looked up, in which transaction and by which name. Most calls ask for one and the
// same twice: to be authorized, and to run.
type lookedUp struct {
	tx       store.Tx
	kind     store.Kind
	name     string
	identity store.Identity
}

// identityIfAny is identity with store.ErrNotFound, for an identity that the call need not be about.
func (c *call) identityIfAny(kind store.Kind, name string) (store.Identity, error) {
	if last := c.lookedUp; last.tx == c.tx && last.kind == kind && last.name == name {
		return last.identity, nil
	}
	found, err := c.tx.Identity(kind, name)
	if err == nil && c.tx.ReadOnly() { // nothing can change meanwhile
		c.lookedUp = lookedUp{c.tx, kind, name, found}
	}
	return found, err
}

// identity looks up a user, group or role by name.
func (c *call) identity(kind store.Kind, name string) (store.Identity, error) {
	found, err := c.identityIfAny(kind, name)
	if errors.Is(err, store.ErrNotFound) {
		return found, noSuchEntity("The %s with name %s cannot be found.", kind, name)
	}
	c.addAuditSubject(found.ID)
	return found, err
}

// userOrSelf looks up a user or, where no name is given, the user who calls.
func (c *call) userOrSelf(name *string) (store.Identity, error) {
	if name != nil {
		return c.identity(store.User, *name)
	}
	if c.principal.authz.Kind != authz.User {
		return store.Identity{}, validationError("Must specify userName when calling with non-User credentials")
	}
	c.addAuditSubject(c.principal.identity.ID)
	return c.principal.identity, nil
}
