package engine

import (
	"context"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
)

// RevealAccessKey gives the secret of a user's access key, which AWS gives only once. Whoever has the store and its master
// key has all secrets in any case, so only the local operator may ask, and the trail says that it was done.
func (c *Client) RevealAccessKey(ctx context.Context, userName, accessKeyID string) (secret string, err error) {
	err = c.ownOperation(ctx, ownOperation{
		name: "RevealAccessKey", parameters: map[string]any{"userName": userName, "accessKeyId": accessKeyID}, access: operatorAlone,
		run: func(c *call) error {
			key, err := c.accessKeyOf(&userName, accessKeyID)
			if err != nil {
				return err
			}
			plain, err := c.open(credential.AccessKeySecret, key.ID, key.Secret)
			secret = string(plain)
			return err
		},
	})
	return secret, err
}
