package engine

import (
	"context"
	"errors"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// call is one call of an operation. The operation's functions find in it what they need.
type call struct {
	ctx       context.Context
	engine    *Engine
	caller    Caller
	operation Operation
	requestID string
	now       time.Time // in whole seconds, UTC

	// The following belong to the transaction that is running.
	tx        store.Tx
	principal principal
	resources []string   // the ARNs that the caller was authorized for
	subjects  []string   // the unique ids of the entities that were looked up or created
	link      audit.Link // of the call's audit record
	lookedUp  lookedUp

	// keyLastUsed is when the caller's long-term key was last used, as far as the store knows.
	keyLastUsed time.Time
	// codeTime is when a one-time code was given with this call, in Unix seconds, or zero. device
	// is the device of that code, with the code already marked as used.
	codeTime int64
	device   store.MFADevice

	// compiled keeps the policies compiled that the call is about to store.
	compiled account.Prepared

	// prepared is what the operation's prepare function leaves for its run function.
	prepared any
}

func newCall(ctx context.Context, client *Client, op Operation) *call {
	return &call{
		ctx: ctx, engine: client.engine, caller: client.caller, operation: op,
		requestID: requestIDOrNew(client.caller.circumstances.RequestID), now: client.engine.now(),
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

// begin resets the call for a transaction.
func (c *call) begin(tx store.Tx) {
	c.tx, c.resources, c.subjects = tx, nil, nil
}

// asAPIError turns an error of the store or the engine into an API error. Errors that are API
// errors already stay.
func asAPIError(err error) error {
	var api smithy.APIError
	if err == nil || errors.As(err, &api) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return newServiceFailure(err)
}

// addAuditSubject adds an entity's unique id to the subjects of the audit record, by which the
// record is found.
func (c *call) addAuditSubject(id string) { c.subjects = append(c.subjects, id) }

// lookedUp caches the last identity that was looked up. Most calls look the same one up twice, for
// authorization and for their work.
type lookedUp struct {
	tx       store.Tx
	kind     store.Kind
	name     string
	identity store.Identity
}

// findIdentity looks up an identity without adding it to the audit subjects. The error for a
// missing one is store.ErrNotFound.
func (c *call) findIdentity(kind store.Kind, name string) (store.Identity, error) {
	if last := c.lookedUp; last.tx == c.tx && last.kind == kind && last.name == name {
		return last.identity, nil
	}
	found, err := c.tx.Identity(kind, name)
	if err == nil && c.tx.ReadOnly() { // within a read transaction nothing changes
		c.lookedUp = lookedUp{c.tx, kind, name, found}
	}
	return found, err
}

// identity looks up a user, group or role by name, and adds it to the audit subjects.
func (c *call) identity(kind store.Kind, name string) (store.Identity, error) {
	found, err := c.findIdentity(kind, name)
	if errors.Is(err, store.ErrNotFound) {
		return found, noSuchEntity("The %s with name %s cannot be found.", kind, name)
	}
	c.addAuditSubject(found.ID)
	return found, err
}

// userOrSelf looks up a user or, without a name, returns the user that calls.
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
