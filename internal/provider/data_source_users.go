package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

func newUsersDataSource() datasource.DataSource {
	return &listing{typeName: "iam_users", plural: "users", list: listUsers}
}

func listUsers(ctx context.Context, c accountstore.API, prefix *string) ([]listed, error) {
	pages := iam.NewListUsersPaginator(c, &iam.ListUsersInput{PathPrefix: prefix})
	return paging.All(ctx, pages, func(page *iam.ListUsersOutput) []listed {
		out := make([]listed, 0, len(page.Users))
		for _, one := range page.Users {
			out = append(out, listed{*one.UserName, *one.Arn})
		}
		return out
	})
}
