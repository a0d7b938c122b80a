package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newUserListing() list.ListResource {
	return &resourceListing{
		typeName: "iam_user", plural: "users", identity: "name", name: byName, list: listUsers, state: stateOfUser,
	}
}

func stateOfUser(ctx context.Context, r *lifecycle.Base, c accountstore.API, of listed) (any, error) {
	got, err := c.GetUser(ctx, &iam.GetUserInput{UserName: &of.name})
	if err != nil {
		return nil, err
	}
	m := userModel{Tags: types.MapNull(types.StringType)}
	m.setFromAPI(r, got.User)
	return &m, nil
}
