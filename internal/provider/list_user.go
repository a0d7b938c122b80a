package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/listing"
)

func newUserListing() list.ListResource {
	return &listing.ListResource{
		TypeName: "iam_user", Plural: "users", IdentityAttribute: "name", IdentityValue: listing.ByName, Objects: listUsers,
		State: stateOfUser,
	}
}

func stateOfUser(ctx context.Context, r *lifecycle.Base, c accountstore.API, of listing.Object) (any, error) {
	got, err := c.GetUser(ctx, &iam.GetUserInput{UserName: &of.Name})
	if err != nil {
		return nil, err
	}
	m := userModel{Tags: types.MapNull(types.StringType)}
	m.setFromAPI(r, got.User)
	return &m, nil
}
