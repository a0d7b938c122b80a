package provider

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

// TestPolicyDocument compares with the output of the AWS provider's data source of the same configuration.
func TestPolicyDocument(t *testing.T) {
	outputs(t, `
data "iam_policy_document" "source" {
  statement {
    sid       = "SidToOverride"
    actions   = ["s3:*"]
    resources = ["*"]
  }
  statement {
    actions   = ["ec2:*"]
    resources = ["*"]
  }
}
data "iam_policy_document" "override" {
  policy_id = "override"
  statement {
    sid         = "SidToOverride"
    effect      = "Deny"
    not_actions = ["s3:Get*", "s3:List*"]
    not_resources = [
      "arn:aws:s3:::b",
      "arn:aws:s3:::b/&{aws:username}/*",
    ]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["", "home/&{aws:username}/<x>"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:UserAgent"
      values   = ["a"]
    }
  }
}
data "iam_policy_document" "merged" {
  source_policy_documents   = [data.iam_policy_document.source.json, null]
  override_policy_documents = [data.iam_policy_document.override.json]
  statement {
    sid       = "Own"
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
  }
}
data "iam_policy_document" "trust" {
  kind    = "trust"
  version = "2012-10-17"
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root", "111122223333"]
    }
  }
}
data "iam_policy_document" "empty" {}
data "iam_policy_document" "kept" {
  source_policy_documents = [jsonencode({ Statement = { Effect = "Allow", Action = ["b:x", "a:x"], Resource = ["*"], Sid = "Kept", Condition = { Bool = { "aws:SecureTransport" = [true] } } }, Version = "2008-10-17" })]
}
output "merged" { value = data.iam_policy_document.merged.json }
output "trust" { value = data.iam_policy_document.trust.minified_json }
output "empty" { value = [data.iam_policy_document.empty.minified_json, data.iam_policy_document.empty.version, data.iam_policy_document.empty.id != ""] }
output "kept" { value = data.iam_policy_document.kept.minified_json }
output "function" {
  value = provider::iam::policy_document([{ sid = "SidToOverride", actions = ["s3:*"], resources = ["*"] }, { actions = ["ec2:*"], resources = ["*"] }]) == data.iam_policy_document.source.json
}
`, map[string]knownvalue.Check{
		"merged": knownvalue.StringExact(`{
  "Version": "2012-10-17",
  "Id": "override",
  "Statement": [
    {
      "Sid": "SidToOverride",
      "Effect": "Deny",
      "NotAction": [
        "s3:List*",
        "s3:Get*"
      ],
      "NotResource": [
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:s3:::b"
      ],
      "Condition": {
        "StringLike": {
          "aws:UserAgent": "a",
          "s3:prefix": [
            "",
            "home/${aws:username}/\u003cx\u003e"
          ]
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": "ec2:*",
      "Resource": "*"
    },
    {
      "Sid": "Own",
      "Effect": "Allow",
      "Action": "sqs:SendMessage",
      "Resource": "*"
    }
  ]
}`),
		"trust": knownvalue.StringExact(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
			`"Principal":{"AWS":["arn:aws:iam::123456789012:root","111122223333"],"Service":"firehose.amazonaws.com"}}]}`),
		"empty": tuple(`{"Version":"2012-10-17"}`, "2012-10-17", true),
		"kept": knownvalue.StringExact(`{"Version":"2012-10-17","Statement":[{"Sid":"Kept","Effect":"Allow","Action":["b:x","a:x"],"Resource":["*"],` +
			`"Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}`),
		"function": knownvalue.Bool(true),
	})
}

// refused plans a configuration and expects an error.
func refused(config string, expect string) resource.TestStep {
	return resource.TestStep{Config: config, PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)` + expect)}
}

func TestDataSourcesRefuse(t *testing.T) {
	terraformPath(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{
			// The operator is wrong although the resource is known only after apply.
			refused(`
resource "terraform_data" "late" { input = "late" }
data "iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${terraform_data.late.output}/*"]
    condition {
      test     = "StringEqual"
      variable = "aws:username"
      values   = ["ana"]
    }
  }
}`, `statement\[0\].condition|StringEqual.*is no\s+condition operator`),
			refused(`
data "iam_policy_document" "d" {
  statement {
    sid       = "A"
    actions   = ["*"]
    resources = ["*"]
  }
  statement {
    sid       = "A"
    actions   = ["GetObject"]
    resources = ["*"]
  }
}`, `statement 0\s+already\s+has\s+the\s+sid\s+"A"`),
			refused(`
