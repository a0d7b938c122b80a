package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
)

func newGroupsDataSource() datasource.DataSource {
	return &listing{typeName: "iam_groups", plural: "groups", list: listGroups}
}

func listGroups(ctx context.Context, c api, prefix *string) ([]listed, error) {
	pages := iam.NewListGroupsPaginator(c, &iam.ListGroupsInput{PathPrefix: prefix})
	return allOf(ctx, pages, func(page *iam.ListGroupsOutput) []listed {
		out := make([]listed, 0, len(page.Groups))
		for _, one := range page.Groups {
			out = append(out, listed{*one.GroupName, *one.Arn})
		}
		return out
	})
}
