package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestMinimizePolicyFunction_KeepsNeededAccess(t *testing.T) {
	testOutputs(t, proofConfig+`
locals {
  read   = { action = "s3:GetObject", resource = "arn:aws:s3:::reports/2026.csv" }
  remove = { action = "iam:DeleteUser", resource = "arn:aws:iam::123456789012:user/ana",
    context = { "aws:MultiFactorAuthPresent" = false, "aws:TagKeys" = ["a"] } }
}
output "smaller" { value = provider::iam::minimize_policy(local.reader, [local.read]) }
output "one_request" { value = provider::iam::minimize_policy(jsonencode(local.reader), local.read).result }
output "denied" { value = provider::iam::minimize_policy(local.with_mfa, [local.remove]) }
output "boundary" {
  value = provider::iam::minimize_policy(local.reader, [merge(local.read, { boundary = local.deny_all })]).result
}
output "undecided" {
  value = provider::iam::minimize_policy(local.reader,
    { action = "kms:Decrypt", resource = "arn:aws:kms:eu-west-1:123456789012:key/a", unknown_resource_policy = true })
}
`, map[string]knownvalue.Check{
		"undecided": knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"result": knownvalue.StringExact("unknown"), "undecided": knownvalue.ListSizeExact(1), "witness": knownvalue.Null(),
		}),
		"smaller": knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"result": knownvalue.StringExact("pass"),
			"policy": knownvalue.StringExact(`{"Version":"2012-10-17","Statement":[{"Sid":"Read","Effect":"Allow",` +
				`"Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/2026.csv"}]}`),
			"witness": knownvalue.Null(),
		}),
		"one_request": knownvalue.StringExact("pass"),
		"denied": knownvalue.ObjectPartial(map[string]knownvalue.Check{
			"result": knownvalue.StringExact("fail"), "policy": knownvalue.Null(),
			"reasons": knownvalue.ListExact(nil),
			"witness": knownvalue.ObjectPartial(map[string]knownvalue.Check{
				"action": knownvalue.StringExact("iam:DeleteUser"),
				"context": knownvalue.ObjectExact(map[string]knownvalue.Check{
					"aws:MultiFactorAuthPresent": knownvalue.StringExact("false"), "aws:TagKeys": tuple("a"),
				}),
			}),
		}),
		"boundary": knownvalue.StringExact("fail"),
	})
}

func TestMinimizePolicyFunction_HandlesUnknownArguments(t *testing.T) {
	testUnknownOutputs(t, lateConfig+`
output "policy" {
  value = provider::iam::minimize_policy(local.late_policy, { action = "iam:DeleteUser", resource = "*",
    context = { "aws:MultiFactorAuthPresent" = true } }).result
}
output "requests" {
  value = provider::iam::minimize_policy(local.reader, [
    { action = "s3:GetObject", resource = "arn:aws:s3:::reports/${local.late}" },
  ]).policy != null
}
`, nil, map[string]knownvalue.Check{"policy": knownvalue.StringExact("pass"), "requests": knownvalue.Bool(true)})
}

func TestMinimizePolicyFunction_RejectsInvalidArguments(t *testing.T) {
	request := func(name string, value any) hclObject {
		return hclObject{"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k", name: value}
	}
	testArgumentErrors(t, newMinimizePolicy, map[string]argumentError{
		"broken policy":    {hclTuple{"{", request("action", "s3:GetObject")}, 0, []string{"1:2"}},
		"no requests":      {hclTuple{readAll, hclTuple{}}, 1, []string{"no request"}},
		"other attribute":  {hclTuple{readAll, request("actions", "s3:*")}, 1, []string{"actions"}},
		"identity policy":  {hclTuple{dynamictest.Unknown, request("identity", readAll)}, 1, []string{"identity"}},
		"expected answer":  {hclTuple{readAll, request("expect", "Allowed")}, 1, []string{"expect"}},
		"resource pattern": {hclTuple{readAll, request("resource", "arn:aws:s3:::b/*")}, 1, []string{"wildcard"}},
		"second request": {hclTuple{readAll, hclTuple{request("action", "s3:GetObject"), request("action", "s3:*")}}, 1,
			[]string{"request 1"}},
	})
}
