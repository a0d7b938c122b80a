package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

// TestPolicyDocumentDataSource_WritesSameTextAsAWS compares with the output of the AWS provider for the same
// configuration.
func TestPolicyDocumentDataSource_WritesSameTextAsAWS(t *testing.T) {
	testOutputs(t, `
data "iam_policy_document" "source" {
  statement {
    sid       = "SidToOverride"
    actions   = ["s3:*"]
    resources = ["*"]
  }
  statement {
    actions   = ["ec2:*"]
    resources = ["*"]
  }
}
data "iam_policy_document" "override" {
  policy_id = "override"
  statement {
    sid         = "SidToOverride"
    effect      = "Deny"
    not_actions = ["s3:Get*", "s3:List*"]
    not_resources = [
      "arn:aws:s3:::b",
      "arn:aws:s3:::b/&{aws:username}/*",
    ]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["", "home/&{aws:username}/<x>"]
    }
    condition {
      test     = "StringLike"
      variable = "aws:UserAgent"
      values   = ["a"]
    }
  }
}
data "iam_policy_document" "merged" {
  source_policy_documents   = [data.iam_policy_document.source.json, null]
  override_policy_documents = [data.iam_policy_document.override.json]
  statement {
    sid       = "Own"
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
  }
}
data "iam_policy_document" "trust" {
  kind    = "trust"
  version = "2012-10-17"
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root", "111122223333"]
    }
  }
}
data "iam_policy_document" "empty" {}
data "iam_policy_document" "source_only" {
  source_policy_documents = [jsonencode({ Statement = { Effect = "Allow", Action = ["b:x", "a:x"], Resource = ["*"],
    Sid = "Source", Condition = { Bool = { "aws:SecureTransport" = [true] } } }, Version = "2008-10-17" })]
}
output "merged" { value = data.iam_policy_document.merged.json }
output "trust" { value = data.iam_policy_document.trust.minified_json }
output "empty" {
  value = [data.iam_policy_document.empty.minified_json, data.iam_policy_document.empty.version,
    data.iam_policy_document.empty.id != ""]
}
output "source_only" { value = data.iam_policy_document.source_only.minified_json }
output "function" {
  value = provider::iam::policy_document([{ sid = "SidToOverride", actions = ["s3:*"], resources = ["*"] },
    { actions = ["ec2:*"], resources = ["*"] }]) == data.iam_policy_document.source.json
}
`, map[string]knownvalue.Check{
		"merged": knownvalue.StringExact(`{
  "Version": "2012-10-17",
  "Id": "override",
  "Statement": [
    {
      "Sid": "SidToOverride",
      "Effect": "Deny",
      "NotAction": [
        "s3:List*",
        "s3:Get*"
      ],
      "NotResource": [
        "arn:aws:s3:::b/${aws:username}/*",
        "arn:aws:s3:::b"
      ],
      "Condition": {
        "StringLike": {
          "aws:UserAgent": "a",
          "s3:prefix": [
            "",
            "home/${aws:username}/\u003cx\u003e"
          ]
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": "ec2:*",
      "Resource": "*"
    },
    {
      "Sid": "Own",
      "Effect": "Allow",
      "Action": "sqs:SendMessage",
      "Resource": "*"
    }
  ]
}`),
		"trust": knownvalue.StringExact(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",` +
			`"Principal":{"AWS":["arn:aws:iam::123456789012:root","111122223333"],"Service":"firehose.amazonaws.com"}}]}`),
		"empty": tuple(`{"Version":"2012-10-17"}`, "2012-10-17", true),
		"source_only": knownvalue.StringExact(
			`{"Version":"2012-10-17","Statement":[{"Sid":"Source","Effect":"Allow","Action":["b:x","a:x"],"Resource":["*"],` +
				`"Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}`),
		"function": knownvalue.Bool(true),
	})
}

func TestPolicyDocumentDataSource_RejectsInvalidArguments(t *testing.T) {
	testPlanErrors(t,
		// The plan finds the wrong operator although the resource is known only after apply.
		planFails(`
resource "terraform_data" "late" { input = "late" }
data "iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::${terraform_data.late.output}/*"]
    condition {
      test     = "StringEqual"
      variable = "aws:username"
      values   = ["ana"]
    }
  }
}`, `statement\[0\].condition|StringEqual.*is not a condition operator`),
		planFails(`
data "iam_policy_document" "d" {
  statement {
    sid       = "A"
    actions   = ["*"]
    resources = ["*"]
  }
  statement {
    sid       = "A"
    actions   = ["GetObject"]
    resources = ["*"]
  }
}`, `statement 0 already has the sid "A"`),
		planFails(`
data "iam_policy_document" "d" {
  source_policy_documents = [
    jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", Action = "*", Resource = "*" }] }),
    jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "A", Effect = "Allow", Action = "*", Resource = "*" }] }),
  ]
}`, `Duplicate sid.*override_policy_documents`),
		planFails(`
data "iam_policy_document" "d" {
  override_policy_documents = ["{\"Statement\":[{\"Effect\":\"Allow\"}]}"]
}`, `override_policy_documents\[0\].*neither Action nor NotAction`),
		planFails(`
data "iam_policy_document" "d" {
  kind = "role"
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}`, `"role" is not a kind of policy`),
	)
}
