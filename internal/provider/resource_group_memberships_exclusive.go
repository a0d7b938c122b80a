package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/exclusiveset"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
)

func newGroupMembershipsExclusiveResource() resource.Resource {
	return exclusiveset.New(exclusiveset.Set{
		TypeName: "iam_group_memberships_exclusive", Owner: "group_name", Members: "users", FoldCase: true,
		Description: "All members of a group. The resource adds the listed users and removes every other member, " +
			"no matter who added it. To manage only some memberships, use `iam_user_group_membership`.",
		MembersDescription: "The names of the users. An empty set removes all members.",
		MemberValidators:   argument.NameValidators(64),
		Object:             func(group, user string) planned.Object { return planned.MemberObject(user, group) },
		List:               membersOf, UniqueID: policyowner.Groups.UniqueID,
		Add: func(ctx context.Context, c accountstore.API, group, user *string) error {
			_, err := c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: group, UserName: user})
			return err
		},
		Remove: func(ctx context.Context, c accountstore.API, group, user *string) error {
			_, err := c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: group, UserName: user})
			return err
		},
		Calls: []string{"AddUserToGroup", "RemoveUserFromGroup"},
	})
}
