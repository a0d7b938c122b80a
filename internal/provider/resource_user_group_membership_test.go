package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestUserGroupMembershipResource_Lifecycle(t *testing.T) {
	a := newTestAccount(t)
	const address = "iam_user_group_membership.a"
	const config = usersAndGroupsConfig + `
resource "iam_user_group_membership" "a" {
  user   = iam_user.alice.name
  groups = [iam_group.readers.name, iam_group.writers.name]
}
`
	a.run(
		resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectKnownValue(address, tfjsonpath.New("id"), knownvalue.StringExact("alice/readers/writers")),
		}}},
		resource.TestStep{
			ResourceName:      address,
			ImportState:       true,
			ImportStateId:     "alice/readers/writers",
			ImportStateVerify: true,
		},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				a.expectMembers("readers", "alice")
				require(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{
					UserName: aws.String("carol"), GroupName: aws.String("readers"),
				}))
				require(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{
					UserName: aws.String("alice"), GroupName: aws.String("writers"),
				}))
			}),
			Config: config, ConfigPlanChecks: expectAction(address, plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig: func() {
				a.expectMembers("readers", "alice carol") // memberships of other users stay
				a.expectMembers("writers", "alice")
				a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
					require(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{
						UserName: aws.String("carol"), GroupName: aws.String("readers"),
					}))
				})()
			},
			Config: strings.Replace(config, `[iam_group.readers.name, iam_group.writers.name]`, `[iam_group.writers.name]`, 1),
		},
		resource.TestStep{PreConfig: func() { a.expectMembers("readers", "") }, Config: usersAndGroupsConfig},
		resource.TestStep{PreConfig: func() { a.expectMembers("writers", "") }, Config: usersAndGroupsConfig},
		planFails(usersAndGroupsConfig+`
resource "iam_user_group_membership" "a" {
  user   = iam_user.alice.name
  groups = [for i in range(11) : "g${i}"]
}`, `groups.*The configuration has 11, and the account allows 10`),
	)
}
