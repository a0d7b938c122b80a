package engine

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// operation is one entry of the registry. I and O are the SDK's input and output types.
type operation[I, O any] struct {
	name string
	// writes says that the operation changes something or uses a credential. It then runs in a
	// write transaction, together with its audit record.
	writes bool
	// access says what the caller must be allowed, each of it. Nil is for operations that need no
	// permission, as AWS's documentation says of them.
	access func(c *call, in *I) ([]access, error)
	// attempt comes first where the input has a secret that could be guessed at: it counts the attempt in a transaction of
	// its own, which stays when the call fails.
	attempt func(c *call, in *I) error
	// prepare does what must not be done inside a transaction because it takes long, such as
	// hashing a password. The caller has been authorized before, and is again afterwards.
	prepare func(c *call, in *I) error
	// run does it.
	run func(c *call, in *I) (*O, error)

	model *model.Operation
}

// Operation is an operation of the registry for those that put an interface on all of them.
type Operation interface {
	// Model is what the service's model says of the operation.
	Model() *model.Operation
	// Writes reports whether the operation changes anything or uses a credential.
	Writes() bool
	// NewInput makes an empty input: a pointer to the SDK's type.
	NewInput() any
	// Do does it. The input is what NewInput made; the output is a pointer to the SDK's type.
	Do(ctx context.Context, c *Client, in any) (any, error)
}

var registry = map[string]Operation{}

// register puts an operation into the registry.
func register[I, O any](op operation[I, O]) *operation[I, O] {
	found, ok := model.Lookup(op.name)
	if !ok {
		panic("engine: the service's model has no operation " + op.name)
	}
	op.model = found
	if _, twice := registry[op.name]; twice {
		panic("engine: operation " + op.name + " is registered twice")
	}
	registry[op.name] = &op
	return &op
}

// Operations lists the registry by name.
func Operations() iter.Seq[Operation] {
	return func(yield func(Operation) bool) {
		for _, name := range slices.Sorted(maps.Keys(registry)) {
			if !yield(registry[name]) {
				return
			}
		}
	}
}

// Lookup finds an operation by its name, such as CreateUser.
func Lookup(name string) (Operation, bool) {
	op, ok := registry[name]
	return op, ok
}

func (op *operation[I, O]) Model() *model.Operation { return op.model }
func (op *operation[I, O]) Writes() bool            { return op.writes }
func (op *operation[I, O]) NewInput() any           { return new(I) }

func (op *operation[I, O]) Do(ctx context.Context, c *Client, in any) (any, error) {
	typed, ok := in.(*I)
	if !ok {
		return nil, fmt.Errorf("calling %s with a %T, where it takes a %T", op.name, in, typed)
	}
	return do(ctx, c, op, typed)
}

// do is the dispatcher: what it does, it does for every operation. The order is that of the package's comment.
func do[I, O any](ctx context.Context, client *Client, op *operation[I, O], in *I) (*O, error) {
	c := newCall(ctx, client, op.model)
	if in == nil {
		in = new(I)
	}
	in = model.Clone(in)
	out, err := op.dispatch(c, in)
	if err != nil {
		c.failed(in, err)
		return nil, err
	}
	if !op.writes {
		c.read(in)
	}
	return out, nil
}

func (op *operation[I, O]) dispatch(c *call, in *I) (*O, error) {
	if !c.caller.known() {
		return nil, errMissingToken()
	}
	if err := model.Validate(op.model, in); err != nil {
		return nil, err
	}

	if op.attempt != nil {
		if err := op.attempt(c, in); err != nil {
			return nil, asAPIError(err)
		}
	}
	if op.prepare != nil {
		if err := op.getReady(c, in); err != nil {
			return nil, asAPIError(err)
		}
	}

	transaction := c.engine.store.Read
	if op.writes {
		transaction = c.engine.store.Write
		if c.caller.operator == "" { // of whom no policies are asked
			if err := c.engine.live.refresh(c.ctx, c.engine); err != nil {
				return nil, asAPIError(err)
			}
		}
	}
	var out *O
	err := transaction(c.ctx, func(tx store.Tx) error {
		c.begin(tx)
		if err := op.admit(c, in); err != nil {
			return err
		}
		if err := c.noteUse(op.writes); err != nil {
			return err
		}
		var err error
		if out, err = op.run(c, in); err != nil || !op.writes {
			return err
		}
		if err := c.understood(); err != nil {
			return err
		}
		return c.record(in, out)
	})
	if err != nil {
		return nil, asAPIError(err)
	}
	if op.writes {
		c.engine.trail.committed(c.link)
	}
	return out, nil
}

// getReady prepares the operation for a caller who may do it.
func (op *operation[I, O]) getReady(c *call, in *I) error {
	err := c.engine.store.Read(c.ctx, func(tx store.Tx) error {
		c.begin(tx)
		return op.admit(c, in)
	})
	if err != nil {
		return err
	}
	c.tx = nil
	return op.prepare(c, in)
}

// admit looks the caller up and decides whether it may.
func (op *operation[I, O]) admit(c *call, in *I) error {
	if err := c.identify(); err != nil {
		return err
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