data "iam_policy_document" "d" {
  source_policy_documents = [
    jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", Action = "*", Resource = "*" }] }),
    jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", Action = "*", Resource = "*" }] }),
  ]
}`, `Duplicate sid.*override_policy_documents`),
			refused(`
data "iam_policy_document" "d" {
  override_policy_documents = ["{\"Statement\":[{\"Effect\":\"Allow\"}]}"]
}`, `override_policy_documents\[0\].*neither\s+Action\s+nor\s+NotAction`),
			refused(`
data "iam_policy_document" "d" {
  kind = "role"
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}`, `"role" is no\s+kind of policy`),
			refused(`
data "iam_custom_policy_simulation" "s" {
  action_names             = ["s3:GetObject"]
  resource_handling_option = "EC2-VPC-InstanceStore"
}`, `Not supported`),
			refused(`
data "iam_custom_policy_simulation" "s" {
  action_names = ["s3:Get*"]
}`, `wildcard`),
			refused(`data "iam_custom_policy_simulation" "s" {}`, `Nothing to decide`),
			refused(`
data "iam_custom_policy_simulation" "s" {
  action_names  = ["s3:GetObject"]
  policies_json = ["{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"]
}`, `policies_json\[0\].*Effect is "allow"`),
			refused(`
data "iam_custom_policy_simulation" "s" {
  action_names = ["s3:GetObject"]
  context {
    key    = "aws:SourceIp"
    type   = "ip"
    values = ["192.0.2.1", "192.0.2.2"]
  }
}`, `exactly one value`),
		},
	})
}

const simulationPolicies = `
locals {
  reader = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Read", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/*" }] })
  mfa    = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "WithMFA", Effect = "Allow", Action = "iam:DeleteUser", Resource = "*", Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }] })
  deny   = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "NoS3", Effect = "Deny", Action = "s3:*", Resource = "*" }] })
  full   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
`

func TestCustomPolicySimulation(t *testing.T) {
	outputs(t, simulationPolicies+`
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
output "get" { value = [local.get.decision, local.get.allowed, local.get.matched_statements[0].source_policy_id, local.get.matched_statements[0].source_policy_type, local.get.matched_statements[0].sid, local.get.matched_statements[0].line] }
output "put" { value = [local.put.decision, local.put.allowed, length(local.put.matched_statements), local.put.decision_details["identity"]] }
output "all" { value = [data.iam_custom_policy_simulation.s.all_allowed, data.iam_custom_policy_simulation.asserted.all_allowed] }
output "layers" { value = [local.layered.decision, local.layered.matched_statements[0].source_policy_id, local.layered.decision_details["scps[0]"], local.layered.decision_details["scps[1]"]] }
`, map[string]knownvalue.Check{
		"get":    tuple("allowed", true, "policies_json[1]", "identity", "Read", 1),
		"put":    tuple("implicitDeny", false, 0, "implicitDeny"),
		"all":    tuple(false, false),
		"layers": tuple("explicitDeny", "service_control_policies[1][1]", "allowed", "explicitDeny"),
	})
}

func TestAssertionsFailThePlan(t *testing.T) {
	terraformPath(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{
			refused(simulationPolicies+`
data "iam_custom_policy_simulation" "s" {
  policies_json = [local.reader, local.deny]
  assert {
    expect        = "Allowed"
    action_names  = ["s3:GetObject"]
    resource_arns = ["arn:aws:s3:::reports/a"]
    message       = "Reports must stay readable."
  }
}`, `Access is not as expected.*s3:GetObject on arn:aws:s3:::reports/a: expected\s+Allowed.*policies_json\[1\].*NoS3.*must stay readable`),
			refused(simulationPolicies+`
data "iam_custom_policy_simulation" "s" {
  policies_json = [local.mfa]
  assert {
    expect       = "NeverAllowed"
    action_names = ["iam:DeleteUser"]
  }
}`, `could be with other values of\s+the\s+context.*WithMFA`),
			// Something is unknown, so the data source is read in apply; the assertion fails at plan all the same.
			refused(simulationPolicies+`
resource "terraform_data" "late" { input = local.reader }
data "iam_custom_policy_simulation" "s" {
  policies_json = [terraform_data.late.output, local.deny]
  assert {
    expect        = "Allowed"
    action_names  = ["s3:GetObject"]
    resource_arns = ["arn:aws:s3:::reports/a"]
  }
}`, `Access is not as expected`),
		},
	})
}
