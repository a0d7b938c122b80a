package provider

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestGroupMembershipsExclusiveResource_Lifecycle(t *testing.T) {
	a := newTestAccount(t)
	const address = "iam_group_memberships_exclusive.admins"
	config := func(users, more string) string {
		return usersAndGroupsConfig + `
resource "iam_group_memberships_exclusive" "admins" {
  group_name = iam_group.admins.name
  users      = [` + users + `]
  ` + more + `
}
`
	}
	a.run(
		apply(config("iam_user.bob.name", "")),
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "admins", ImportStateVerify: true,
			ImportStateVerifyIdentifierAttribute: "group_name",
		},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{
					UserName: aws.String("carol"), GroupName: aws.String("admins"),
				}))
			}),
			Config: config("iam_user.bob.name", ""), ConfigPlanChecks: expectAction(address, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig: func() { a.expectMembers("admins", "bob") },
			Config:    config("", `on_destroy = "remove"`),
		},
		resource.TestStep{
			PreConfig: func() { a.expectMembers("admins", "") },
			Config:    config("iam_user.alice.name", `on_destroy = "remove"`),
		},
		apply(usersAndGroupsConfig),
		resource.TestStep{PreConfig: func() { a.expectMembers("admins", "") }, Config: usersAndGroupsConfig},
	)
}

func TestGroupMembershipsExclusiveResource_RejectsInvalidMember(t *testing.T) {
	newTestAccount(t).run(expectInvalidMember("group_memberships_exclusive", "group_name", "users", `"not a name"`,
		`users.*must have only letters.*got: not a name`))
}
