package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestPolicyResource_DeletesOldestVersion(t *testing.T) {
	a := newTestAccount(t)
	policy := func(action, more string) string {
		return fmt.Sprintf(`
resource "iam_policy" "p" {
  name   = "p"
  path   = "/x/"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = %q, Resource = "*" }] })
  %s
}`, action, more)
	}
	expectPolicyAction := func(a plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("iam_policy.p", a)}}
	}
	const arn = "arn:aws:iam::000000000000:policy/x/p"
	steps := []resource.TestStep{
		{Config: policy("s3:GetObject", `description = "reads"`+"\n  tags = { a = \"b\" }")},
		{ResourceName: "iam_policy.p", ImportState: true, ImportStateId: arn, ImportStateVerify: true},
		// The description cannot change in place.
		{
			Config:           policy("s3:GetObject", ""),
			ConfigPlanChecks: expectPolicyAction(plancheck.ResourceActionDestroyBeforeCreate),
		},
	}
	// These are more versions than the account allows, so the resource deletes the oldest ones.
	for i := range 7 {
		steps = append(steps,
			resource.TestStep{Config: policy(fmt.Sprint("s3:Get", i), ""),
				ConfigPlanChecks: expectPolicyAction(plancheck.ResourceActionUpdate)})
	}
	steps = append(steps,
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				versions := require(policyVersions(ctx, c, aws.String(arn)))
				if len(versions) != 5 || *versions[0].VersionId != "v8" {
					t.Errorf("the policy has %d versions, the newest is %s", len(versions), *versions[0].VersionId)
				}
				require(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{
					PolicyArn: aws.String(arn), VersionId: aws.String("v4"),
				}))
			}),
			Config: policy("s3:Get6", ""), ConfigPlanChecks: expectPolicyAction(plancheck.ResourceActionUpdate),
		},
		planFails(strings.Replace(policy("s3:GetObject", ""), "/x/", "/a:b/", 1),
			`path must begin and end with a slash, such as /team/, with only letters, digits`),
		planFails(strings.Replace(policy("s3:GetObject", ""), "2012-10-17", "2008-10-17", 1),
			`policy.*Policy document must be version 2012-10-17 or greater`),
		planFails(strings.Replace(policy("s3:GetObject", ""), `"*"`, `"arn:aws:s3:::`+longText(6144)+`"`, 1),
			`Cannot exceed quota for PolicySize: 6144`),
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.SetLimits(ctx, &engine.SetLimitsInput{Limits: map[string]int{"policy_size": 8000}}))
			}),
			Config: strings.Replace(policy("s3:GetObject", ""), `"*"`, `"arn:aws:s3:::`+longText(6144)+`"`, 1),
		},
	)
	a.run(steps...)
	local := &iam.ListPoliciesInput{Scope: "Local"}
	if remaining := require(a.client().ListPolicies(t.Context(), local)).Policies; len(remaining) != 0 {
		t.Errorf("policies remain after the destroy: %v", remaining)
	}
}

func TestPolicyResource_ImportsByIdentity(t *testing.T) {
	testImportByIdentity(t, "iam_policy", "arn", accountARN+"policy/b/boundary", accountARN+"policy/b/boundary")
}

func TestPolicyResource_MovesFromAWS(t *testing.T) {
	testMoveFromAWS(t, "iam_policy",
		map[string]any{"name": "boundary", "arn": accountARN + "policy/b/boundary", "id": accountARN + "policy/b/boundary",
			"path": "/b/", "policy": exampleDocument, "policy_id": "ANPAOLD", "attachment_count": 0, "name_prefix": "",
			"description": ""})
}

// An attachment changes the count of the next read, and no plan.
func TestPolicyResource_AttachmentCount(t *testing.T) {
	a := newTestAccount(t)
	config := fmt.Sprintf(`
resource "iam_user" "u" { name = "u" }
resource "iam_policy" "p" {
  name   = "p"
  policy = jsonencode(%s)
}
resource "iam_user_policy_attachment" "a" {
  user       = iam_user.u.name
  policy_arn = iam_policy.p.arn
}`, exampleDocument)
	count := func(n int64) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownValue("iam_policy.p", tfjsonpath.New("attachment_count"),
			knownvalue.Int64Exact(n))}
	}
	a.run(
		resource.TestStep{Config: config},
		resource.TestStep{Config: config, ConfigStateChecks: count(1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("g")}))
				require(c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: aws.String("g"),
					PolicyArn: aws.String(accountARN + "policy/p")}))
			}),
			Config: config, ConfigStateChecks: count(2),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: aws.String("g"),
					PolicyArn: aws.String(accountARN + "policy/p")}))
			}),
			Config: config, ConfigStateChecks: count(1),
		},
	)
}
