package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/listing"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
)

func newPolicyListing() list.ListResource {
	return &listing.ListResource{
		TypeName:          "iam_policy",
		Plural:            "managed policies",
		IdentityAttribute: "arn",
		IdentityValue:     listing.ByARN,
		Objects:           listPolicies,
		State:             stateOfPolicy,
	}
}

func stateOfPolicy(ctx context.Context, r *lifecycle.Base, c accountstore.API, of listing.Object) (any, error) {
	m := policyModel{
		ARN:    types.StringValue(of.ARN),
		Tags:   types.MapNull(types.StringType),
		Policy: policytext.Text{Kind: policy.Identity},
	}
	err := m.setFromAPI(ctx, r, c)
	return &m, err
}
