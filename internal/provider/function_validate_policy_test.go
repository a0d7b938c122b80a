package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestValidatePolicyFunction_ReturnsFindings(t *testing.T) {
	testOutputs(t, policiesConfig+`
output "broken" { value = provider::iam::validate_policy("{\n  \"Version\": }", "identity")[0] }
output "operator" {
  value = provider::iam::validate_policy({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*",
      Condition = { StringEqual = { a = "b" } } }] }, "scp")[0]
}
output "fine" { value = length(provider::iam::validate_policy(jsonencode(local.reader), "identity")) }
`, map[string]knownvalue.Check{
		"broken": knownvalue.ObjectPartial(map[string]knownvalue.Check{"kind": knownvalue.StringExact("ERROR"),
			"code": knownvalue.StringExact("JSON_SYNTAX_ERROR"), "line": knownvalue.Int64Exact(2),
			"column": knownvalue.Int64Exact(14)}),
		"operator": knownvalue.ObjectPartial(
			map[string]knownvalue.Check{"code": knownvalue.StringExact("INVALID_CONDITION_OPERATOR"),
				"path": knownvalue.StringExact("$.Statement[0].Condition.StringEqual"), "line": knownvalue.Null()}),
		"fine": knownvalue.Int64Exact(0),
	})
}

func TestValidatePolicyFunction_HandlesUnknownArgument(t *testing.T) {
	testUnknownOutputs(t, lateConfig+`
output "findings" { value = provider::iam::validate_policy(local.late_policy, "boundary") != null }
`, nil, map[string]knownvalue.Check{"findings": knownvalue.Bool(true)})
}

func TestValidatePolicyFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newValidatePolicy, map[string]argumentError{
		"unknown kind of policy": {hclTuple{readAll, "role"}, 1, []string{`"role"`, "identity"}},
	})
}
