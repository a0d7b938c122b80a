package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// ownOperation is an operation that AWS's API does not have. Policies know it as the operation of AWS's that comes nearest,
// and the trail by its own name.
type ownOperation struct {
	name       string
	parameters map[string]any // as they are recorded
	reads      bool           // changes nothing
	access     func(c *call) ([]access, error)
	run        func(c *call) error
}

// ownOperation does it as the dispatcher does those of the registry.
func (c *Client) ownOperation(ctx context.Context, op ownOperation) error {
	call := newCall(ctx, c, &model.Operation{Service: "iam", Name: op.name})
	err := call.dispatchOwn(op)
	if err == nil && !op.reads {
		c.engine.trail.committed(call.link)
		return nil
	}
	event := call.ownEvent(op)
	var api smithy.APIError
	if errors.As(err, &api) {
		event.ErrorCode = api.ErrorCode()
		event.ErrorMessage, _, _ = strings.Cut(api.ErrorMessage(), encodedMessage)
	}
	if err == nil || api != nil {
		c.engine.trail.hold(event)
	}
	return err
}

func (c *call) dispatchOwn(op ownOperation) error {
	if !c.caller.known() {
		return errMissingToken()
	}
	transaction := c.engine.store.Write
	if op.reads {
		transaction = c.engine.store.Read
	} else if c.caller.operator == "" {
		if err := c.engine.live.refresh(c.ctx, c.engine); err != nil {
			return asAPIError(err)
		}
	}
	return asAPIError(transaction(c.ctx, func(tx store.Tx) (err error) {
		c.begin(tx)
		if err := c.identify(); err != nil {
			return err
		}
		needs, err := op.access(c)
		if err != nil {
			return err
		}
		if err := c.authorize(needs); err != nil {
			return err
		}
		if err := op.run(c); err != nil || op.reads {
			return err
		}
		event := c.ownEvent(op)
		c.link, err = c.engine.trail.append(tx, event, append(slices.Clone(c.subjects), resourceARNs(event)...))
		return err
	}))
}

func (c *call) ownEvent(op ownOperation) audit.Event {
	event := c.newEvent()
	event.RequestParameters = op.parameters
	event.ReadOnly = op.reads
	return event
}
