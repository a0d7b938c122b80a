package engine

import (
	"context"
	"errors"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AdoptedEvent is the event name of [Client.AdoptResource] in the audit trail.
const AdoptedEvent = "AdoptResource"

// AdoptResourceInput identifies the entity that a configuration now manages.
type AdoptResourceInput struct {
	// UniqueID is the id of a user, group, role or managed policy. It is required.
	UniqueID string
}

// AdoptResourceOutput is the empty output of [Client.AdoptResource].
type AdoptResourceOutput struct{ ResultMetadata middleware.Metadata }

// AdoptResource records that a Terraform configuration now manages an entity that it did not create. It changes nothing
// but the audit trail, which thus shows the entities that no configuration manages. Only the local operator may call
// AdoptResource.
func (c *Client) AdoptResource(ctx context.Context, in *AdoptResourceInput) (*AdoptResourceOutput, error) {
	return do(ctx, c, adoptResource, in)
}

var adoptResource = registerExtension(
	"Records that a Terraform configuration manages an entity that it did not create.",
	[]model.Member{required(idMember("Unique", &idShape, "The unique id of a user, group, role or managed policy."))},
	nil,
	operation[AdoptResourceInput, AdoptResourceOutput]{
		name: AdoptedEvent, writes: true, audience: localOperatorOnly,
		run: func(c *call, in *AdoptResourceInput) (*AdoptResourceOutput, error) {
			_, err := c.tx.IdentityByID(in.UniqueID)
			if errors.Is(err, store.ErrNotFound) {
				_, err = c.tx.PolicyByID(in.UniqueID)
			}
			if errors.Is(err, store.ErrNotFound) {
				return nil, noSuchEntity("The user, group, role or policy with unique id %q cannot be found.", in.UniqueID)
			}
			c.addAuditSubject(in.UniqueID)
			return &AdoptResourceOutput{}, err
		},
	})
