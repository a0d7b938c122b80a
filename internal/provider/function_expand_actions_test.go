package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestExpandActionsFunction_ListsActions(t *testing.T) {
	testOutputs(t, `
output "one" { value = provider::iam::expand_actions("S3:listallmybuckets") }
output "several" { value = provider::iam::expand_actions(["sts:GetS*", "sts:*SessionToken", "sts:Frobnicate"]) }
output "all" { value = length(provider::iam::expand_actions("*")) > 20000 }
`, map[string]knownvalue.Check{
		"one":     tuple("s3:ListAllMyBuckets"),
		"several": tuple("sts:GetServiceBearerToken", "sts:GetSessionToken"),
		"all":     knownvalue.Bool(true),
	})
}

func TestExpandActionsFunction_HandlesUnknownArgument(t *testing.T) {
	testUnknownOutputs(t, lateConfig+`
output "actions" { value = length(provider::iam::expand_actions(["sts:*", "s3:${local.late}"])) > 0 }
`, nil, map[string]knownvalue.Check{"actions": knownvalue.Bool(true)})
}

func TestExpandActionsFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newExpandActions, map[string]argumentError{
		"number":                    {hclTuple{5}, 0, []string{"a string or a list of strings"}},
		"empty list":                {hclTuple{hclTuple{}}, 0, []string{"empty list"}},
		"pattern that is no action": {hclTuple{hclTuple{dynamictest.Unknown, "GetObject"}}, 0, []string{`"GetObject"`}},
	})
}
