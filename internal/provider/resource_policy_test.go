package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestPolicyResource_Versions(t *testing.T) {
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
	action := func(a plancheck.ResourceActionType) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction("iam_policy.p", a)}}
	}
	const arn = "arn:aws:iam::000000000000:policy/x/p"
	steps := []resource.TestStep{
		{Config: policy("s3:GetObject", `description = "reads"`+"\n  tags = { a = \"b\" }")},
		{ResourceName: "iam_policy.p", ImportState: true, ImportStateId: arn, ImportStateVerify: true},
		{Config: policy("s3:GetObject", ""), ConfigPlanChecks: action(plancheck.ResourceActionDestroyBeforeCreate)}, // another description
	}
	// More versions than the account allows: the oldest are deleted.
	for i := range 7 {
		steps = append(steps,
			resource.TestStep{Config: policy(fmt.Sprint("s3:Get", i), ""), ConfigPlanChecks: action(plancheck.ResourceActionUpdate)})
	}
	steps = append(steps,
		resource.TestStep{
			PreConfig: a.outside(func(ctx context.Context, c *engine.Client) {
				versions := must(policyVersions(ctx, c, aws.String(arn)))
				if len(versions) != 5 || *versions[0].VersionId != "v8" {
					t.Errorf("the versions are %d, the newest %s", len(versions), *versions[0].VersionId)
				}
				must(c.SetDefaultPolicyVersion(ctx, &iam.SetDefaultPolicyVersionInput{
					PolicyArn: aws.String(arn), VersionId: aws.String("v4"),
				}))
			}),
			Config: policy("s3:Get6", ""), ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
		},
		planFails(strings.Replace(policy("s3:GetObject", ""), "/x/", "/a:b/", 1),
			`path must begin and end with a slash, such as /team/, with letters, digits`),
		planFails(strings.Replace(policy("s3:GetObject", ""), "2012-10-17", "2008-10-17", 1),
			`policy.*Policy document must be version 2012-10-17 or greater`),
		planFails(strings.Replace(policy("s3:GetObject", ""), `"*"`, `"arn:aws:s3:::`+long(6144)+`"`, 1),
			`Cannot exceed quota for PolicySize: 6144`),
		resource.TestStep{
			PreConfig: a.outside(func(ctx context.Context, c *engine.Client) {
				must(c.SetLimits(ctx, &engine.SetLimitsInput{Limits: map[string]int{"policy_size": 8000}}))
			}),
			Config: strings.Replace(policy("s3:GetObject", ""), `"*"`, `"arn:aws:s3:::`+long(6144)+`"`, 1),
		},
	)
	a.run(steps...)
	if left := must(a.client().ListPolicies(t.Context(), nil)).Policies; len(left) != 0 {
		t.Errorf("after the destroy there are %v", left)
	}
}

func TestPolicyResource_ImportByIdentity(t *testing.T) {
	testImportByIdentity(t, "iam_policy", "arn", accountARN+"policy/b/boundary", accountARN+"policy/b/boundary")
}

func TestPolicyResource_MoveFromAWS(t *testing.T) {
	testMoveFromAWS(t, "iam_policy",
		map[string]any{"name": "boundary", "arn": accountARN + "policy/b/boundary", "id": accountARN + "policy/b/boundary", "path": "/b/", "policy": someDocument, "policy_id": "ANPAOLD", "attachment_count": 0, "name_prefix": "", "description": ""})
}
