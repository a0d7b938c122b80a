package provider

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// reviewTrust is a trust policy for the roles of the tests.
const reviewTrust = `jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow",
    Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })`

// reviewPolicy returns a policy document that allows an action.
func reviewPolicy(action string) string {
	return fmt.Sprintf(`jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "A", Effect = "Allow", Action = %q, Resource = "*" }] })`, action)
}

// reviewRole returns a role with an inline policy that allows an action.
func reviewRole(label, name, action string) string {
	return fmt.Sprintf(`
resource "iam_role" %[1]q {
  name               = %[2]q
  assume_role_policy = %[3]s
}
resource "iam_role_policy" %[1]q {
  role   = iam_role.%[1]s.name
  name   = "own"
  policy = %[4]s
}
`, label, name, reviewTrust, reviewPolicy(action))
}

// reviewBefore is the configuration before the plan, and reviewAfter the one that the plan applies.
var (
	reviewBefore = reviewRole("changed", "changed", "s3:GetObject") +
		reviewRole("old_address", "moved", "s3:GetObject") +
		reviewRole("deleted", "deleted", "sqs:SendMessage") +
		strings.Replace(reviewRole("replaced", "replaced", "sqs:SendMessage"), `= "replaced"`, `= "replaced"
  path               = "/old/"`, 1) +
		reviewRole("forgotten", "forgotten", "sqs:SendMessage") + `
locals { people = toset(["ann", "ben"]) }
resource "iam_user" "people" {
  for_each = local.people
  name     = each.key
}
resource "iam_group" "readers" { name = "readers" }
resource "iam_group_policy" "readers" {
  group  = iam_group.readers.name
  name   = "read"
  policy = ` + reviewPolicy("s3:ListBucket") + `
}
resource "iam_user_group_membership" "people" {
  for_each = local.people
  user     = iam_user.people[each.key].name
  groups   = [iam_group.readers.name]
}
`
	reviewAfter = reviewRole("changed", "changed", "s3:DeleteObject") +
		reviewRole("new_address", "moved", "s3:GetObject") +
		strings.Replace(reviewRole("replaced", "replaced", "sqs:SendMessage"), `= "replaced"`, `= "replaced"
  path               = "/new/"`, 1) + `
removed {
  from = iam_role.forgotten
  lifecycle { destroy = false }
}
removed {
  from = iam_role_policy.forgotten
  lifecycle { destroy = false }
}
moved {
  from = iam_role.old_address
  to   = iam_role.new_address
}
moved {
  from = iam_role_policy.old_address
  to   = iam_role_policy.new_address
}
locals { people = toset(["ann", "ben"]) }
resource "iam_user" "people" {
  for_each = local.people
  name     = each.key
}
resource "iam_group" "readers" { name = "readers" }
resource "iam_group_policy" "readers" {
  group  = iam_group.readers.name
  name   = "read"
  policy = ` + reviewPolicy("s3:ListBucket") + `
}
resource "iam_user_group_membership" "people" {
  for_each = toset(["ann"])
  user     = iam_user.people[each.key].name
  groups   = [iam_group.readers.name]
}
import {
  to = iam_user.imported
  id = "imported"
}
import {
  to = iam_user_policy.imported
  id = "imported:own"
}
resource "iam_user" "imported" { name = "imported" }
resource "iam_user_policy" "imported" {
  user   = iam_user.imported.name
  name   = "own"
  policy = ` + reviewPolicy("sns:Publish") + `
}
module "team" {
  source = "./team"
  count  = 2
  name   = "team-${count.index}"
}
`
	reviewModule = `
terraform {
  required_providers {
    iam = { source = "iam-as-code/iam" }
  }
}
variable "name" { type = string }
` + strings.Replace(reviewRole("member", "NAME", "sns:Publish"), `"NAME"`, "var.name", 1) + `
resource "iam_policy" "queue" {
  name   = "${var.name}-queue"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Read", Effect = "Allow",
    Action = "sqs:ReceiveMessage", Resource = "arn:aws:sqs:eu-west-1:*:${iam_role.member.name}" }] })
}
resource "iam_role_policy_attachment" "queue" {
  role       = iam_role.member.name
  policy_arn = iam_policy.queue.arn
}
`
)

// reviewedPlan is the part of the JSON form of a review that the tests read.
type reviewedPlan struct {
	AccountID  string `json:"account_id"`
	Principals []struct {
		Name         string
		Added        bool
		Removed      bool
		Gained, Lost []struct {
			Service, Level string
			Statements     []struct{ Source struct{ Address string } }
		}
		Open   []string
		Causes []struct{ Address string }
	}
	Findings  []struct{ ID, Check, Severity, Summary string }
	NotJudged []struct {
		Source struct{ Address string }
		Reason string
	} `json:"not_judged"`
	Drift []struct {
		Source struct{ Address string }
		Text   string
	}
}

