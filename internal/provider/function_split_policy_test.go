package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

const longPolicyConfig = policiesConfig + `
locals {
  large = { Version = "2012-10-17", Statement = [for i in range(100) : {
    Sid = "S${i}", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::bucket-of-team-${i}/*"
  }] }
}
`

func TestSplitPolicyFunction_FitsQuota(t *testing.T) {
	testOutputs(t, longPolicyConfig+`
locals { parts = provider::iam::split_policy(local.large, "identity") }
output "result" { value = local.parts.result }
output "sizes" { value = [for p in local.parts.policies : length(p) <= 6144] }
output "statements" { value = sum([for p in local.parts.policies : length(jsondecode(p).Statement)]) }
output "equal" { value = provider::iam::check_no_new_access(local.parts.policies, local.large, "identity").result }
output "scp" { value = length(provider::iam::split_policy(local.reader, "scp").policies) }
output "too_large" {
  value = provider::iam::split_policy({ Version = "2012-10-17", Statement = [
    local.reader.Statement[0],
    { Sid = "Long", Effect = "Allow", NotAction = [for i in range(400) : "s3:GetObject${i}"], Resource = "*" },
  ] }, "identity")
}
`, map[string]knownvalue.Check{
		"result": knownvalue.StringExact("pass"), "sizes": tuple(true, true), "statements": knownvalue.Int64Exact(100),
		"equal": knownvalue.StringExact("pass"), "scp": knownvalue.Int64Exact(1),
		"too_large": knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"result": knownvalue.StringExact("fail"), "policies": knownvalue.Null(),
			"reasons": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"policy": knownvalue.StringExact("policy"), "sid": knownvalue.StringExact("Long"),
				"index": knownvalue.Int64Exact(1),
			})}),
		}),
	})
}

func TestSplitPolicyFunction_HandlesUnknownArgument(t *testing.T) {
	testUnknownOutputs(t, lateConfig+`
output "parts" { value = length(provider::iam::split_policy(local.mixed, "identity").policies) }
`, nil, map[string]knownvalue.Check{"parts": knownvalue.Int64Exact(1)})
}

func TestSplitPolicyFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newSplitPolicy, map[string]argumentError{
		"broken policy":        {hclTuple{"{", "identity"}, 0, []string{"1:2"}},
		"kind of one policy":   {hclTuple{readAll, "trust"}, 1, []string{"only one"}},
		"kind that is not one": {hclTuple{readAll, "role"}, 1, []string{`"role"`}},
	})
}
