package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/list"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/listing"
)

func newGroupListing() list.ListResource {
	return &listing.ListResource{
		TypeName: "iam_group", Plural: "groups", IdentityAttribute: "name", IdentityValue: listing.ByName,
		Objects: listGroups, State: stateOfGroup,
	}
}

func stateOfGroup(ctx context.Context, _ *lifecycle.Base, c accountstore.API, of listing.Object) (any, error) {
	got, err := c.GetGroup(ctx, &iam.GetGroupInput{GroupName: &of.Name, MaxItems: aws.Int32(1)})
	if err != nil {
		return nil, err
	}
	var m groupModel
	m.setFromAPI(got.Group)
	return &m, nil
}
