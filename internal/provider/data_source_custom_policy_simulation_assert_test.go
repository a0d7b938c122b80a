package provider

import (
	"testing"
)

func TestCustomPolicySimulationDataSource_FailsPlanOnViolatedAssertion(t *testing.T) {
	testPlanErrors(t,
		planFails(simulationPolicies+`
data "iam_custom_policy_simulation" "s" {
  policies_json = [local.reader, local.deny]
  assert {
    expect        = "Allowed"
    action_names  = ["s3:GetObject"]
    resource_arns = ["arn:aws:s3:::reports/a"]
    message       = "Reports must stay readable."
  }
}`,
			`Access is not as expected.*s3:GetObject on arn:aws:s3:::reports/a: expected `+
				`Allowed.*policies_json\[1\].*NoS3.*must stay readable`),
		planFails(simulationPolicies+`
data "iam_custom_policy_simulation" "s" {
  policies_json = [local.mfa]
  assert {
    expect       = "NeverAllowed"
    action_names = ["iam:DeleteUser"]
  }
}`, `could be with other values of the context.*WithMFA`),
		// Terraform reads the data source in apply, because a policy is unknown. The assertion still fails in the plan.
		planFails(simulationPolicies+`
resource "terraform_data" "late" { input = local.reader }
data "iam_custom_policy_simulation" "s" {
  policies_json = [terraform_data.late.output, local.deny]
  assert {
    expect        = "Allowed"
    action_names  = ["s3:GetObject"]
    resource_arns = ["arn:aws:s3:::reports/a"]
  }
}`, `Access is not as expected`),
	)
}
