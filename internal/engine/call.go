package engine

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// call has the data of one call of an operation. The dispatcher passes it to the operation's
// functions.
type call struct {
	ctx       context.Context
	engine    *Engine
	caller    Caller
	operation Operation
	requestID string
	now       time.Time // in whole seconds, UTC

	// The following fields belong to the running transaction.
	tx             store.Tx
	principal      principal
	resources      []string   // the ARNs for which the caller needed permission
	subjects       []string   // the unique ids of the entities that the call looked up or created
	link           audit.Link // the call's audit record
	cachedIdentity cachedIdentity

	// keyLastUsed is the stored last use of the caller's long-term key.
	keyLastUsed time.Time
	// codeTime is the time of the one-time code of this call in Unix seconds, or zero without a code.
	// device is the device of the code. It already has the code marked as used.
	codeTime int64
	device   store.MFADevice

	// accessBefore is the access of the caller before the call's changes. It is nil for the local operator.
	accessBefore *account.Access
	// importedAssertions has the ids of imported access assertions. The imported account may violate them.
	importedAssertions map[string]bool
	// gateState has the access assertions after the call's changes. It is nil if there are none.
	gateState *gateState
	// overridden has the names of the access assertions that the call violates with an override.
	overridden []string

	// compiled holds the compiled policies that the call is about to store.
	compiled account.Prepared

	// prepared is the result of the operation's prepare function, for its run function.
	prepared any

	changedObjects bool         // whether the call changes objects of the account
	changed        *atomic.Bool // of the client
}

func newCall(ctx context.Context, client *Client, op Operation) *call {
	return &call{
		ctx: ctx, engine: client.engine, caller: client.caller, operation: op,
		requestID: requestIDOrNew(client.caller.circumstances.RequestID), now: client.engine.now(),
		changed: client.changed,
	}
}

// internalCall returns a call without a caller, operation and audit record. The engine uses it to run
// functions of calls for its own purposes.
func (e *Engine) internalCall(ctx context.Context, tx store.Tx) *call {
	return &call{ctx: ctx, engine: e, now: e.now(), tx: tx}
}

// service returns the name of the operation's service, for actions, audit records and last uses. The
// operations of [ExtensionAPI] belong to the service iam.
func (c *call) service() string {
	if service := c.operation.Model().Service; service != ExtensionService {
		return service
	}
	return "iam"
}

// begin resets the call for a new transaction.
func (c *call) begin(tx store.Tx) {
	c.tx, c.resources, c.subjects = tx, nil, nil
	c.gateState, c.overridden, c.accessBefore, c.importedAssertions = nil, nil, nil, map[string]bool{}
}

// asAPIError turns an internal error into an API error. It returns API errors and the errors of a
// canceled context unchanged.
func asAPIError(err error) error {
	var api smithy.APIError
	if err == nil || errors.As(err, &api) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return newServiceFailure(err)
}

// addAuditSubject adds an entity's unique id to the subjects of the audit record. A search by that id
// then finds the record.
func (c *call) addAuditSubject(id string) { c.subjects = append(c.subjects, id) }

// cachedIdentity is the last identity that a call looked up. Most calls look up the same identity
// twice, first for the authorization and then for their work.
type cachedIdentity struct {
	tx       store.Tx
	kind     store.Kind
	name     string
	identity store.Identity
}

// findIdentity looks up an identity without adding it to the audit subjects. The error for a missing
// identity is store.ErrNotFound.
func (c *call) findIdentity(kind store.Kind, name string) (store.Identity, error) {
	if last := c.cachedIdentity; last.tx == c.tx && last.kind == kind && last.name == name {
		return last.identity, nil
	}
	found, err := c.tx.Identity(kind, name)
	if err == nil && c.tx.ReadOnly() { // a write transaction may change the identity
		c.cachedIdentity = cachedIdentity{c.tx, kind, name, found}
	}
	return found, err
}

// identity looks up a user, group or role by name, and adds it to the audit subjects.
func (c *call) identity(kind store.Kind, name string) (store.Identity, error) {
	found, err := c.findIdentity(kind, name)
	if errors.Is(err, store.ErrNotFound) {
		return found, missingIdentity(string(kind), name)
	}
	c.addAuditSubject(found.ID)
	return found, err
}

// userOrSelf looks up a user by name. If name is nil, it returns the calling user.
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
