package engine

import (
	"context"
	"fmt"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// ExportAccountInput is the empty input of [Client.ExportAccount].
type ExportAccountInput struct{}

// ExportAccountOutput contains the account as text.
type ExportAccountOutput struct {
	Text []byte // JSON

	ResultMetadata middleware.Metadata
}

// ExportAccount returns the account from one snapshot, in the form of `aws iam
// get-account-authorization-details`. It adds three members that AWS omits: descriptions of roles,
// maximum session durations of roles, and tags of policies. The form has no place for credentials
// and settings; a backup contains them. Only the local operator may call ExportAccount.
func (c *Client) ExportAccount(ctx context.Context, in *ExportAccountInput) (*ExportAccountOutput, error) {
	return do(ctx, c, exportAccount, in)
}

var exportAccount = registerExtension("Returns the account in the form of GetAccountAuthorizationDetails.", nil,
	[]model.Member{member("Text", &bytesShape, "The account as JSON.")},
	operation[ExportAccountInput, ExportAccountOutput]{
		name: "ExportAccount", audience: localOperatorOnly,
		run: func(c *call, _ *ExportAccountInput) (*ExportAccountOutput, error) {
			exported, err := c.exportedAccount()
			if err != nil {
				return nil, fmt.Errorf("exporting account %s: %w", c.engine.account, err)
			}
			text, err := exported.AuthorizationDetails()
			return &ExportAccountOutput{Text: text}, err
		},
	})

// exportedAccount returns the account for an export. Unlike the snapshots for evaluation, it
// contains all versions of policies, the last use of roles, and trust policies with ARNs. Of AWS's
// managed policies it contains only those in use.
func (c *call) exportedAccount() (*account.Account, error) {
	var changes []account.Change
	policies, err := c.tx.Policies(store.PolicyFilter{}, store.Page{})
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		if p.Owner != "" && p.Attachments+p.Boundaries == 0 {
			continue
		}
		versions, err := c.tx.PolicyVersions(p.ID)
		if err != nil {
			return nil, err
		}
		changes = append(changes, policyValue(c.engine.policyARN(p), p, versions...))
	}
	for _, kind := range []store.Kind{store.Group, store.User, store.Role} {
		identities, err := c.tx.Identities(kind, store.Page{})
		if err != nil {
			return nil, err
		}
		for _, i := range identities {
			if kind == store.Role {
				if i.Trust, err = c.trustWithARNs(i.Trust); err != nil {
					return nil, err
				}
			}
			change, err := c.engine.identityChange(c.tx, i)
			if err != nil {
				return nil, err
			}
			changes = append(changes, change)
		}
	}
	assertions, err := c.assertionDetails()
	if err != nil {
		return nil, err
	}
	return account.New(c.engine.account).With(append(changes, assertions)...)
}
