package provider

import (
	"strings"
	"testing"
)

// neverMatching is an expression for a policy with four Denies that never apply.
const neverMatching = `jsonencode({ Version = "2012-10-17", Statement = [
  { Effect = "Allow", Action = "s3:*", Resource = "*" },
  { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { NotIpAddress = { "aws:SourceIp" = ` +
	`"10.0.0.0/33" } } },
  { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { NumericGreaterThan = { ` +
	`"aws:MultiFactorAuthAge" = "1h" } } },
  { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { DateGreaterThan = { "aws:CurrentTime" = ` +
	`"2026-13-45" } } },
  { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "no" } } },
] })`

// TestAccPolicyFindings_DenyThatNeverApplies checks that validation refuses a Deny with a value that never matches.
func TestAccPolicyFindings_DenyThatNeverApplies(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
resource "iam_policy" "p" {
  name   = "net"
  policy = ` + neverMatching + `
}
resource "iam_user_policy" "p" {
  user   = "alice"
  name   = "net"
  policy = ` + neverMatching + `
}
resource "iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = "000000000000" }, Action = "sts:AssumeRole" },
    { Effect = "Deny", Principal = { AWS = "*" }, Action = "sts:AssumeRole", Condition = { NotIpAddress = { ` +
		`"aws:SourceIp" = "10.0.0.300/8" } } },
  ] })
}
data "iam_policy_document" "d" {
  kind = "identity"
  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = ["*"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["never"]
    }
  }
}
`)
	for _, command := range []string{"validate", "plan"} {
		output, code := w.run(w.cli, command)
		output = joinLines(output)
		if code != 1 {
			t.Errorf("terraform %s: exit code %d, want 1:\n%s", command, code, output)
		}
		for text, want := range map[string]int{
			`NotIpAddress with "10.0.0.0/33" is false for every value of "aws:SourceIp"`: 2,
			`"1h" under NumericGreaterThan never matches`:                                2,
			`"2026-13-45" under DateGreaterThan is not a date, and IAM refuses a policy`: 2,
			`"no" under Bool never matches`:                                              2,
			`NotIpAddress with "10.0.0.300/8" is false`:                                  1,
			`"never" under Bool never matches`:                                           1,
		} {
			if got := strings.Count(output, text); got != want {
				t.Errorf("terraform %s: %d errors with %q, want %d:\n%s", command, got, text, want, output)
			}
		}
	}
}

// TestAccPolicyFindings_Warnings checks that the plan shows each warning of `iam validate` once for each policy.
func TestAccPolicyFindings_Warnings(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
resource "iam_policy" "pass" {
  name   = "pass"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = ["iam:PassRole"], Resource = "*" },
    { Effect = "Allow", Action = ["s3:GetObject", "iam:PassRole"], Resource = "arn:aws:iam::*:role/*" },
  ] })
}
resource "iam_group" "g" { name = "g" }
resource "iam_group_policy" "net" {
  group  = iam_group.g.name
  name   = "net"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "s3:ListBucket", Resource = "*", Condition = { IpAddress = { "aws:SourceIp" = ` +
		`"203.0.113.0/240" } } },
  ] })
}
resource "iam_role" "open" {
  name = "open"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole" },
  ] })
}
resource "iam_role" "negated" {
  name = "negated"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole", Condition = {
      StringNotEquals = { "aws:PrincipalAccount" = "123456789012" } } },
  ] })
}
resource "iam_role" "ci" {
  name = "ci"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity", Principal = { Federated = ` +
		`"arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com" }, Condition = { StringLike = {
      "token.actions.githubusercontent.com:sub" = "*" } } },
  ] })
}
data "iam_policy_document" "d" {
  kind = "identity"
  statement {
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["*"]
  }
}
data "iam_policy_document" "merged" {
  kind                    = "identity"
  source_policy_documents = [jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sqs:Get*", Resource = "*", Condition = { IpAddress = { "aws:SourceIp" = ` +
		`"10.1/8" } } },
  ] })]
  statement {
    actions   = ["iam:GetUsr"]
    resources = ["*"]
  }
}
`)
	output := joinLines(w.terraform("plan"))
	for _, want := range []string{
		"Identity policy: The statement allows iam:PassRole on every role.",
		"PASS_ROLE_WITH_STAR_IN_RESOURCE at $.Statement[0].Action[0] (line 1, column 26), $.Statement[1].Action[1] " +
			"(line 1, column 101).",
		`Identity policy: "203.0.113.0/240" under IpAddress never matches`,
		"Trust policy: Every principal of every AWS account may assume the role. ",
		"Trust policy: Every principal of every AWS account may assume the role: the conditions exclude nobody",
		`Trust policy: "*" covers every subject, so the condition on token.actions.githubusercontent.com:sub does not`,
		"Identity policy: The statement allows iam:CreateServiceLinkedRole on every role.",
		`Identity policy: "10.1/8" under IpAddress never matches`,
		`Identity policy: "iam:GetUsr" is not an action of its service in the catalog of`,
	} {
		if got := strings.Count(output, want); got != 1 {
			t.Errorf("the plan contains %q %d times, want once:\n%s", want, got, output)
		}
	}
	if strings.Contains(output, "more similar warning") {
		t.Errorf("the plan shows a warning more than once:\n%s", output)
	}
	w.terraform("apply", "-auto-approve")
	if output := joinLines(w.terraform("plan")); !strings.Contains(output, "Every principal of every AWS account") {
		t.Errorf("a plan without changes does not show the warnings:\n%s", output)
	}
}

// TestAccPolicyFindings_StoredPolicy checks that Terraform can read and destroy a policy with an error that the
// account, like AWS, accepts.
func TestAccPolicyFindings_StoredPolicy(t *testing.T) {
	w := newWorkingDir(t)
	policy := func(address string) string {
		return `
resource "iam_policy" "p" {
  name   = "net"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Deny", Action = "s3:*", Resource = "*", Condition = { IpAddress = { "aws:SourceIp" = "` +
			address + `" } } },
  ] })
}
`
	}
	w.writeConfig(policy("203.0.113.0/24"))
	w.terraform("apply", "-auto-approve")
	w.iam("api", "CreatePolicyVersion", "PolicyArn=arn:aws:iam::000000000000:policy/net", "SetAsDefault=true",
		`PolicyDocument={"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*",`+
			`"Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/240"}}}}`)
	w.terraform("apply", "-refresh-only", "-auto-approve")
	w.writeConfig(policy("203.0.113.0/240"))
	if output, code := w.run(w.cli, "plan"); code != 1 || !strings.Contains(joinLines(output),
		`"203.0.113.0/240" under IpAddress never matches`) {
		t.Errorf("the plan with the stored policy: exit code %d, want an error:\n%s", code, output)
	}
	w.writeConfig("")
	w.terraform("apply", "-auto-approve")
}
