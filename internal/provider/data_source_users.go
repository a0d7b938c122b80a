package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
)

func newUsersDataSource() datasource.DataSource {
	return &listing{typeName: "iam_users", plural: "users", list: listUsers}
}

func listUsers(ctx context.Context, c api, prefix *string) ([]listed, error) {
	pages := iam.NewListUsersPaginator(c, &iam.ListUsersInput{PathPrefix: prefix})
	return allOf(ctx, pages, func(page *iam.ListUsersOutput) []listed {
		out := make([]listed, 0, len(page.Users))
		for _, one := range page.Users {
			out = append(out, listed{*one.UserName, *one.Arn})
		}
		return out
	})
}
