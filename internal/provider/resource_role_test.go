package provider

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestRoleResource_Lifecycle(t *testing.T) {
	a := newTestAccount(t)
	role := func(arguments string) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "deployer" }
resource "iam_policy" "b" {
  name   = "b"
  policy = jsonencode(%s)
}
resource "iam_role" "r" {
  name = "deploy"
  assume_role_policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Principal = { AWS = iam_user.u.arn }, Action = "sts:AssumeRole" }] })
  %s
}`, exampleDocument, arguments)
	}
	a.run(
		resource.TestStep{
			Config: role(`description = "deploys"
  max_session_duration = 7200
  permissions_boundary = iam_policy.b.arn
  tags                 = { a = "b" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue("iam_role.r", tfjsonpath.New("arn"),
					knownvalue.StringExact("arn:aws:iam::000000000000:role/deploy")),
			}},
		},
		resource.TestStep{ResourceName: "iam_role.r", ImportState: true, ImportStateId: "deploy", ImportStateVerify: true},
		resource.TestStep{
			Config:           role(`force_detach_policies = true`),
			ConfigPlanChecks: expectAction("iam_role.r", plancheck.ResourceActionUpdate),
		},
		// The role trusted the deleted user, not the new user with the same name, so the resource writes the trust
		// policy again.
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: aws.String("deployer")}))
				require(c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
					RoleName: aws.String("deploy"), PolicyName: aws.String("x"), PolicyDocument: aws.String(exampleDocument),
				}))
			}),
			Config:           role(`force_detach_policies = true`),
			ConfigPlanChecks: expectAction("iam_role.r", plancheck.ResourceActionUpdate),
		},
		planFails(role(`max_session_duration = 100`), `max_session_duration value must be between 3600 and 43200, got: 100`),
	)
	if all := require(a.client().ListRoles(t.Context(), nil)).Roles; len(all) != 0 {
		t.Errorf("roles remain after the destroy: %v", all)
	}
}

func TestRoleResource_ImportsByIdentity(t *testing.T) {
	testImportByIdentity(t, "iam_role", "name", "deploy", accountARN+"role/ci/deploy")
}

func TestRoleResource_MovesFromAWS(t *testing.T) {
	testMoveFromAWS(t, "iam_role",
		map[string]any{"name": "deploy", "arn": "x", "id": "deploy", "path": "/", "name_prefix": "", "inline_policy": []any{},
			"managed_policy_arns": []any{}, "assume_role_policy": serviceTrustPolicy, "max_session_duration": 3600,
			"force_detach_policies": false, "create_date": "2020-01-01T00:00:00Z", "unique_id": "AROAOLD", "description": ""})
}
