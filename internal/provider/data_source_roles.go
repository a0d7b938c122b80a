package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/listing"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

func newRolesDataSource() datasource.DataSource {
	return &listing.DataSource{TypeName: "iam_roles", Plural: "roles", List: listRoles}
}

func listRoles(ctx context.Context, c accountstore.API, prefix *string) ([]listing.Object, error) {
	pages := iam.NewListRolesPaginator(c, &iam.ListRolesInput{PathPrefix: prefix})
	return paging.All(ctx, pages, func(page *iam.ListRolesOutput) []listing.Object {
		out := make([]listing.Object, 0, len(page.Roles))
		for _, one := range page.Roles {
			out = append(out, listing.Object{Name: *one.RoleName, ARN: *one.Arn})
		}
		return out
	})
}
