package engine

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// audience limits which kinds of callers may use an operation, before any policy is evaluated. The
// zero audience includes the local operator and callers with an access key or a session.
type audience uint8

const (
	// localOperatorOnly is the audience of operations that no policy can allow.
	localOperatorOnly audience = iota + 1
	// anonymousCallers also includes callers without credentials, who want to sign in.
	anonymousCallers
)

// operation is one entry of the registry. I and O are the input and output structs: the SDK's
// structs for an operation of AWS's API, the engine's own structs for an operation of
// [ExtensionAPI]. Only the function run is required. The dispatcher calls the functions in the
// order of the fields.
type operation[I, O any] struct {
	name string
	// writes reports whether the operation changes something or uses a credential. Such an operation
	// runs in a write transaction, together with its audit record.
	writes bool
	// usesOnly reports that an operation that writes changes no object of the account by intent: it uses a credential,
	// copies data or adds a record to the audit trail. [ChangesObjects] depends on it.
	usesOnly bool
	// audience limits which kinds of callers may use the operation.
	audience audience
	// attempt counts an attempt to guess a secret of the input. It uses a transaction of its own,
	// which remains committed if the call fails.
	attempt func(c *call, in *I) error
	// access returns the actions and resources for which the caller needs permission. It is nil if AWS
	// documents that the operation needs no permission.
	access func(c *call, in *I) ([]access, error)
	// prepare does work that must not run inside a transaction, such as hashing a password. The
	// dispatcher authorizes the caller both before and after it.
	prepare func(c *call, in *I) error
	// run does the work of the operation within its transaction.
	run func(c *call, in *I) (*O, error)
	// describe changes the audit record if the input and output alone do not describe the call well.
	// The dispatcher also calls it for failed calls; out is then nil.
	describe func(c *call, in *I, out *O, event *audit.Event)
	// afterRecord does further work in the transaction that depends on the written audit record. Only
	// operations that write have it.
	afterRecord func(c *call, in *I, out *O) error
	// afterCommit does work that must follow the commit. The caller receives its error, but the
	// changes remain committed.
	afterCommit func(c *call, in *I, out *O) error

	model *model.Operation
}

// Operation is an operation of the registry. Entry points that offer every operation, such as a
// server, use it.
type Operation interface {
	// Model describes the operation's input and output.
	Model() *model.Operation
	// Writes reports whether the operation changes anything or uses a credential.
	Writes() bool
	// UsesOnly reports whether the operation writes, but changes no object of the account by intent.
	UsesOnly() bool
	// NewInput returns a pointer to an empty input.
	NewInput() any
	// Do calls the operation as the caller of a client. The input must have the type that NewInput
	// returns. The output is a pointer to the operation's output struct.
	Do(ctx context.Context, c *Client, in any) (any, error)
}

var registry = map[string]Operation{}

// register puts an operation of AWS's API into the registry.
func register[I, O any](op operation[I, O]) *operation[I, O] {
	found, ok := model.Lookup(op.name)
	if !ok {
		panic("engine: the service's model has no operation " + op.name)
	}
	return registerWithModel(op, found)
}

func registerWithModel[I, O any](op operation[I, O], operationModel *model.Operation) *operation[I, O] {
	op.model = operationModel
	if _, exists := registry[op.name]; exists {
		panic("engine: operation " + op.name + " is registered twice")
	}
	registry[op.name] = &op
	return &op
}

// Operations returns all operations ordered by name: those of AWS's APIs and those of
// [ExtensionAPI]. The service in an operation's model distinguishes them.
func Operations() iter.Seq[Operation] {
	return func(yield func(Operation) bool) {
		for _, name := range slices.Sorted(maps.Keys(registry)) {
			if !yield(registry[name]) {
				return
			}
		}
	}
}

// Lookup returns the operation with this name, such as CreateUser.
func Lookup(name string) (Operation, bool) {
	op, ok := registry[name]
	return op, ok
}

func (op *operation[I, O]) Model() *model.Operation { return op.model }
func (op *operation[I, O]) Writes() bool            { return op.writes }
func (op *operation[I, O]) UsesOnly() bool          { return op.usesOnly }
func (op *operation[I, O]) NewInput() any           { return new(I) }

