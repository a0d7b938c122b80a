package provider

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestPolicyDocumentFunction_WritesDocuments(t *testing.T) {
	testOutputs(t, `
locals {
  statement = {
    sid           = "Home"
    actions       = ["s3:GetObject", "s3:PutObject", "s3:GetObject"]
    resources     = ["arn:aws:s3:::home/&{aws:username}/*"]
    conditions    = [
      { test = "StringLike", variable = "s3:prefix", values = ["", "home/&{aws:username}/"] },
      { test = "Bool", variable = "aws:SecureTransport", values = true },
      { test = "StringLike", variable = "aws:UserAgent", values = ["b", "a"] },
    ]
    principals    = [{ type = "AWS", identifiers = ["111122223333", "123456789012"] },
      { type = "Service", identifiers = ["ec2.amazonaws.com"] }]
    not_resources = null
  }
}
output "document" { value = provider::iam::policy_document(local.statement) }
output "list" {
  value = provider::iam::policy_document([{ actions = "*", resources = "*" },
    { effect = "Deny", not_actions = ["iam:*"], not_resources = ["*"] }])
}
output "whole" {
  value = provider::iam::policy_document({ version = "2008-10-17", policy_id = "p",
    statements = { actions = ["sts:AssumeRole"], principals = { type = "*", identifiers = "*" } } })
}
`, map[string]knownvalue.Check{
		"document": knownvalue.StringExact(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Home",
      "Effect": "Allow",
      "Action": [
        "s3:PutObject",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::home/${aws:username}/*",
      "Principal": {
        "AWS": [
          "123456789012",
          "111122223333"
        ],
        "Service": "ec2.amazonaws.com"
      },
      "Condition": {
        "Bool": {
          "aws:SecureTransport": "true"
        },
        "StringLike": {
          "aws:UserAgent": [
            "b",
            "a"
          ],
          "s3:prefix": [
            "",
            "home/${aws:username}/"
          ]
        }
      }
    }
  ]
}`),
		"list": knownvalue.StringExact(`{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    },
    {
      "Effect": "Deny",
      "NotAction": "iam:*",
      "NotResource": "*"
    }
  ]
}`),
		"whole": knownvalue.StringExact(`{
  "Version": "2008-10-17",
  "Id": "p",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRole",
      "Principal": "*"
    }
  ]
}`),
	})
}

func TestPolicyDocumentFunction_HandlesUnknownArgument(t *testing.T) {
	testUnknownOutputs(t, lateConfig+`
output "document" {
  value = provider::iam::policy_document({ actions = ["s3:GetObject"],
    resources = ["arn:aws:s3:::${local.late}/*"] }) != ""
}
`, nil, map[string]knownvalue.Check{"document": knownvalue.Bool(true)})
}

// statement returns a valid statement with additional arguments.
func statement(additional hclObject) hclObject {
	s := hclObject{"actions": "*", "resources": "*"}
	maps.Copy(s, additional)
	return s
}

func TestPolicyDocumentFunction_RejectsInvalidArguments(t *testing.T) {
	testArgumentErrors(t, newPolicyDocument, map[string]argumentError{
		"null statements":            {hclTuple{nil}, 0, []string{"null"}},
		"empty list of statements":   {hclTuple{hclTuple{}}, 0, []string{"at least one"}},
		"string as statement":        {hclTuple{hclTuple{"x"}}, 0, []string{"statement 0", "an object"}},
		"unknown statement argument": {hclTuple{statement(hclObject{"action": "*"})}, 0, []string{`"action"`, "actions"}},
		"unknown document argument": {hclTuple{hclObject{"statements": statement(nil), "Version": "x"}}, 0,
			[]string{"Version"}},
		"wrong version": {
			hclTuple{hclObject{"statements": statement(nil), "version": "2012"}}, 0,
			[]string{"version", "2012-10-17"},
		},
		"variable in old version": {
			hclTuple{hclObject{"statements": statement(hclObject{"resources": "arn:aws:s3:::&{aws:username}"}),
				"version": "2008-10-17"}}, 0,
			[]string{"2012-10-17", "resources"},
		},
		"lower-case effect": {
			hclTuple{hclTuple{statement(nil), statement(hclObject{"effect": "allow"})}}, 0,
			[]string{"statement 1, effect"},
		},
		"actions and not_actions": {
			hclTuple{statement(hclObject{"not_actions": "*"})}, 0,
			[]string{"statement 0", "both Action and NotAction"},
		},
		"duplicate sid": {
			hclTuple{hclTuple{statement(hclObject{"sid": "A"}), statement(hclObject{"sid": "A"})}}, 0,
			[]string{"statement 1, sid", "unique"},
		},
		"condition without values": {
			hclTuple{statement(hclObject{"condition": hclObject{"test": "Bool", "variable": "aws:x"}})}, 0,
			[]string{"values is missing"},
		},
		"invalid test beside unknown values": {
			hclTuple{statement(hclObject{"conditions": hclTuple{hclObject{"test": "Bol", "variable": "aws:x",
				"values": dynamictest.Unknown}, hclObject{"test": "Strin", "variable": "aws:x", "values": "x"}}})}, 0,
			[]string{"Strin"},
		},
		"condition and conditions": {
			hclTuple{statement(hclObject{"condition": hclTuple{}, "conditions": hclTuple{}})}, 0,
			[]string{"same argument"},
		},
		"misspelled identifiers": {
			hclTuple{statement(hclObject{"principals": hclObject{"type": "AWS", "identifers": "*"}})}, 0,
			[]string{"identifiers is missing", "identifers"},
		},
		"wrong case of principal type": {
			hclTuple{statement(hclObject{"principals": hclObject{"type": "Aws", "identifiers": "*"}})}, 0,
			[]string{"statement 0, principals", `"AWS" was meant`},
		},
		"number in list of actions": {
			hclTuple{statement(hclObject{"actions": hclTuple{5}})}, 0,
			[]string{"statement 0, actions", "a number"},
		},
		"invalid statement after unknown statement": {
			hclTuple{hclTuple{dynamictest.Unknown, statement(hclObject{"effect": "no"})}}, 0,
			[]string{"statement 1, effect"},
		},
		"invalid statement with unknown version": {
			hclTuple{hclObject{"version": dynamictest.Unknown, "statements": statement(hclObject{"resources": "bucket"})}}, 0,
			[]string{"resources", "arn:"},
		},
	})
}
