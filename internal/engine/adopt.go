package engine

import (
	"context"
	"errors"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AdoptedEvent is the name of the record that says that something was taken under the care of a configuration.
const AdoptedEvent = "AdoptResource"

// Adopt records that a user, group, role or policy, by its unique id, is from now on under the care of a configuration that
// did not make it. It changes nothing; the trail can then tell what is under nobody's care. Only the local operator may.
func (c *Client) Adopt(ctx context.Context, uniqueID string) error {
	return c.ownOperation(ctx, ownOperation{
		name: AdoptedEvent, parameters: map[string]any{"uniqueId": uniqueID}, access: operatorAlone,
		run: func(c *call) error {
			_, err := c.tx.IdentityByID(uniqueID)
			if errors.Is(err, store.ErrNotFound) {
				_, err = c.tx.PolicyByID(uniqueID)
			}
			if errors.Is(err, store.ErrNotFound) {
				return noSuchEntity("There is no user, group, role or policy with the unique id %s.", uniqueID)
			}
			c.about(uniqueID)
			return err
		},
	})
}
