package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/listing"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

func newGroupsDataSource() datasource.DataSource {
	return &listing.DataSource{TypeName: "iam_groups", Plural: "groups", List: listGroups}
}

func listGroups(ctx context.Context, c accountstore.API, prefix *string) ([]listing.Object, error) {
	pages := iam.NewListGroupsPaginator(c, &iam.ListGroupsInput{PathPrefix: prefix})
	return paging.All(ctx, pages, func(page *iam.ListGroupsOutput) []listing.Object {
		out := make([]listing.Object, 0, len(page.Groups))
		for _, one := range page.Groups {
			out = append(out, listing.Object{Name: *one.GroupName, ARN: *one.Arn})
		}
		return out
	})
}
