package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/listing"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

func newUsersDataSource() datasource.DataSource {
	return &listing.DataSource{TypeName: "iam_users", Plural: "users", List: listUsers}
}

func listUsers(ctx context.Context, c accountstore.API, prefix *string) ([]listing.Object, error) {
	pages := iam.NewListUsersPaginator(c, &iam.ListUsersInput{PathPrefix: prefix})
	return paging.All(ctx, pages, func(page *iam.ListUsersOutput) []listing.Object {
		out := make([]listing.Object, 0, len(page.Users))
		for _, one := range page.Users {
			out = append(out, listing.Object{Name: *one.UserName, ARN: *one.Arn})
		}
		return out
	})
}
