package provider

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestCheckAccessNotGrantedFunction_FindsGrants(t *testing.T) {
	testOutputs(t, proofConfig+`
output "other_action" {
  value = provider::iam::check_access_not_granted(local.reader, { actions = ["s3:Put*", "iam:*"] }, "identity").result
}
output "other_resource" {
  value = provider::iam::check_access_not_granted(local.reader,
    { actions = "s3:*", resources = "arn:aws:s3:::audit/*" }, "identity").result
}
output "action" {
  value = provider::iam::check_access_not_granted(local.reader, { actions = "s3:Get*" }, "identity")
}
output "resource" {
  value = provider::iam::check_access_not_granted(local.reader,
    [{ actions = "iam:*" }, { resources = ["arn:aws:s3:::reports/2*"] }], "identity").witness.action
}
output "conditional" {
  value = provider::iam::check_access_not_granted(local.with_mfa, { actions = "iam:DeleteUser" }, "identity").result
}
output "denied" {
  value = provider::iam::check_access_not_granted([local.reader, local.deny_all],
    { resources = "*" }, "identity").result
}
output "misspelt" {
  value = provider::iam::check_access_not_granted(local.reader, { actions = "s3:GetObjct" }, "identity").message
}
`, map[string]knownvalue.Check{
		"other_action":   knownvalue.StringExact("pass"),
		"other_resource": knownvalue.StringExact("pass"),
		"action": knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"result":  knownvalue.StringExact("fail"),
			"witness": knownvalue.ObjectPartial(map[string]knownvalue.Check{"action": knownvalue.StringExact("s3:GetObject")}),
			"reasons": knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"policy": knownvalue.StringExact("policy"), "sid": knownvalue.StringExact("Read"),
			})}),
		}),
		"resource":    knownvalue.StringExact("s3:GetObject"),
		"conditional": knownvalue.StringExact("fail"),
		"denied":      knownvalue.StringExact("pass"),
		"misspelt":    knownvalue.StringRegexp(regexp.MustCompile(`"s3:GetObject" was meant`)),
	})
}

func TestCheckAccessNotGrantedFunction_HandlesUnknownArguments(t *testing.T) {
	testUnknownOutputs(t, proofConfig+lateValues+`
output "certain" {
  value = provider::iam::check_access_not_granted(local.mixed, { actions = "s3:GetObject" }, "identity").result
}
output "policy" {
  value = provider::iam::check_access_not_granted(local.late_policy, { actions = "s3:GetObject" }, "identity").result
}
output "access" {
  value = provider::iam::check_access_not_granted(local.reader,
    [{ actions = "s3:GetObject" }, { actions = local.late_action }], "identity").result
}
locals { late_action = "s3:${local.late}" }
`, map[string]knownvalue.Check{
		"certain": knownvalue.StringExact("fail"),
	}, map[string]knownvalue.Check{
		"policy": knownvalue.StringExact("pass"), "access": knownvalue.StringExact("fail"),
	})
}

func TestCheckAccessNotGrantedFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newCheckAccessNotGranted, map[string]argumentError{
		"broken policy":           {hclTuple{"{", hclObject{"actions": "*"}, "identity"}, 0, []string{"line 1"}},
		"access without parts":    {hclTuple{readAll, hclObject{}, "identity"}, 1, []string{"neither actions nor resources"}},
		"no access":               {hclTuple{readAll, hclTuple{}, "identity"}, 1, []string{"empty"}},
		"access as text":          {hclTuple{readAll, "s3:*", "identity"}, 1, []string{"an object", "a string"}},
		"other attribute":         {hclTuple{readAll, hclObject{"action": "s3:*"}, "identity"}, 1, []string{`"action"`}},
		"empty list of actions":   {hclTuple{readAll, hclObject{"actions": hclTuple{}}, "identity"}, 1, []string{"empty"}},
		"action without service":  {hclTuple{readAll, hclObject{"actions": "Get*"}, "identity"}, 1, []string{`"Get*"`}},
		"resource that is no ARN": {hclTuple{readAll, hclObject{"resources": "b"}, "identity"}, 1, []string{`"b"`}},
		"second access": {hclTuple{dynamictest.Unknown, hclTuple{hclObject{"actions": "*"}, hclObject{"actions": 5}},
			"identity"}, 1, []string{"element 1"}},
		"kind that is not one": {hclTuple{readAll, hclObject{"actions": "*"}, "role"}, 2, []string{`"role"`}},
	})
}
