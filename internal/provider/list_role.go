package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/listing"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
)

func newRoleListing() list.ListResource {
	return &listing.ListResource{
		TypeName: "iam_role", Plural: "roles", IdentityAttribute: "name", IdentityValue: listing.ByName, Objects: listRoles,
		State: stateOfRole,
	}
}

func stateOfRole(ctx context.Context, r *lifecycle.Base, c accountstore.API, of listing.Object) (any, error) {
	got, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: &of.Name})
	if err != nil {
		return nil, err
	}
	m := roleModel{Tags: types.MapNull(types.StringType), Trust: policytext.Text{Kind: policy.Trust}}
	err = m.setFromAPI(r, got.Role)
	return &m, err
}
