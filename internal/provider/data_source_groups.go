package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

func newGroupsDataSource() datasource.DataSource {
	return &listing{typeName: "iam_groups", plural: "groups", list: listGroups}
}

func listGroups(ctx context.Context, c accountstore.API, prefix *string) ([]listed, error) {
	pages := iam.NewListGroupsPaginator(c, &iam.ListGroupsInput{PathPrefix: prefix})
	return paging.All(ctx, pages, func(page *iam.ListGroupsOutput) []listed {
		out := make([]listed, 0, len(page.Groups))
		for _, one := range page.Groups {
			out = append(out, listed{*one.GroupName, *one.Arn})
		}
		return out
	})
}
