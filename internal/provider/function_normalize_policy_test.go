package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestNormalizePolicyFunction_ReturnsCanonicalForm(t *testing.T) {
	testOutputs(t, shuffledConfig+`
output "same" {
  value = provider::iam::normalize_policy(local.shuffled) == provider::iam::normalize_policy(local.reader)
}
output "again" {
  value = (provider::iam::normalize_policy(provider::iam::normalize_policy(local.shuffled))
    == provider::iam::normalize_policy(local.shuffled))
}
`, map[string]knownvalue.Check{"same": knownvalue.Bool(true), "again": knownvalue.Bool(true)})
}

func TestNormalizePolicyFunction_HandlesUnknownArgument(t *testing.T) {
	testUnknownOutputs(t, lateConfig+`
output "normalized" { value = provider::iam::normalize_policy(local.late_policy) != "" }
`, nil, map[string]knownvalue.Check{"normalized": knownvalue.Bool(true)})
}

func TestNormalizePolicyFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newNormalizePolicy, map[string]argumentError{
		"number as version": {hclTuple{`{"Version":1}`}, 0, []string{"1:12", "Version must be a string"}},
	})
}
