package provider

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// These tests call the functions through Terraform. Each batches many calls, since a run of Terraform
// takes longer than all of them.

// functionsNeed is the oldest Terraform that has provider functions.
var functionsNeed = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_8_0)}

// policiesConfig holds policies that the configurations of the tests share.
const policiesConfig = `
locals {
  reader = {
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Read"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]
    }]
  }
  with_mfa = {
    Version = "2012-10-17"
    Statement = {
      Sid       = "WithMFA"
      Effect    = "Allow"
      Action    = "iam:DeleteUser"
      Resource  = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = true } }
    }
  }
  deny_all = {
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }]
  }
}
`

// outputs checks the values of outputs at plan and after apply: a value that is known at plan must be the
// same afterwards, and these are all known.
func outputs(t *testing.T, config string, want map[string]knownvalue.Check) {
	t.Helper()
	var planned []plancheck.PlanCheck
	var applied []statecheck.StateCheck
	for name, check := range want {
		planned = append(planned, plancheck.ExpectKnownOutputValue(name, check))
		applied = append(applied, statecheck.ExpectKnownOutputValue(name, check))
	}
	terraformPath(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{{
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: planned},
			ConfigStateChecks: applied,
		}},
	})
}

func TestAllowsAndCouldAllow(t *testing.T) {
	yes, no := knownvalue.Bool(true), knownvalue.Bool(false)
	outputs(t, policiesConfig+`
locals {
  object = "arn:aws:s3:::reports/2026.csv"
  user   = "arn:aws:iam::123456789012:user/ana"
}
output "object" { value = provider::iam::allows(local.reader, "s3:GetObject", local.object) }
output "text" { value = provider::iam::allows(jsonencode(local.reader), "s3:GetObject", local.object) }
output "list" { value = provider::iam::allows([jsonencode(local.reader), jsonencode(local.deny_all)], "s3:GetObject", local.object) }
output "tuple" { value = provider::iam::allows([local.reader, jsonencode(local.with_mfa)], "s3:GetObject", local.object) }
output "set" { value = provider::iam::allows(toset([jsonencode(local.reader)]), "s3:GetObject", local.object) }
output "map" { value = provider::iam::allows({ reader = local.reader, "more/mfa" = local.with_mfa }, "s3:GetObject", local.object) }
output "none" { value = provider::iam::allows([], "s3:GetObject", local.object) }
output "case" { value = provider::iam::allows(local.reader, "S3:getobject", local.object) }
output "all_of" { value = provider::iam::allows(local.reader, ["s3:GetObject", "s3:PutObject"], local.object) }
output "each_on_each" { value = provider::iam::allows(local.reader, ["s3:GetObject", "s3:ListBucket"], [local.object, "arn:aws:s3:::reports"]) }
output "one_resource_of_two" { value = provider::iam::allows(local.reader, "s3:GetObject", [local.object, "arn:aws:s3:::other/x"]) }
output "condition_not_met" { value = provider::iam::allows(local.with_mfa, "iam:DeleteUser", local.user) }
output "condition_met" { value = provider::iam::allows(local.with_mfa, "iam:DeleteUser", local.user, { "aws:MultiFactorAuthPresent" = true }) }
output "condition_contradicted" { value = provider::iam::allows(local.with_mfa, "iam:DeleteUser", local.user, { "aws:multifactorauthpresent" = "false" }) }
output "optional_attributes" {
  value = provider::iam::allows({ Version = "2012-10-17", Id = null, Statement = [{ Sid = null, Effect = "Allow", Action = "s3:GetObject", NotAction = null, Resource = "*" }] }, "s3:GetObject", local.object)
}
output "could_with_condition" { value = provider::iam::could_allow(local.with_mfa, "iam:DeleteUser", local.user) }
output "could_contradicted" { value = provider::iam::could_allow(local.with_mfa, "iam:DeleteUser", local.user, { "aws:MultiFactorAuthPresent" = false }) }
output "could_not" { value = provider::iam::could_allow(local.reader, "s3:DeleteObject", local.object) }
output "could_denied" { value = provider::iam::could_allow([local.with_mfa, local.deny_all], "iam:DeleteUser", local.user) }
output "could_one_of_two" { value = provider::iam::could_allow(local.reader, ["s3:DeleteObject", "s3:GetObject"], local.object) }
`, map[string]knownvalue.Check{
		"object": yes, "text": yes, "list": no, "tuple": yes, "set": yes, "map": yes, "none": no, "case": yes,
		"all_of": no, "each_on_each": yes, "one_resource_of_two": no,
		"condition_not_met": no, "condition_met": yes, "condition_contradicted": no, "optional_attributes": yes,
		"could_with_condition": yes, "could_contradicted": no, "could_not": no, "could_denied": no, "could_one_of_two": yes,
	})
}

