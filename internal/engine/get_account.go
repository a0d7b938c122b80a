package engine

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// DescribeStoreInput is the empty input of [Client.DescribeStore].
type DescribeStoreInput struct{}

// DescribeStoreOutput says which account it is, and which store of that account.
type DescribeStoreOutput struct {
	AccountID string
	// StoreID tells the store from every other, also from one of the same account. It stays the same as long as the
	// store exists, in its backups and in what is restored from them.
	StoreID string

	ResultMetadata middleware.Metadata
}

// DescribeStore returns the ids of the account and of its store. It is for the local operator.
func (c *Client) DescribeStore(ctx context.Context, in *DescribeStoreInput) (*DescribeStoreOutput, error) {
	return do(ctx, c, describeStore, in)
}

var describeStore = registerExtension("Returns the ids of the account and of its store.", nil,
	[]model.Member{
		idMember("Account", &idShape, "The account's id."),
		idMember("Store", &idShape, "The id that tells the store from every other."),
	},
	operation[DescribeStoreInput, DescribeStoreOutput]{
		name: "DescribeStore", audience: localOperatorOnly,
		run: func(c *call, _ *DescribeStoreInput) (*DescribeStoreOutput, error) {
			return &DescribeStoreOutput{AccountID: c.engine.account, StoreID: c.engine.storeID}, nil
		},
	})

// GetAccountInput is the empty input of [Client.GetAccount].
type GetAccountInput struct{}

// GetAccountOutput has the account as it was when it was read.
type GetAccountOutput struct {
	// Account is shared and never changes. A wire protocol has no form for it: ExportAccount has the same as text.
	Account *account.Account

	ResultMetadata middleware.Metadata
}

// GetAccount returns the account as a value to evaluate requests against. It is for the local operator.
func (c *Client) GetAccount(ctx context.Context, in *GetAccountInput) (*GetAccountOutput, error) {
	return do(ctx, c, getAccount, in)
}

var getAccount = registerExtension("Returns the account as a value to evaluate requests against.", nil, nil,
	operation[GetAccountInput, GetAccountOutput]{
		name: "GetAccount", audience: localOperatorOnly,
		run: func(c *call, _ *GetAccountInput) (*GetAccountOutput, error) {
			now, err := c.engine.snapshots.seenBy(c.engine, c.tx)
			return &GetAccountOutput{Account: now}, err
		},
	})
