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

func TestGroupResource_Lifecycle(t *testing.T) {
	a := newTestAccount(t)
	const renamed = `resource "iam_group" "g" {
  name          = "developers"
  path          = "/x/"
  force_destroy = true
}`
	a.run(
		apply(`resource "iam_group" "g" { name = "devs" }`),
		resource.TestStep{ResourceName: "iam_group.g", ImportState: true, ImportStateId: "devs", ImportStateVerify: true},
		resource.TestStep{Config: renamed, ConfigPlanChecks: expectAction("iam_group.g", plancheck.ResourceActionUpdate)},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: aws.String("developers"), NewPath: aws.String("/y/")}))
			}),
			Config: renamed, ConfigPlanChecks: expectAction("iam_group.g", plancheck.ResourceActionUpdate),
		},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x")}))
				require(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{
					UserName: aws.String("x"), GroupName: aws.String("developers"),
				}))
			}),
			Config: `# no resources`, // force_destroy removes the member first
		},
	)
	if all := require(a.client().ListGroups(t.Context(), nil)).Groups; len(all) != 0 {
		t.Errorf("groups remain after the destroy: %v", all)
	}
}

func TestGroupResource_ImportsByIdentity(t *testing.T) {
	testImportByIdentity(t, "iam_group", "name", "readers", accountARN+"group/readers")
}

func TestGroupResource_MovesFromAWS(t *testing.T) {
	testMoveFromAWS(t, "iam_group",
		map[string]any{"name": "readers", "arn": "x", "id": "readers", "path": "/", "unique_id": "AGPAOLD"})
}
