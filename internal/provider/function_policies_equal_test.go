package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestPoliciesEqualFunction_ComparesMeaning(t *testing.T) {
	testOutputs(t, shuffledConfig+`
locals {
  statement = { Effect = "Allow", Action = "s3:*", Resource = "*" }
  trust = { Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" },
  ] }
}
output "notation" { value = provider::iam::policies_equal(local.shuffled, local.reader) }
output "covered" {
  value = provider::iam::policies_equal({ Version = "2012-10-17", Statement = [local.statement] },
    { Version = "2012-10-17", Statement = [
      local.statement, merge(local.statement, { Action = "s3:GetObject", Sid = "A" }),
    ] })
}
output "different" { value = provider::iam::policies_equal(local.deny_all, local.reader) }
output "narrower" {
  value = provider::iam::policies_equal({ Version = "2012-10-17", Statement = [local.statement] },
    { Version = "2012-10-17", Statement = [merge(local.statement, { Action = "s3:Get*" })] })
}
output "trust" {
  value = provider::iam::policies_equal(local.trust, merge(local.trust, { Statement = [
    local.trust.Statement[0], merge(local.trust.Statement[0], { Sid = "Again" }),
  ] }))
}
output "other_service" {
  value = provider::iam::policies_equal(local.trust, merge(local.trust, { Statement = [
    merge(local.trust.Statement[0], { Principal = { Service = "lambda.amazonaws.com" } }),
  ] }))
}
output "other_denial" {
  value = provider::iam::policies_equal(local.deny_all, { Version = "2012-10-17", Statement = [
    { Effect = "Deny", Action = "s3:*", Resource = "*" },
  ] })
}
output "other_kind" { value = provider::iam::policies_equal(local.trust, local.reader) }
`, map[string]knownvalue.Check{
		"notation": knownvalue.Bool(true), "covered": knownvalue.Bool(true), "different": knownvalue.Bool(false),
		"narrower": knownvalue.Bool(false), "trust": knownvalue.Bool(true), "other_service": knownvalue.Bool(false),
		"other_kind": knownvalue.Bool(false), "other_denial": knownvalue.Bool(false),
	})
}

func TestPoliciesEqualFunction_HandlesUnknownArgument(t *testing.T) {
	testUnknownOutputs(t, lateConfig+`
output "equal" { value = provider::iam::policies_equal(local.late_policy, local.with_mfa) }
output "certain" { value = provider::iam::policies_equal(local.mixed, local.deny_all) }
`, map[string]knownvalue.Check{"certain": knownvalue.Bool(false)},
		map[string]knownvalue.Check{"equal": knownvalue.Bool(true)})
}

func TestPoliciesEqualFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newPoliciesEqual, map[string]argumentError{
		"null second policy":            {hclTuple{readAll, nil}, 1, []string{"found null"}},
		"invalid JSON in second policy": {hclTuple{dynamictest.Unknown, "{"}, 1, []string{"1:2"}},
	})
}

// No values satisfy both conditions, because each value would be longer than the other. The analysis does not find that
// out.
func TestPoliciesEqualFunction_RefusesToGuess(t *testing.T) {
	policyOf := func(action string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*",` +
			`"Condition":{"StringLike":{"aws:RequestTag/a":"${aws:RequestTag/b}x","aws:RequestTag/b":"${aws:RequestTag/a}y"}}}]}`
	}
	value, err := call(t, newPoliciesEqual(), policyOf("s3:GetObject"), policyOf("s3:PutObject"))
	if err == nil {
		t.Fatalf("the function returns %s, want an error", value)
	}
	for _, text := range []string{"kind identity", "not decided", "policy variables", "normalize_policy"} {
		if !strings.Contains(err.Text, text) {
			t.Errorf("the error is %q, without %q", err.Text, text)
		}
	}
}
