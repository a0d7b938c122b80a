package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

// proofConfig has policies for the tests of checks.
const proofConfig = policiesConfig + `
locals {
  read_one = {
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::reports/2026.csv" }]
  }
  write = {
    Version   = "2012-10-17"
    Statement = [{ Sid = "Write", Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::reports/*" }]
  }
}
`

func TestCheckNoNewAccessFunction_ComparesPolicies(t *testing.T) {
	testOutputs(t, proofConfig+`
output "within" { value = provider::iam::check_no_new_access(local.reader, local.read_one, "identity") }
output "several" {
  value = provider::iam::check_no_new_access([local.reader, jsonencode(local.write)],
    { a = local.read_one, b = local.write }, "identity").result
}
output "denied" {
  value = provider::iam::check_no_new_access([], [local.write, local.deny_all], "identity").result
}
output "new" { value = provider::iam::check_no_new_access(local.reader, jsonencode(local.write), "identity") }
output "conditional" {
  value = provider::iam::check_no_new_access(local.reader, { mfa = local.with_mfa }, "identity")
}
`, map[string]knownvalue.Check{
		"within": knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"result": knownvalue.StringExact("pass"), "message": knownvalue.NotNull(), "witness": knownvalue.Null(),
			"condition": knownvalue.Null(), "reasons": knownvalue.ListExact(nil), "undecided": knownvalue.ListExact(nil),
		}),
		"several": knownvalue.StringExact("pass"),
		"denied":  knownvalue.StringExact("pass"),
		"new": knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"result": knownvalue.StringExact("fail"),
			"reasons": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
				"policy": knownvalue.StringExact("new"), "sid": knownvalue.StringExact("Write"),
				"index": knownvalue.Int64Exact(0), "line": knownvalue.Int64Exact(1), "column": knownvalue.NotNull(),
			})}),
			"witness": knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"principal": knownvalue.Null(), "action": knownvalue.StringExact("s3:PutObject"),
				"resource": knownvalue.NotNull(), "context": knownvalue.ObjectExact(map[string]knownvalue.Check{}),
			}),
			"condition": knownvalue.Null(),
		}),
		"conditional": knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"result": knownvalue.StringExact("fail"),
			"reasons": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"policy": knownvalue.StringExact("mfa"), "sid": knownvalue.StringExact("WithMFA"), "line": knownvalue.Null(),
			})}),
			"witness": knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"action": knownvalue.StringExact("iam:DeleteUser"),
				"context": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"aws:MultiFactorAuthPresent": knownvalue.StringExact("true"),
				}),
			}),
			"condition": knownvalue.StringExact(`aws:MultiFactorAuthPresent is "true"`),
		}),
	})
}

func TestCheckNoNewAccessFunction_ConfirmsWitness(t *testing.T) {
	testOutputs(t, proofConfig+`
locals { check = provider::iam::check_no_new_access(local.reader, local.with_mfa, "identity") }
output "new" { value = provider::iam::simulate(merge(local.check.witness, { identity = local.with_mfa })).decision }
output "existing" { value = provider::iam::simulate(merge(local.check.witness, { identity = local.reader })).decision }
`, map[string]knownvalue.Check{
		"new": knownvalue.StringExact("Allowed"), "existing": knownvalue.StringExact("ImplicitlyDenied"),
	})
}

// Of policies with unknown parts, only an answer that no value can change is known in the plan.
func TestCheckNoNewAccessFunction_HandlesUnknownArguments(t *testing.T) {
	testUnknownOutputs(t, proofConfig+lateValues+`
locals {
  everything = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] }
}
output "certain_pass" {
  value = provider::iam::check_no_new_access(local.everything, local.late_policy, "identity").result
}
output "certain_fail" {
  value = provider::iam::check_no_new_access(local.read_one, local.mixed, "identity").result
}
output "explanation" {
  value = provider::iam::check_no_new_access(local.read_one, local.mixed, "identity").message != ""
}
output "existing" { value = provider::iam::check_no_new_access(local.late_policy, local.with_mfa, "identity").result }
output "new" { value = provider::iam::check_no_new_access(local.with_mfa, local.late_policy, "identity").result }
`, map[string]knownvalue.Check{
		"certain_pass": knownvalue.StringExact("pass"), "certain_fail": knownvalue.StringExact("fail"),
	}, map[string]knownvalue.Check{
		"explanation": knownvalue.Bool(true),
		"existing":    knownvalue.StringExact("pass"), "new": knownvalue.StringExact("pass"),
	})
}

func TestCheckNoNewAccessFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newCheckNoNewAccess, map[string]argumentError{
		"null existing policy": {hclTuple{nil, readAll, "identity"}, 0, []string{"null"}},
		"broken new policy":    {hclTuple{dynamictest.Unknown, "{", "identity"}, 1, []string{"line 1"}},
		"second of new":        {hclTuple{readAll, hclTuple{readAll, 5}, "identity"}, 1, []string{"new[1]"}},
		"named new policy":     {hclTuple{readAll, hclObject{"dev": "{"}, "identity"}, 1, []string{`new["dev"]`}},
		"policy of other kind": {hclTuple{readAll, readAll, "resource"}, 0, []string{"Principal"}},
		"kind that is not one": {hclTuple{readAll, readAll, "role"}, 2, []string{`"role"`, "identity"}},
		"ARN in place of a policy": {hclTuple{readAll, "arn:aws:iam::aws:policy/ReadOnlyAccess", "identity"}, 1,
			[]string{"Expected a policy document"}},
	})
}
