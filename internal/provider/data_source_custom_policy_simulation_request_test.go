package provider

import (
	"testing"
)

func TestCustomPolicySimulationDataSource_RejectsInvalidRequest(t *testing.T) {
	testPlanErrors(t,
		planFails(`
data "iam_custom_policy_simulation" "s" {
  action_names = ["s3:Get*"]
}`, `wildcard`),
		planFails(`
data "iam_custom_policy_simulation" "s" {
  action_names  = ["s3:GetObject"]
  policies_json = [jsonencode({
    Version = "2012-10-17", Statement = [{ Effect = "allow", Action = "*", Resource = "*" }] })]
}`, `policies_json\[0\].*Effect is "allow"`),
		planFails(`
data "iam_custom_policy_simulation" "s" {
  action_names = ["s3:GetObject"]
  context {
    key    = "aws:SourceIp"
    type   = "ip"
    values = ["192.0.2.1", "192.0.2.2"]
  }
}`, `exactly one value`),
	)
}
