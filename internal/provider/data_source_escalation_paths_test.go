package provider

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// risingConfig returns a configuration in which ben can take credentials of ana, who is administrator.
func risingConfig(arguments string) string {
	return `
resource "iam_user" "ana" { name = "ana" }
resource "iam_user_policy" "all" {
  user   = iam_user.ana.name
  name   = "all"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
resource "iam_user" "ben" { name = "ben" }
resource "iam_user_policy" "help" {
  user   = iam_user.ben.name
  name   = "help"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = "Help", Effect = "Allow", Action = "iam:CreateAccessKey", Resource = iam_user.ana.arn,
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }] })
}
resource "iam_user" "cid" { name = "cid" }
data "iam_escalation_paths" "all" {
  ` + arguments + `
}
output "arns" { value = [for arn in data.iam_escalation_paths.all.arns : arn] }
output "already" { value = data.iam_escalation_paths.all.already }
output "steps" {
  value = flatten([for p in data.iam_escalation_paths.all.paths : [for s in p.steps : [for r in s.requests :
    "${s.actor} ${r.action} ${r.resource} ${jsonencode(r.context)} ${join(" ", r.statements)}: ${s.result}"]]])
}`
}

// An earlier version of a policy allows more than the present one, and ben may make it the default version again.
func TestEscalationPathsDataSource_EarlierVersion(t *testing.T) {
	a := newTestAccount(t)
	config := func(action string) string {
		return `
resource "iam_policy" "p" {
  name   = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "` + action +
			`", Resource = "*" }] })
}
resource "iam_user" "ben" { name = "ben" }
resource "iam_user_policy_attachment" "ben" {
  user       = iam_user.ben.name
  policy_arn = iam_policy.p.arn
}
data "iam_escalation_paths" "all" {}
output "steps" {
  value = flatten(data.iam_escalation_paths.all.paths[*].steps[*].requests[*].action)
}`
	}
	a.run(
		resource.TestStep{Config: config("*")},
		resource.TestStep{Config: config("iam:SetDefaultPolicyVersion")},
		resource.TestStep{Config: config("iam:SetDefaultPolicyVersion"), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("steps", tuple("iam:SetDefaultPolicyVersion"))}},
	)
}

func TestEscalationPathsDataSource(t *testing.T) {
	a := newTestAccount(t)
	const prefix = "arn:aws:iam::000000000000:user/"
	expect := func(arns, already, steps []any) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("arns", tuple(arns...)),
			statecheck.ExpectKnownOutputValue("already", tuple(already...)),
			statecheck.ExpectKnownOutputValue("steps", tuple(steps...)),
		}
	}
	step := []any{prefix + "ben iam:CreateAccessKey " + prefix + `ana {"aws:MultiFactorAuthPresent":["true"]} ` +
		`policy "inline policy help of user ben", statement 0 (Help) at 1:15: has credentials of the user ana`}
	a.run(
		resource.TestStep{Config: risingConfig(""),
			ConfigStateChecks: expect([]any{prefix + "ben"}, []any{prefix + "ana"}, step)},
		resource.TestStep{Config: risingConfig(`from = ["cid"]`), ConfigStateChecks: expect(nil, nil, nil)},
		resource.TestStep{Config: risingConfig(`to_principal = "cid"`),
			ConfigStateChecks: expect([]any{prefix + "ana", prefix + "ben"}, []any{prefix + "cid"}, nil)[:2]},
		resource.TestStep{Config: risingConfig(`to_action = "s3:GetObject"
  to_resource = "arn:aws:s3:::data/1"`),
			ConfigStateChecks: expect([]any{prefix + "ben"}, []any{prefix + "ana"}, step)},
		resource.TestStep{Config: risingConfig(`from = []`), // must not mean all of the account
			ExpectError: regexp.MustCompile(`from set must contain at least 1 elements`)},
		resource.TestStep{Config: risingConfig(`from = [null]`), ExpectError: regexp.MustCompile(`contains a null value`)},
		resource.TestStep{Config: risingConfig(`to_action = "s3:GetObject"`),
			ExpectError: regexp.MustCompile(`to_action and to_resource belong together`)},
		resource.TestStep{Config: risingConfig(`to_principal = "nobody"`),
			ExpectError: regexp.MustCompile(`to_principal: the account 000000000000 has no\s+user or role`)},
	)
}
