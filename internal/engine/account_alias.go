package engine

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// aliasSetting is the name of the setting with the account's alias.
const aliasSetting = "account-alias"

// alias returns the account's alias, or "" if it has none.
func (c *call) alias() (string, error) {
	text, err := c.tx.Setting(aliasSetting)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return string(text), err
}

// CreateAccountAlias sets the account's alias. An account has at most one: the new alias replaces an
// existing one.
func (c *Client) CreateAccountAlias(ctx context.Context, in *iam.CreateAccountAliasInput,
	_ ...func(*iam.Options)) (*iam.CreateAccountAliasOutput, error) {
	return do(ctx, c, createAccountAlias, in)
}

var createAccountAlias = register(operation[iam.CreateAccountAliasInput, iam.CreateAccountAliasOutput]{
	name: "CreateAccountAlias", writes: true,
	access: onAll[iam.CreateAccountAliasInput],
	run: func(c *call, in *iam.CreateAccountAliasInput) (*iam.CreateAccountAliasOutput, error) {
		alias, err := c.alias()
		if err != nil {
			return nil, err
		}
		if alias == *in.AccountAlias {
			return nil, entityAlreadyExists("The account alias %s already exists.", alias)
		}
		return &iam.CreateAccountAliasOutput{}, c.tx.PutSetting(aliasSetting, []byte(*in.AccountAlias))
	},
})

// DeleteAccountAlias deletes the account's alias.
func (c *Client) DeleteAccountAlias(ctx context.Context, in *iam.DeleteAccountAliasInput,
	_ ...func(*iam.Options)) (*iam.DeleteAccountAliasOutput, error) {
	return do(ctx, c, deleteAccountAlias, in)
}

var deleteAccountAlias = register(operation[iam.DeleteAccountAliasInput, iam.DeleteAccountAliasOutput]{
	name: "DeleteAccountAlias", writes: true,
	access: onAll[iam.DeleteAccountAliasInput],
	run: func(c *call, in *iam.DeleteAccountAliasInput) (*iam.DeleteAccountAliasOutput, error) {
		alias, err := c.alias()
		if err != nil {
			return nil, err
		}
		if alias != *in.AccountAlias {
			return nil, noSuchEntity("The account alias %s cannot be found.", *in.AccountAlias)
		}
		return &iam.DeleteAccountAliasOutput{}, c.tx.DeleteSetting(aliasSetting)
	},
})

// ListAccountAliases lists the account's alias, if it has one.
func (c *Client) ListAccountAliases(ctx context.Context, in *iam.ListAccountAliasesInput,
	_ ...func(*iam.Options)) (*iam.ListAccountAliasesOutput, error) {
	return do(ctx, c, listAccountAliases, in)
}

var listAccountAliases = register(operation[iam.ListAccountAliasesInput, iam.ListAccountAliasesOutput]{
	name:   "ListAccountAliases",
	access: onAll[iam.ListAccountAliasesInput],
	run: func(c *call, in *iam.ListAccountAliasesInput) (*iam.ListAccountAliasesOutput, error) {
		if _, err := pageOf(in.Marker, in.MaxItems, nil); err != nil {
			return nil, err
		}
		out := &iam.ListAccountAliasesOutput{AccountAliases: []string{}}
		alias, err := c.alias()
		if alias != "" && in.Marker == nil {
			out.AccountAliases = append(out.AccountAliases, alias)
		}
		return out, err
	},
})
