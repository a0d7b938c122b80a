package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
)

func TestAccountPasswordPolicyResource_Lifecycle(t *testing.T) {
	a := newTestAccount(t)
	const config = `
resource "iam_account_password_policy" "p" {
  minimum_password_length      = 14
  require_numbers              = true
  max_password_age             = 90
  password_reuse_prevention    = 24
}`
	a.run(
		apply(config),
		resource.TestStep{
			ResourceName:      "iam_account_password_policy.p",
			ImportState:       true,
			ImportStateId:     passwordPolicyID,
			ImportStateVerify: true,
		},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.DeleteAccountPasswordPolicy(ctx, nil))
			}),
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("iam_account_password_policy.p", plancheck.ResourceActionCreate),
			}},
		},
		planFails(`resource "iam_account_password_policy" "p" { minimum_password_length = 5 }`,
			`at least one of|between 6 and 128`),
	)
	if _, err := a.client().GetAccountPasswordPolicy(t.Context(), nil); !apierror.IsMissing(err) {
		t.Errorf("reading the password policy after the destroy returns %v, want a missing policy", err)
	}
}