func TestSimulate(t *testing.T) {
	outputs(t, policiesConfig+`
locals {
  request = {
    principal = "arn:aws:iam::123456789012:user/ana"
    action    = "s3:GetObject"
    resource  = "arn:aws:s3:::reports/2026.csv"
    identity  = { reader = local.reader }
  }
  allowed  = provider::iam::simulate(local.request)
  denied   = provider::iam::simulate(merge(local.request, { scps = [[local.reader], { guard = jsonencode(local.deny_all) }] }))
  missed   = provider::iam::simulate(merge(local.request, { identity = jsonencode(local.with_mfa), action = "iam:DeleteUser" }))
  declared = provider::iam::simulate(merge(local.request, { identity = local.with_mfa, action = "iam:DeleteUser", unknown_context_keys = ["aws:MultiFactorAuthPresent"] }))
}
output "allowed" { value = [local.allowed.decision, local.allowed.allowed, local.allowed.nearest_miss == null, local.allowed.deciding_statements[0].policy, local.allowed.deciding_statements[0].sid, local.allowed.deciding_statements[0].line == null, local.allowed.layers[0].layer] }
output "denied" { value = [local.denied.decision, local.denied.allowed, local.denied.deciding_statements[0].policy, local.denied.deciding_statements[0].layer, local.denied.deciding_statements[0].level, local.denied.deciding_statements[0].line] }
output "missed" { value = [local.missed.decision, local.missed.nearest_miss.sid, local.missed.nearest_miss.failures[0].element, local.missed.nearest_miss.failures[0].key, local.missed.missing_context_keys[0], local.missed.nearest_miss.effect] }
output "declared" { value = [local.declared.decision, local.declared.allowed == null, length(local.declared.hangs_on)] }
output "others" { value = [
  provider::iam::simulate({ principal = "anonymous", action = "s3:GetObject", resource = "arn:aws:s3:::pub/x", resource_account = "123456789012",
    resource_policy = { Version = "2012-10-17", Statement = { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::pub/*" } } }).allowed,
  provider::iam::simulate({ principal = null, action = "s3:GetObject", resource = "arn:aws:s3:::reports/x", identity = local.reader, boundary = local.with_mfa }).allowed,
  provider::iam::simulate({ action = "s3:GetObject", resource = "arn:aws:s3:::reports/x", identity = [], group = [local.reader] }).allowed,
] }
`, map[string]knownvalue.Check{
		"allowed":  tuple("Allowed", true, true, "reader", "Read", true, "identity"),
		"denied":   tuple("ExplicitlyDenied", false, "guard", "scps", 1, 1),
		"missed":   tuple("ImplicitlyDenied", "WithMFA", "Condition", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthPresent", "Allow"),
		"declared": tuple("Unknown", true, 1),
		"others":   tuple(true, false, true),
	})
}

// tuple is the check of a tuple of strings, booleans and numbers.
func tuple(values ...any) knownvalue.Check {
	checks := make([]knownvalue.Check, len(values))
	for i, value := range values {
		switch v := value.(type) {
		case string:
			checks[i] = knownvalue.StringExact(v)
		case bool:
			checks[i] = knownvalue.Bool(v)
		case int:
			checks[i] = knownvalue.Int64Exact(int64(v))
		case knownvalue.Check:
			checks[i] = v
		}
	}
	return knownvalue.ListExact(checks)
}

func TestDocumentFunctions(t *testing.T) {
	outputs(t, policiesConfig+`
locals {
  statement = {
    sid           = "Home"
    actions       = ["s3:GetObject", "s3:PutObject", "s3:GetObject"]
    resources     = ["arn:aws:s3:::home/&{aws:username}/*"]
    conditions    = [
      { test = "StringLike", variable = "s3:prefix", values = ["", "home/&{aws:username}/"] },
      { test = "Bool", variable = "aws:SecureTransport", values = true },
      { test = "StringLike", variable = "aws:UserAgent", values = ["b", "a"] },
    ]
    principals    = [{ type = "AWS", identifiers = ["111122223333", "123456789012"] }, { type = "Service", identifiers = ["ec2.amazonaws.com"] }]
    not_resources = null
  }
  role = provider::iam::arn_parse("arn:aws:iam::123456789012:role/a:b")
}
output "document" { value = provider::iam::policy_document(local.statement) }
output "list" { value = provider::iam::policy_document([{ actions = "*", resources = "*" }, { effect = "Deny", not_actions = ["iam:*"], not_resources = ["*"] }]) }
output "whole" { value = provider::iam::policy_document({ version = "2008-10-17", policy_id = "p", statements = { actions = ["sts:AssumeRole"], principals = { type = "*", identifiers = "*" } } }) }
output "parsed" { value = [local.role.partition, local.role.service, local.role.region, local.role.account_id, local.role.resource] }
output "built" { value = provider::iam::arn_build("aws", "s3", "", "", "bucket/a:b") }
output "broken" { value = provider::iam::validate_policy("{\n  \"Version\": }", "identity")[0] }
output "operator" { value = provider::iam::validate_policy({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*", Condition = { StringEqual = { a = "b" } } }] }, "scp")[0] }
output "fine" { value = length(provider::iam::validate_policy(jsonencode(local.reader), "identity")) }
`, map[string]knownvalue.Check{
		"document": knownvalue.StringExact(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Home",
      "Effect": "Allow",
      "Action": [
        "s3:PutObject",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::home/${aws:username}/*",
      "Principal": {
        "AWS": [
          "123456789012",
          "111122223333"
        ],
        "Service": "ec2.amazonaws.com"
      },
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "true"
        },
        "StringLike": {
          "aws:UserAgent": [
            "b",
            "a"
          ],
          "s3:prefix": [
            "",
            "home/${aws:username}/"
          ]
        }
      }
    }
  ]
}`),
		"list": knownvalue.StringExact(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    },
    {
      "Effect": "Deny",
      "NotAction": "iam:*",
      "NotResource": "*"
    }
  ]
}`),
		"whole": knownvalue.StringExact(`{
  "Version": "2008-10-17",
  "Id": "p",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Principal": "*"
    }
  ]
}`),
		"parsed":   tuple("aws", "iam", "", "123456789012", "role/a:b"),
		"built":    knownvalue.StringExact("arn:aws:s3:::bucket/a:b"),
		"broken":   knownvalue.ObjectPartial(map[string]knownvalue.Check{"kind": knownvalue.StringExact("ERROR"), "code": knownvalue.StringExact("JSON_SYNTAX_ERROR"), "line": knownvalue.Int64Exact(2), "column": knownvalue.Int64Exact(14)}),
		"operator": knownvalue.ObjectPartial(map[string]knownvalue.Check{"code": knownvalue.StringExact("INVALID_CONDITION_OPERATOR"), "path": knownvalue.StringExact("$.Statement[0].Condition.StringEqual"), "line": knownvalue.Null()}),
		"fine":     knownvalue.Int64Exact(0),
	})
}

func TestNormalizeAndEqual(t *testing.T) {
	outputs(t, policiesConfig+`
locals {
  shuffled = <<-EOT
    {"Statement": {"Resource": ["arn:aws:s3:::reports/*", "arn:aws:s3:::reports"], "Action": ["s3:ListBucket", "s3:GetObject"], "Effect": "Allow", "Sid": "Read"}, "Version": "2012-10-17"}
  EOT
}
output "same" { value = provider::iam::normalize_policy(local.shuffled) == provider::iam::normalize_policy(local.reader) }
output "again" { value = provider::iam::normalize_policy(provider::iam::normalize_policy(local.shuffled)) == provider::iam::normalize_policy(local.shuffled) }
output "equal" { value = provider::iam::policies_equal(local.shuffled, local.reader) }
output "different" { value = provider::iam::policies_equal(local.deny_all, local.reader) }
`, map[string]knownvalue.Check{
		"same": knownvalue.Bool(true), "again": knownvalue.Bool(true), "equal": knownvalue.Bool(true), "different": knownvalue.Bool(false),
	})
}

// TestUnknowns plans while values are unknown and then applies: what is known at plan stays, what is
// unknown becomes what the functions say of the known values.
func TestUnknowns(t *testing.T) {
	yes, no := knownvalue.Bool(true), knownvalue.Bool(false)
	config := policiesConfig + `
resource "terraform_data" "late" { input = "late" }
resource "terraform_data" "late_policy" { input = jsonencode(local.with_mfa) }
resource "terraform_data" "late_number" { input = 5 }
locals {
  late        = terraform_data.late.output
  late_policy = terraform_data.late_policy.output
  object      = "arn:aws:s3:::reports/2026.csv"
  mixed       = { Version = "2012-10-17", Statement = [
    local.reader.Statement[0],
    { Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::${local.late}/*" },
  ] }
  request = { action = "s3:GetObject", resource = local.object, identity = local.reader }
  certain = provider::iam::simulate(merge(local.request, { boundary = local.deny_all, context = { "aws:UserAgent" = local.late } }))
  hanging = provider::iam::simulate(merge(local.request, { boundary = local.late_policy }))
  either  = provider::iam::simulate({ action = "s3:PutObject", resource = local.object, identity = {
    Version = "2012-10-17", Statement = { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { StringEquals = { "aws:UserAgent" = local.late } } } }, context = { "aws:UserAgent" = "x" } })
}
# Known at plan, though a part is unknown.
output "known_part" { value = provider::iam::allows(local.mixed, "s3:GetObject", local.object) }
output "denied_anyway" { value = provider::iam::allows([local.deny_all, local.late_policy], "s3:GetObject", local.object) }
output "allowed_anyway" { value = provider::iam::allows({ Version = "2012-10-17", Statement = { Effect = "Allow", Action = "*", Resource = "*" } }, "s3:GetObject", "arn:aws:s3:::reports/${local.late}") }
output "other_action" { value = provider::iam::could_allow(local.mixed, "iam:CreateUser", "*") }
output "could_known_part" { value = provider::iam::could_allow([local.reader, local.mixed], "s3:GetObject", local.object) }
output "certain" { value = [local.certain.decision, local.certain.allowed] }
output "either_allowed" { value = local.either.allowed }
# Unknown at plan.
output "unknown_part" { value = provider::iam::allows(local.mixed, "s3:PutObject", "arn:aws:s3:::late/x") }
output "unknown_policy" { value = provider::iam::allows(local.late_policy, "s3:GetObject", local.object) }
output "could_unknown_policy" { value = provider::iam::could_allow(local.late_policy, "iam:DeleteUser", "*") }
output "hanging" { value = local.hanging.decision }
output "hanging_layers" { value = length(local.hanging.layers) }
output "certain_reason" { value = local.certain.reason != "" }
output "either_decision" { value = local.either.decision }
output "document" { value = provider::iam::policy_document({ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::${local.late}/*"] }) != "" }
output "normalized" { value = provider::iam::normalize_policy(local.late_policy) != "" }
output "equal" { value = provider::iam::policies_equal(local.late_policy, local.with_mfa) }
output "findings" { value = provider::iam::validate_policy(local.late_policy, "boundary") != null }
output "declared_later" { value = provider::iam::simulate(merge(local.request, { unknown_context_keys = [local.late] })).decision }
`
	var known, unknown []plancheck.PlanCheck
	var applied []statecheck.StateCheck
	for name, check := range map[string]knownvalue.Check{
		"known_part": yes, "denied_anyway": no, "allowed_anyway": yes, "other_action": no, "could_known_part": yes,
		"certain": tuple("ExplicitlyDenied", false), "either_allowed": no,
	} {
		known = append(known, plancheck.ExpectKnownOutputValue(name, check))
		applied = append(applied, statecheck.ExpectKnownOutputValue(name, check))
	}
	for name, check := range map[string]knownvalue.Check{
		"unknown_part": yes, "unknown_policy": no, "could_unknown_policy": yes,
		"hanging": knownvalue.StringExact("ImplicitlyDenied"), "hanging_layers": knownvalue.Int64Exact(2),
		"certain_reason": yes, "either_decision": knownvalue.StringExact("ImplicitlyDenied"),
		"document": yes, "normalized": yes, "equal": yes, "findings": yes, "declared_later": knownvalue.StringExact("Allowed"),
	} {
		unknown = append(unknown, plancheck.ExpectUnknownOutputValue(name))
		applied = append(applied, statecheck.ExpectKnownOutputValue(name, check))
	}
	terraformPath(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{{
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: append(known, unknown...), PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			ConfigStateChecks: applied,
		}},
	})
}

// TestRefusedAtPlan shows gates that stop a plan: a precondition, and a variable's validation.
func TestRefusedAtPlan(t *testing.T) {
	terraformPath(t)
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   functionsNeed,
		ProtoV6ProviderFactories: protoV6ProviderFactories,
		Steps: []resource.TestStep{
			{
				PlanOnly: true,
				Config: policiesConfig + `
resource "terraform_data" "gate" {
  lifecycle {
    precondition {
      condition     = !provider::iam::could_allow(local.with_mfa, "iam:DeleteUser", "arn:aws:iam::123456789012:user/ana")
      error_message = "This policy must not allow users to be deleted."
    }
  }
}`,
				ExpectError: regexp.MustCompile(`must not allow users to be deleted`),
			},
			{
				PlanOnly: true,
				Config: `
variable "policy" {
  default = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"iam:*\",\"Resource\":\"*\"}]}"
  validation {
    condition     = !provider::iam::could_allow(var.policy, ["iam:CreateUser", "iam:AttachUserPolicy"], "arn:aws:iam::123456789012:user/new")
    error_message = "Teams may not administer IAM."
  }
}
output "policy" { value = var.policy }`,
				ExpectError: regexp.MustCompile(`Teams may not administer IAM`),
			},
			{
				PlanOnly:    true,
				Config:      `output "null" { value = provider::iam::allows(null, "s3:GetObject", "*") }`,
				ExpectError: regexp.MustCompile(`(?s)"policies" parameter.*not be null`),
			},
			{
				// A decision that hangs on a declared unknown is no condition, negated or not.
				PlanOnly: true,
				Config: policiesConfig + `
output "gate" {
  value = ""
  precondition {
    condition     = !provider::iam::simulate({ action = "iam:DeleteUser", identity = local.with_mfa, unknown_context_keys = ["aws:MultiFactorAuthPresent"] }).allowed
    error_message = "Not reached."
  }
}`,
				ExpectError: regexp.MustCompile(`(?i)null`),
			},
		},
	})
}
