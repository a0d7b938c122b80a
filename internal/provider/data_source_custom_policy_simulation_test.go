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

func TestCustomPolicySimulationDataSource_DerivesKeysOfCaller(t *testing.T) {
	testOutputs(t, `
locals {
  role    = "arn:aws:iam::111111111111:role/break-glass"
  user    = "arn:aws:iam::111111111111:user/zoe"
  session = "arn:aws:sts::111111111111:assumed-role/break-glass/zoe"
  full  = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }
  guard = { Version = "2012-10-17", Statement = [
    { Sid = "All", Effect = "Allow", Action = "*", Resource = "*" },
    { Sid = "Break", Effect = "Deny", Action = "s3:*", Resource = "*",
      Condition = { ArnNotLike = { "aws:PrincipalArn" = "arn:aws:iam::*:role/break-glass" } } }] }
  bucket = { Version = "2012-10-17", Statement = [{ Sid = "OnlyOurs", Effect = "Deny", Principal = "*", Action = "s3:*",
    Resource = "*", Condition = { StringNotEquals = { "aws:PrincipalAccount" = "111111111111" } } }] }
  home = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*",
    Resource = "arn:aws:s3:::h/$${aws:username}/*",
    Condition = { StringEquals = { "aws:PrincipalType" = "User" } } }] }
}
data "iam_custom_policy_simulation" "exempt" {
  count                    = 3
  caller_arn               = [local.role, local.user, local.session][count.index]
  policies_json            = [jsonencode(local.full)]
  service_control_policies = [[jsonencode(local.guard)]]
  resource_policy_json     = jsonencode(local.bucket)
  action_names             = ["s3:GetObject"]
  resource_arns            = ["arn:aws:s3:::b/k"]
}
data "iam_custom_policy_simulation" "unknown_policy" {
  caller_arn              = local.role
  policies_json           = [jsonencode(local.full)]
  action_names            = ["s3:GetObject"]
  resource_arns           = ["arn:aws:s3:::b/k"]
  unknown_resource_policy = true
}
output "data" {
  value = [for s in data.iam_custom_policy_simulation.exempt : s.results[0].decision]
}
output "unknown" { value = data.iam_custom_policy_simulation.unknown_policy.results[0].decision }
output "functions" { value = [
  provider::iam::simulate({ principal = local.role, identity = local.full, scps = [[local.guard]],
    action = "s3:GetObject", resource = "arn:aws:s3:::b/k" }).decision,
  provider::iam::simulate({ principal = local.user, identity = local.full, scps = [[local.guard]],
    action = "s3:GetObject", resource = "arn:aws:s3:::b/k" }).decision,
  provider::iam::simulate({ principal = local.user, identity = local.home,
    action = "s3:GetObject", resource = "arn:aws:s3:::h/zoe/k" }).decision,
  provider::iam::simulate({ principal = local.role, identity = local.full, unknown_resource_policy = true,
    action = "s3:GetObject", resource = "arn:aws:s3:::b/k" }).decision,
] }
`, map[string]knownvalue.Check{
		"data":      tuple("allowed", "explicitDeny", "unknown"),
		"unknown":   knownvalue.StringExact("unknown"),
		"functions": tuple("Allowed", "ExplicitlyDenied", "Allowed", "Unknown"),
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
		planFails(`
data "iam_custom_policy_simulation" "s" {
  action_names            = ["s3:GetObject"]
  caller_arn              = "arn:aws:iam::111111111111:user/zoe"
  resource_policy_json    = jsonencode({ Statement = { Effect = "Deny", Principal = "*", Action = "*",
    Resource = "*" } })
  unknown_resource_policy = true
}`, `unknown_resource_policy: The question has a resource_policy`),
		planFails(`
data "iam_custom_policy_simulation" "s" {
  action_names  = ["s3:GetObject"]
  policies_json = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}`, `Expected a policy document, found the ARN`),
		planFails(`
locals { full = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] } }
output "s" {
  value = provider::iam::simulate({ action = "s3:GetObject", identity = local.full, scps = [local.full, local.full] })
}`, `(?s)scps: The list has 2\s+policies that are not in a level`),
	)
}
