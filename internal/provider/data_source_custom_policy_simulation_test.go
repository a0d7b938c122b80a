package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

const simulationPolicies = `
locals {
  reader = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Read", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/*" }] })
  mfa    = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "WithMFA", Effect = "Allow", Action = "iam:DeleteUser", Resource = "*",
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }] })
  deny   = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "NoS3", Effect = "Deny", Action = "s3:*", Resource = "*" }] })
  full   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
`

func TestCustomPolicySimulationDataSource_ReturnsResults(t *testing.T) {
	testOutputs(t, simulationPolicies+`
data "iam_custom_policy_simulation" "s" {
  action_names  = ["s3:GetObject", "s3:PutObject"]
  resource_arns = ["arn:aws:s3:::reports/a"]
  caller_arn    = "arn:aws:iam::123456789012:user/ana"
  policies_json = [local.mfa, local.reader]
}
data "iam_custom_policy_simulation" "layers" {
  action_names                       = ["s3:GetObject"]
  resource_arns                      = ["arn:aws:s3:::reports/a"]
  policies_json                      = [local.reader]
  permissions_boundary_policies_json = [local.full]
  service_control_policies           = [[local.full], [local.full, local.deny]]
}
data "iam_custom_policy_simulation" "asserted" {
  policies_json = [local.mfa, local.reader]
  context {
    key    = "aws:MultiFactorAuthPresent"
    type   = "boolean"
    values = ["true"]
  }
  context {
    key    = "aws:TagKeys"
    type   = "stringList"
    values = ["a", "b"]
  }
  assert {
    expect       = "Allowed"
    action_names = ["iam:DeleteUser"]
  }
  assert {
    expect        = "ImplicitlyDenied"
    action_names  = ["s3:PutObject", "s3:DeleteObject"]
    resource_arns = ["arn:aws:s3:::reports/a"]
  }
  assert {
    expect       = "NeverAllowed"
    action_names = ["iam:CreateUser"]
  }
}
locals {
  results = { for r in data.iam_custom_policy_simulation.s.results : r.action_name => r }
  get     = local.results["s3:GetObject"]
  put     = local.results["s3:PutObject"]
  layered = data.iam_custom_policy_simulation.layers.results[0]
}
output "get" {
  value = [local.get.decision, local.get.allowed, local.get.matched_statements[0].source_policy_id,
    local.get.matched_statements[0].source_policy_type, local.get.matched_statements[0].sid,
    local.get.matched_statements[0].line]
}
output "put" {
  value = [local.put.decision, local.put.allowed, length(local.put.matched_statements),
    local.put.decision_details["identity"]]
}
output "all" {
  value = [data.iam_custom_policy_simulation.s.all_allowed, data.iam_custom_policy_simulation.asserted.all_allowed]
}
output "layers" {
  value = [local.layered.decision, local.layered.matched_statements[0].source_policy_id,
    local.layered.decision_details["scps[0]"], local.layered.decision_details["scps[1]"]]
}
`, map[string]knownvalue.Check{
		"get":    tuple("allowed", true, "policies_json[1]", "identity", "Read", 1),
		"put":    tuple("implicitDeny", false, 0, "implicitDeny"),
		"all":    tuple(false, false),
		"layers": tuple("explicitDeny", "service_control_policies[1][1]", "allowed", "explicitDeny"),
	})
}

func TestCustomPolicySimulationDataSource_RejectsInvalidArguments(t *testing.T) {
	testPlanErrors(t,
		planFails(`
data "iam_custom_policy_simulation" "s" {
  action_names             = ["s3:GetObject"]
  resource_handling_option = "EC2-VPC-InstanceStore"
}`, `resource_handling_option is not supported`),
		planFails(`data "iam_custom_policy_simulation" "s" {}`, `No request to simulate`),
	)
}
