package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

func newPoliciesDataSource() datasource.DataSource {
	return &listing{typeName: "iam_policies", plural: "managed policies", list: listPolicies}
}

func listPolicies(ctx context.Context, c accountstore.API, prefix *string) ([]listed, error) {
	pages := iam.NewListPoliciesPaginator(c, &iam.ListPoliciesInput{PathPrefix: prefix})
	return paging.All(ctx, pages, func(page *iam.ListPoliciesOutput) []listed {
		out := make([]listed, 0, len(page.Policies))
		for _, one := range page.Policies {
			out = append(out, listed{*one.PolicyName, *one.Arn})
		}
		return out
	})
}
