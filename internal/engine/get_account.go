package engine

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// DescribeStoreInput is the empty input of [Client.DescribeStore].
type DescribeStoreInput struct{}

// DescribeStoreOutput identifies the account and its store.
type DescribeStoreOutput struct {
	AccountID string
	// StoreID is different for every store, even for two stores with the same account id. It never
	// changes. Backups of the store, and stores that are restored from them, have the same id.
	StoreID string

	ResultMetadata middleware.Metadata
}

// DescribeStore returns the ids of the account and of its store. Only the local operator may call
// DescribeStore.
func (c *Client) DescribeStore(ctx context.Context, in *DescribeStoreInput) (*DescribeStoreOutput, error) {
	return do(ctx, c, describeStore, in)
}

var describeStore = registerExtension("Returns the ids of the account and of its store.", nil,
	[]model.Member{
		idMember("Account", &idShape, "The account's id."),
		idMember("Store", &idShape, "The id of the store, which is different for every store."),
	},
	operation[DescribeStoreInput, DescribeStoreOutput]{
		name: "DescribeStore", audience: localOperatorOnly,
		run: func(c *call, _ *DescribeStoreInput) (*DescribeStoreOutput, error) {
			return &DescribeStoreOutput{AccountID: c.engine.account, StoreID: c.engine.storeID}, nil
		},
	})

// GetAccountInput is the empty input of [Client.GetAccount].
type GetAccountInput struct{}

// GetAccountOutput contains the account as the call's transaction saw it.
type GetAccountOutput struct {
	// Account is shared with other calls and never changes. It exists only in process, because it has no
	// form on the wire. ExportAccount returns the account as text.
	Account *account.Account

	ResultMetadata middleware.Metadata
}

// GetAccount returns the account as a value, to evaluate requests. Only the local operator may call
// GetAccount.
func (c *Client) GetAccount(ctx context.Context, in *GetAccountInput) (*GetAccountOutput, error) {
	return do(ctx, c, getAccount, in)
}

var getAccount = registerExtension("Returns the account as a value, to evaluate requests.", nil, nil,
	operation[GetAccountInput, GetAccountOutput]{
		name: "GetAccount", audience: localOperatorOnly,
		run: func(c *call, _ *GetAccountInput) (*GetAccountOutput, error) {
			snapshot, err := c.engine.snapshots.seenBy(c.engine, c.tx)
			return &GetAccountOutput{Account: snapshot}, err
		},
	})