func (op *operation[I, O]) Do(ctx context.Context, c *Client, in any) (any, error) {
	typed, ok := in.(*I)
	if !ok {
		return nil, fmt.Errorf("calling %s: the input is a %T; expected a %T", op.name, in, typed)
	}
	return do(ctx, c, op, typed)
}

// do is the dispatcher, which runs every operation. The package comment lists its steps in order.
func do[I, O any](ctx context.Context, client *Client, op *operation[I, O], in *I) (*O, error) {
	c := newCall(ctx, client, op)
	if in == nil {
		in = new(I)
	}
	in = model.Clone(in)
	var repeated *retries
	if op.writes {
		repeated = client.newRetries(ctx, op.name)
	}
	out, err := op.dispatch(c, in)
	for err != nil && repeated.again(ctx, err) {
		out, err = op.dispatch(c, in)
	}
	if err != nil {
		op.recordFailure(c, in, err)
		return nil, withRequestID(err, c.requestID)
	}
	if !op.writes {
		op.recordRead(c, in, out)
	}
	setRequestID(reflect.ValueOf(out).Elem(), c.requestID)
	return out, nil
}

func (op *operation[I, O]) dispatch(c *call, in *I) (*O, error) {
	if !c.caller.isAuthenticated() && (op.audience != anonymousCallers || !c.caller.anonymous) {
		return nil, errMissingToken()
	}
	if err := validateRequestID(c.caller.circumstances.RequestID); err != nil {
		return nil, err
	}
	if err := model.Validate(op.model, in); err != nil {
		return nil, err
	}
	if op.writes && c.engine.ReadOnly() {
		return nil, errReadOnlyStore(c.engine.path)
	}

	if op.attempt != nil {
		if err := op.attempt(c, in); err != nil {
			return nil, asAPIError(err)
		}
	}
	if op.prepare != nil {
		if err := op.prepareAuthorized(c, in); err != nil {
			return nil, asAPIError(err)
		}
	}

	transaction := c.engine.store.Read
	if op.writes {
		transaction = c.engine.store.Write
		if c.caller.operator == "" { // no policy limits the operator, so its calls need no snapshot
			if err := c.engine.snapshots.refresh(c.ctx, c.engine); err != nil {
				return nil, asAPIError(err)
			}
		}
	}
	var out *O
	err := transaction(c.ctx, func(tx store.Tx) error {
		if op.writes {
			tx = c.engine.trackChanges(tx)
		}
		c.begin(tx)
		if err := op.authorizeCaller(c, in); err != nil {
			return err
		}
		if err := c.recordUse(op.writes); err != nil {
			return err
		}
		var err error
		if out, err = op.run(c, in); err != nil || !op.writes {
			return err
		}
		if err := c.validateReadable(); err != nil {
			return err
		}
		if err := c.enforceAssertions(); err != nil {
			return err
		}
		if err := op.record(c, in, out); err != nil || op.afterRecord == nil {
			return err
		}
		return op.afterRecord(c, in, out)
	})
	if err != nil {
		return nil, asAPIError(err)
	}
	if op.writes {
		c.engine.commitGate(c.gateState)
		c.engine.trail.markCommitted(c.link)
		if c.changedObjects {
			c.engine.changes.Add(1)
			c.changed.Store(true)
		}
	}
	if op.afterCommit != nil {
		if err := op.afterCommit(c, in, out); err != nil {
			return nil, asAPIError(err)
		}
	}
	return out, nil
}

// prepareAuthorized authorizes the caller and then runs the operation's prepare function.
func (op *operation[I, O]) prepareAuthorized(c *call, in *I) error {
	err := c.engine.store.Read(c.ctx, func(tx store.Tx) error {
		c.begin(tx)
		return op.authorizeCaller(c, in)
	})
	if err != nil {
		return err
	}
	c.tx = nil
	return op.prepare(c, in)
}

// authorizeCaller identifies the caller and returns an error if the caller may not call the
// operation.
func (op *operation[I, O]) authorizeCaller(c *call, in *I) error {
	if op.audience == anonymousCallers {
		return nil
	}
	if err := c.identify(); err != nil {
		return err
	}
	if op.audience == localOperatorOnly && c.caller.operator == "" {
		return accessDenied("%s is for the local operator only: no policy can allow it to other callers", op.name)
	}
	if op.access == nil {
		return nil
	}
	needs, err := op.access(c, in)
	if err != nil {
		return err
	}
	return c.authorize(needs)
}
