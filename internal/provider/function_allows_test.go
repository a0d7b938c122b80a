package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestAllowsFunction_ReturnsDecision(t *testing.T) {
	yes, no := knownvalue.Bool(true), knownvalue.Bool(false)
	testOutputs(t, policiesConfig+`
locals {
  object = "arn:aws:s3:::reports/2026.csv"
  user   = "arn:aws:iam::123456789012:user/ana"
}
output "object" { value = provider::iam::allows(local.reader, "s3:GetObject", local.object) }
output "text" { value = provider::iam::allows(jsonencode(local.reader), "s3:GetObject", local.object) }
output "list" {
  value = provider::iam::allows([jsonencode(local.reader), jsonencode(local.deny_all)], "s3:GetObject", local.object)
}
output "tuple" {
  value = provider::iam::allows([local.reader, jsonencode(local.with_mfa)], "s3:GetObject", local.object)
}
output "set" { value = provider::iam::allows(toset([jsonencode(local.reader)]), "s3:GetObject", local.object) }
output "map" {
  value = provider::iam::allows({ reader = local.reader, "more/mfa" = local.with_mfa }, "s3:GetObject", local.object)
}
output "none" { value = provider::iam::allows([], "s3:GetObject", local.object) }
output "case" { value = provider::iam::allows(local.reader, "S3:getobject", local.object) }
output "all_of" { value = provider::iam::allows(local.reader, ["s3:GetObject", "s3:PutObject"], local.object) }
output "each_on_each" {
  value = provider::iam::allows(local.reader, ["s3:GetObject", "s3:ListBucket"], [local.object, "arn:aws:s3:::reports"])
}
output "one_resource_of_two" {
  value = provider::iam::allows(local.reader, "s3:GetObject", [local.object, "arn:aws:s3:::other/x"])
}
output "condition_not_met" { value = provider::iam::allows(local.with_mfa, "iam:DeleteUser", local.user) }
output "condition_met" {
  value = provider::iam::allows(local.with_mfa, "iam:DeleteUser", local.user, { "aws:MultiFactorAuthPresent" = true })
}
output "condition_contradicted" {
  value = provider::iam::allows(local.with_mfa, "iam:DeleteUser", local.user,
    { "aws:multifactorauthpresent" = "false" })
}
output "optional_attributes" {
  value = provider::iam::allows({ Version = "2012-10-17", Id = null,
    Statement = [{ Sid = null, Effect = "Allow", Action = "s3:GetObject", NotAction = null,
      Resource = "*" }] }, "s3:GetObject", local.object)
}
`, map[string]knownvalue.Check{
		"object": yes, "text": yes, "list": no, "tuple": yes, "set": yes, "map": yes, "none": no, "case": yes,
		"all_of": no, "each_on_each": yes, "one_resource_of_two": no,
		"condition_not_met": no, "condition_met": yes, "condition_contradicted": no, "optional_attributes": yes,
	})
}

func TestAllowsFunction_HandlesUnknownArgument(t *testing.T) {
	yes, no := knownvalue.Bool(true), knownvalue.Bool(false)
	testUnknownOutputs(t, lateConfig+`
output "known_part" { value = provider::iam::allows(local.mixed, "s3:GetObject", local.object) }
output "denied_anyway" {
  value = provider::iam::allows([local.deny_all, local.late_policy], "s3:GetObject", local.object)
}
output "allowed_anyway" {
  value = provider::iam::allows({ Version = "2012-10-17",
    Statement = { Effect = "Allow", Action = "*",
      Resource = "*" } }, "s3:GetObject", "arn:aws:s3:::reports/${local.late}")
}
output "unknown_part" { value = provider::iam::allows(local.mixed, "s3:PutObject", "arn:aws:s3:::late/x") }
output "unknown_policy" { value = provider::iam::allows(local.late_policy, "s3:GetObject", local.object) }
`, map[string]knownvalue.Check{
		"known_part": yes, "denied_anyway": no, "allowed_anyway": yes,
	}, map[string]knownvalue.Check{"unknown_part": yes, "unknown_policy": no})
}

func TestAllowsFunction_RejectsNullArgument(t *testing.T) {
	testPlanErrors(t,
		planFails(`output "null" { value = provider::iam::allows(null, "s3:GetObject", "*") }`,
			`"policies" parameter.*not be null`))
}

func TestAllowsFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newAllows, map[string]argumentError{
		"number as policies": {hclTuple{7, "s3:GetObject", "*"}, 0, []string{"a number"}},
		"invalid operator in second policy": {
			hclTuple{hclTuple{readAll, invalidOperator}, "s3:GetObject", "*"}, 0,
			[]string{"policies[1]", "StringEqual", "line 2, column 15", `"StringEquals" was meant`},
		},
		"unknown element in named policy": {
			hclTuple{hclObject{"dev": hclObject{"Version": "2012-10-17",
				"Statement": hclObject{"Effect": "Allow", "Actoin": "*", "Resource": "*"}}}, "s3:GetObject", "*"}, 0,
			[]string{`policies["dev"]`, "$.Statement.Actoin", `"Action" was meant`},
		},
		"null in list of policies": {hclTuple{hclTuple{nil}, "s3:GetObject", "*"}, 0, []string{"policies[0]", "null"}},
		"null in condition": {
			hclTuple{hclObject{"Version": "2012-10-17",
				"Statement": hclObject{"Effect": "Allow", "Action": "*", "Resource": "*",
					"Condition": hclObject{"Bool": hclObject{"aws:SecureTransport": nil}}}}, "s3:GetObject", "*"}, 0,
			[]string{"null"},
		},
		"null action":        {hclTuple{readAll, nil, "*"}, 1, []string{"found null"}},
		"wildcard in action": {hclTuple{readAll, "s3:Get*", "*"}, 1, []string{"s3:Get*", "wildcard"}},
		"object as action":   {hclTuple{readAll, hclObject{}, "*"}, 1, []string{"an object"}},
		"number in list of actions": {hclTuple{readAll, hclTuple{"s3:GetObject", 5}, "*"}, 1,
			[]string{"element 1 is a number"}},
		"second action without service": {
			hclTuple{readAll, hclTuple{"s3:GetObject", "GetObject"}, "*"}, 1,
			[]string{"GetObject", "service:Name"},
		},
		"null resource": {hclTuple{readAll, "s3:GetObject", nil}, 2, []string{"found null"}},
		"wildcard in resource": {
			hclTuple{readAll, "s3:GetObject", "arn:aws:s3:::b/*"}, 2,
			[]string{"arn:aws:s3:::b/*", "one concrete resource", "arn:aws:s3:::b/example"},
		},
		"empty resource":  {hclTuple{readAll, "s3:GetObject", hclTuple{"*", ""}}, 2, []string{"empty"}},
		"list as context": {hclTuple{readAll, "s3:GetObject", "*", hclTuple{}}, 3, []string{"object of key → value"}},
		"null context key": {
			hclTuple{readAll, "s3:GetObject", "*", hclObject{"team": nil}}, 3,
			[]string{`context["team"]`, "null"},
		},
		"duplicate context key": {
			hclTuple{readAll, "s3:GetObject", "*", hclObject{"aws:x": "1", "AWS:X": "2"}}, 3,
			[]string{"given twice"},
		},
		"two contexts": {
			hclTuple{readAll, "s3:GetObject", "*", hclObject{}, hclObject{}}, 4,
			[]string{"more than one context"},
		},
	})
}

// invalidOperator is a policy with a condition operator that does not exist.
const invalidOperator = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",
 "Condition":{"StringEqual":{"a":"b"}}}]}`

func TestAllowsFunction_HandlesUnknownElement(t *testing.T) {
	const object = "arn:aws:s3:::b/k"
	testUnknownElements(t, newAllows, map[string]unknownElement{
		"action after allowed action":      {hclTuple{"s3:GetObject", dynamictest.Unknown}, object, types.BoolUnknown()},
		"action before allowed action":     {hclTuple{dynamictest.Unknown, "s3:GetObject"}, object, types.BoolUnknown()},
		"action after denied action":       {hclTuple{"s3:PutObject", dynamictest.Unknown}, object, types.BoolValue(false)},
		"resource after allowed resource":  {"s3:GetObject", hclTuple{object, dynamictest.Unknown}, types.BoolUnknown()},
		"resource before allowed resource": {"s3:GetObject", hclTuple{dynamictest.Unknown, object}, types.BoolUnknown()},
		"resource after denied resource": {"s3:GetObject", hclTuple{"arn:aws:s3:::c/k", dynamictest.Unknown},
			types.BoolValue(false)},
	})
}