// lines returns one line for each principal.
func (p *reviewedPlan) lines() (out []string) {
	for _, principal := range p.Principals {
		line := principal.Name
		if principal.Added {
			line += " (new)"
		}
		if principal.Removed {
			line += " (removed)"
		}
		for _, g := range principal.Gained {
			line += " +" + g.Service + ":" + g.Level + " by " + g.Statements[0].Source.Address
		}
		for _, l := range principal.Lost {
			line += " -" + l.Service + ":" + l.Level + " by " + l.Statements[0].Source.Address
		}
		for _, reason := range principal.Open {
			line += " ?" + reason
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// plannedReview plans the configuration and reviews the plan.
func (w *workingDir) plannedReview(arguments ...string) (out reviewedPlan, code int) {
	w.t.Helper()
	w.terraform("plan", "-out=plan.out")
	w.writeFile("plan.json", w.terraform("show", "-json", "plan.out"))
	text, code := w.run(filepath.Join(w.binaries, "iam"),
		append([]string{"review", "plan.json", "-o", "json"}, arguments...)...)
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		w.t.Fatalf("iam review: exit code %d: %v\n%s", code, err, text)
	}
	return out, code
}

// TestReview_EveryKindOfChange reviews a plan that Terraform has made, with resources that are created, changed,
// replaced, removed, moved, imported and forgotten, with for_each, count and a module.
func TestReview_EveryKindOfChange(t *testing.T) {
	t.Parallel()
	w := newWorkingDir(t)
	w.writeFile("team/main.tf", reviewModule)
	w.writeConfig(reviewBefore)
	w.terraform("apply", "-auto-approve")
	w.iam("api", "CreateUser", "UserName=imported")
	w.iam("api", "PutUserPolicy", "UserName=imported", "PolicyName=own", `PolicyDocument={"Version":"2012-10-17",`+
		`"Statement":[{"Sid":"A","Effect":"Allow","Action":"sns:Publish","Resource":"*"}]}`)
	w.writeConfig(reviewAfter)
	want := []string{
		"ben -s3:List by iam_group_policy.readers",
		"changed +s3:Write by iam_role_policy.changed -s3:Read by iam_role_policy.changed",
		"deleted (removed) -sqs:Write by iam_role_policy.deleted",
		"replaced (new) +sqs:Write by iam_role_policy.replaced",
		"replaced (removed) -sqs:Write by iam_role_policy.replaced",
		"team-0 (new) +sns:Write by module.team[0].iam_role_policy.member +sqs:Read by module.team[0].iam_policy.queue",
		"team-1 (new) +sns:Write by module.team[1].iam_role_policy.member +sqs:Read by module.team[1].iam_policy.queue",
	}
	for _, arguments := range [][]string{nil, {"--source", "."}, {"--store", defaultStore}} {
		got, code := w.plannedReview(arguments...)
		if lines := got.lines(); !slices.Equal(lines, want) || code != 0 || got.AccountID != "000000000000" ||
			len(got.NotJudged) > 0 {
			t.Errorf("iam review %v: exit code %d, account %s, not judged %v\n%s\nwant\n%s", arguments, code, got.AccountID,
				got.NotJudged, strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestReview_NothingChanges reviews the plan of an unchanged configuration.
func TestReview_NothingChanges(t *testing.T) {
	t.Parallel()
	w := newWorkingDir(t)
	w.writeConfig(reviewBefore)
	w.terraform("apply", "-auto-approve")
	if got, code := w.plannedReview(); len(got.lines())+len(got.Findings)+len(got.NotJudged) > 0 || code != 0 {
		t.Errorf("exit code %d, review %+v", code, got)
	}
	// A change outside Terraform belongs to nobody who wrote the configuration.
	w.iam("api", "DeleteRolePolicy", "RoleName=changed", "PolicyName=own")
	got, _ := w.plannedReview()
	if lines := got.lines(); !slices.Equal(lines, []string{"changed +s3:Read by iam_role_policy.changed"}) ||
		len(got.Drift) != 1 || got.Drift[0].Source.Address != "iam_role_policy.changed" {
		t.Errorf("after a deletion outside Terraform: %s, drift %v", strings.Join(lines, "\n"), got.Drift)
	}
}

// TestReview_AssertionRemoved finds an access assertion that a change removes, and one that forbids less.
func TestReview_AssertionRemoved(t *testing.T) {
	t.Parallel()
	const assertions = `
resource "iam_access_assertion" "a" {
  name      = "a"
  principal = iam_role.changed.name
  deny { actions = ["sqs:*"] }
}
`
	w := newWorkingDir(t)
	w.writeConfig(reviewBefore + assertions)
	w.terraform("apply", "-auto-approve")
	w.writeConfig(reviewBefore + strings.Replace(assertions, "sqs:*", "sqs:SendMessage", 1))
	got, code := w.plannedReview()
	if code != 1 || len(got.Findings) != 1 || !strings.Contains(got.Findings[0].Summary, "requires less") {
		t.Errorf("a weaker assertion: exit code %d, findings %+v", code, got.Findings)
	}
	w.writeConfig(reviewBefore)
	got, code = w.plannedReview()
	if code != 1 || len(got.Findings) != 1 || !strings.Contains(got.Findings[0].Summary, "is removed") {
		t.Errorf("a removed assertion: exit code %d, findings %+v", code, got.Findings)
	}
	w.writeFile("rules.yaml", "accept: [{id: "+got.Findings[0].ID+", reason: moved, expires: 2999-01-01}]\n")
	if _, code = w.plannedReview("--policy", "rules.yaml"); code != 0 {
		t.Errorf("an accepted removal: exit code %d", code)
	}
}
