package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

func newRolesDataSource() datasource.DataSource {
	return &listing{typeName: "iam_roles", plural: "roles", list: listRoles}
}

func listRoles(ctx context.Context, c accountstore.API, prefix *string) ([]listed, error) {
	pages := iam.NewListRolesPaginator(c, &iam.ListRolesInput{PathPrefix: prefix})
	return paging.All(ctx, pages, func(page *iam.ListRolesOutput) []listed {
		out := make([]listed, 0, len(page.Roles))
		for _, one := range page.Roles {
			out = append(out, listed{*one.RoleName, *one.Arn})
		}
		return out
	})
}
