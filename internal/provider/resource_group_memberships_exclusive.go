package provider

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
)

func newGroupMembershipsExclusiveResource() resource.Resource {
	return newExclusiveSet(exclusiveSet{
		typeName: "iam_group_memberships_exclusive", owner: "group_name", members: "users", fold: true,
		description: "All users of a group: others are taken out, whoever put them in, and those that are " +
			"missing are put in. For some groups of one user, " +
			"`iam_user_group_membership` leaves other memberships alone.",
		memberText: "The names of the users. An empty set takes out all.", memberIs: nameIs(64),
		has: membersOf, uniqueID: groups.uniqueID,
		add: func(ctx context.Context, c accountstore.API, group, user *string) error {
			_, err := c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: group, UserName: user})
			return err
		},
		drop: func(ctx context.Context, c accountstore.API, group, user *string) error {
			_, err := c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{GroupName: group, UserName: user})
			return err
		},
		calls: []string{"AddUserToGroup", "RemoveUserFromGroup"},
	})
}
