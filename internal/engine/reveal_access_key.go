package engine

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// RevealAccessKeyInput identifies an access key of a user. Both members are required.
type RevealAccessKeyInput struct {
	UserName    string
	AccessKeyID string
}

// RevealAccessKeyOutput contains the secret of the access key.
type RevealAccessKeyOutput struct {
	SecretAccessKey string

	ResultMetadata middleware.Metadata
}

// RevealAccessKey returns the secret of a user's access key, which AWS returns only when it creates
// the key. Only the local operator may call it. The operator
// can read all secrets anyway, with the database file and the master key. The audit trail records the call.
func (c *Client) RevealAccessKey(ctx context.Context, in *RevealAccessKeyInput) (*RevealAccessKeyOutput, error) {
	return do(ctx, c, revealAccessKey, in)
}

var revealAccessKey = registerExtension("Returns the secret of a user's access key.",
	[]model.Member{
		required(member("UserName", &nameShape, "The user's name.")),
		required(idMember("AccessKey", &idShape, "The id of the access key.")),
	},
	[]model.Member{sensitive(member("SecretAccessKey", &textShape, "The secret of the access key."))},
	operation[RevealAccessKeyInput, RevealAccessKeyOutput]{
		name: "RevealAccessKey", writes: true, usesOnly: true, audience: localOperatorOnly,
		run: func(c *call, in *RevealAccessKeyInput) (*RevealAccessKeyOutput, error) {
			key, err := c.accessKeyOf(&in.UserName, in.AccessKeyID)
			if err != nil {
				return nil, err
			}
			plain, err := c.open(credential.AccessKeySecret, key.ID, key.Secret)
			return &RevealAccessKeyOutput{SecretAccessKey: string(plain)}, err
		},
	})
