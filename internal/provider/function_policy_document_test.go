package provider

import (
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
)

func TestPolicyDocumentFunction_Documents(t *testing.T) {
	outputs(t, `
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
    principals    = [{ type = "AWS", identifiers = ["111122223333", "123456789012"] }, { type = "Service", identifiers = ["ec2.amazonaws.com"] }]
    not_resources = null
  }
}
output "document" { value = provider::iam::policy_document(local.statement) }
output "list" { value = provider::iam::policy_document([{ actions = "*", resources = "*" }, { effect = "Deny", not_actions = ["iam:*"], not_resources = ["*"] }]) }
output "whole" { value = provider::iam::policy_document({ version = "2008-10-17", policy_id = "p", statements = { actions = ["sts:AssumeRole"], principals = { type = "*", identifiers = "*" } } }) }
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

func TestPolicyDocumentFunction_UnknownArgument(t *testing.T) {
	knownAndUnknown(t, lateConfig+`
output "document" { value = provider::iam::policy_document({ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::${local.late}/*"] }) != "" }
`, nil, map[string]knownvalue.Check{"document": knownvalue.Bool(true)})
}

// statement returns a valid statement with further arguments.
func statement(further hclObject) hclObject {
	out := hclObject{"actions": "*", "resources": "*"}
	maps.Copy(out, further)
	return out
}

func TestPolicyDocumentFunction_ArgumentErrors(t *testing.T) {
	testArgumentErrors(t, newPolicyDocument, map[string]argumentError{
		"statements null":           {hclTuple{nil}, 0, []string{"null"}},
		"no statements":             {hclTuple{hclTuple{}}, 0, []string{"at least one"}},
		"statement string":          {hclTuple{hclTuple{"x"}}, 0, []string{"statement 0", "an object"}},
		"unknown argument":          {hclTuple{statement(hclObject{"action": "*"})}, 0, []string{`"action"`, "actions"}},
		"unknown document argument": {hclTuple{hclObject{"statements": statement(nil), "Version": "x"}}, 0, []string{"Version"}},
		"wrong version": {
			hclTuple{hclObject{"statements": statement(nil), "version": "2012"}}, 0,
			[]string{"version", "2012-10-17"},
		},
		"variable in old version": {
			hclTuple{hclObject{"statements": statement(hclObject{"resources": "arn:aws:s3:::&{aws:username}"}), "version": "2008-10-17"}}, 0,
			[]string{"2012-10-17", "resources"},
		},
		"effect": {
			hclTuple{hclTuple{statement(nil), statement(hclObject{"effect": "allow"})}}, 0,
			[]string{"statement 1, effect"},
		},
		"actions and not_actions": {
			hclTuple{statement(hclObject{"not_actions": "*"})}, 0,
			[]string{"statement 0", "both Action and NotAction"},
		},
		"sid twice": {
			hclTuple{hclTuple{statement(hclObject{"sid": "A"}), statement(hclObject{"sid": "A"})}}, 0,
			[]string{"statement 1, sid", "unique"},
		},
		"condition part missing": {
			hclTuple{statement(hclObject{"condition": hclObject{"test": "Bool", "variable": "aws:x"}})}, 0,
			[]string{"values is missing"},
		},
		"condition part unknown": {
			hclTuple{statement(hclObject{"conditions": hclTuple{hclObject{"test": "Bol", "variable": "aws:x", "values": dynamictest.Unknown}, hclObject{"test": "Strin", "variable": "aws:x", "values": "x"}}})}, 0,
			[]string{"Strin"},
		},
		"both conditions": {
			hclTuple{statement(hclObject{"condition": hclTuple{}, "conditions": hclTuple{}})}, 0,
			[]string{"same argument"},
		},
		"principal part": {
			hclTuple{statement(hclObject{"principals": hclObject{"type": "AWS", "identifers": "*"}})}, 0,
			[]string{"identifiers is missing", "identifers"},
		},
		"principal type": {
			hclTuple{statement(hclObject{"principals": hclObject{"type": "Aws", "identifiers": "*"}})}, 0,
			[]string{"statement 0, principals", `"AWS" was meant`},
		},
		"list of numbers": {
			hclTuple{statement(hclObject{"actions": hclTuple{5}})}, 0,
			[]string{"statement 0, actions", "a number"},
		},
		"fault beside unknown": {
			hclTuple{hclTuple{dynamictest.Unknown, statement(hclObject{"effect": "no"})}}, 0,
			[]string{"statement 1, effect"},
		},
		"statement after unknown": {
			hclTuple{hclObject{"version": dynamictest.Unknown, "statements": statement(hclObject{"resources": "bucket"})}}, 0,
			[]string{"resources", "arn:"},
		},
	})
}
