package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestPoliciesEqualFunction_ComparesPolicies(t *testing.T) {
	testOutputs(t, shuffledConfig+`
output "equal" { value = provider::iam::policies_equal(local.shuffled, local.reader) }
output "different" { value = provider::iam::policies_equal(local.deny_all, local.reader) }
`, map[string]knownvalue.Check{"equal": knownvalue.Bool(true), "different": knownvalue.Bool(false)})
}

func TestPoliciesEqualFunction_HandlesUnknownArgument(t *testing.T) {
	testUnknownOutputs(t, lateConfig+`
output "equal" { value = provider::iam::policies_equal(local.late_policy, local.with_mfa) }
`, nil, map[string]knownvalue.Check{"equal": knownvalue.Bool(true)})
}

func TestPoliciesEqualFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newPoliciesEqual, map[string]argumentError{
		"null second policy":            {hclTuple{readAll, nil}, 1, []string{"found null"}},
		"invalid JSON in second policy": {hclTuple{dynamictest.Unknown, "{"}, 1, []string{"1:2"}},
	})
}
