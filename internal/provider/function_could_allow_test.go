package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestCouldAllowFunction_ReturnsDecision(t *testing.T) {
	yes, no := knownvalue.Bool(true), knownvalue.Bool(false)
	testOutputs(t, policiesConfig+`
locals {
  object = "arn:aws:s3:::reports/2026.csv"
  user   = "arn:aws:iam::123456789012:user/ana"
}
output "could_with_condition" { value = provider::iam::could_allow(local.with_mfa, "iam:DeleteUser", local.user) }
output "could_contradicted" {
  value = provider::iam::could_allow(local.with_mfa, "iam:DeleteUser", local.user,
    { "aws:MultiFactorAuthPresent" = false })
}
output "could_not" { value = provider::iam::could_allow(local.reader, "s3:DeleteObject", local.object) }
output "could_denied" {
  value = provider::iam::could_allow([local.with_mfa, local.deny_all], "iam:DeleteUser", local.user)
}
output "could_one_of_two" {
  value = provider::iam::could_allow(local.reader, ["s3:DeleteObject", "s3:GetObject"], local.object)
}
`, map[string]knownvalue.Check{
		"could_with_condition": yes, "could_contradicted": no, "could_not": no, "could_denied": no, "could_one_of_two": yes,
	})
}

func TestCouldAllowFunction_HandlesUnknownArgument(t *testing.T) {
	yes, no := knownvalue.Bool(true), knownvalue.Bool(false)
	testUnknownOutputs(t, lateConfig+`
output "other_action" { value = provider::iam::could_allow(local.mixed, "iam:CreateUser", "*") }
output "could_known_part" {
  value = provider::iam::could_allow([local.reader, local.mixed], "s3:GetObject", local.object)
}
output "could_unknown_policy" { value = provider::iam::could_allow(local.late_policy, "iam:DeleteUser", "*") }
`, map[string]knownvalue.Check{
		"other_action": no, "could_known_part": yes,
	}, map[string]knownvalue.Check{"could_unknown_policy": yes})
}

// TestCouldAllowFunction_StopsPlan calls the function in a precondition and in the validation of a variable.
func TestCouldAllowFunction_StopsPlan(t *testing.T) {
	testPlanErrors(t,
		planFails(policiesConfig+`
resource "terraform_data" "gate" {
  lifecycle {
    precondition {
      condition     = !provider::iam::could_allow(local.with_mfa, "iam:DeleteUser",
        "arn:aws:iam::123456789012:user/ana")
      error_message = "This policy must not allow users to be deleted."
    }
  }
}`, `must not allow users to be deleted`),
		planFails(`
variable "policy" {
  default = <<-EOT
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}
  EOT
  validation {
    condition     = !provider::iam::could_allow(var.policy, ["iam:CreateUser", "iam:AttachUserPolicy"],
      "arn:aws:iam::123456789012:user/new")
    error_message = "Teams may not administer IAM."
  }
}
output "policy" { value = var.policy }`, `Teams may not administer IAM`),
	)
}

func TestCouldAllowFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newCouldAllow, map[string]argumentError{
		"invalid JSON": {hclTuple{"{", "s3:GetObject", "*"}, 0,
			[]string{"JSON cannot be read", "line 1, column 2"}},
		"empty list of actions":       {hclTuple{readAll, hclTuple{}, "*"}, 1, []string{"action is an empty list"}},
		"wildcard in second resource": {hclTuple{readAll, "s3:GetObject", hclTuple{"*", "a?"}}, 2, []string{"a?"}},
		"second resource not an ARN": {
			hclTuple{readAll, "s3:GetObject", hclTuple{"*", "reports/2026.csv"}}, 2,
			[]string{"reports/2026.csv", "not an ARN"},
		},
		"object as context value": {
			hclTuple{readAll, "s3:GetObject", "*", hclObject{"aws:x": hclObject{}}}, 3,
			[]string{`context["aws:x"]`},
		},
	})
}

func TestCouldAllowFunction_HandlesUnknownElement(t *testing.T) {
	const object = "arn:aws:s3:::b/k"
	testUnknownElements(t, newCouldAllow, map[string]unknownElement{
		"action before possible action":  {hclTuple{dynamictest.Unknown, "s3:GetObject"}, object, types.BoolValue(true)},
		"action after impossible action": {hclTuple{"s3:PutObject", dynamictest.Unknown}, object, types.BoolUnknown()},
		"resource after impossible resource": {"s3:GetObject", hclTuple{"arn:aws:s3:::c/k", dynamictest.Unknown},
			types.BoolUnknown()},
		"resource of impossible action": {"s3:PutObject", hclTuple{object, dynamictest.Unknown}, types.BoolValue(false)},
	})
}
