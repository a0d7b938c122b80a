package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/listing"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

func newPoliciesDataSource() datasource.DataSource {
	return &listing.DataSource{TypeName: "iam_policies", Plural: "managed policies", List: listPolicies}
}

func listPolicies(ctx context.Context, c accountstore.API, prefix *string) ([]listing.Object, error) {
	// AWS's policies are not objects of the account.
	in := &iam.ListPoliciesInput{PathPrefix: prefix, Scope: iamtypes.PolicyScopeTypeLocal}
	pages := iam.NewListPoliciesPaginator(c, in)
	return paging.All(ctx, pages, func(page *iam.ListPoliciesOutput) []listing.Object {
		out := make([]listing.Object, 0, len(page.Policies))
		for _, one := range page.Policies {
			out = append(out, listing.Object{Name: *one.PolicyName, ARN: *one.Arn})
		}
		return out
	})
}
