package provider

import (
	"os"
	"os/user"
	"strings"
	"testing"
)

func TestDrift_ReportsCallers(t *testing.T) {
	w := newWorkingDir(t)
	const config = `
resource "iam_user" "alice" { name = "alice" }
resource "iam_policy" "p" {
  name   = "p"
  policy = jsonencode(` + exampleDocument + `)
}
resource "iam_user_policy_attachment" "a" {
  user       = iam_user.alice.name
  policy_arn = iam_policy.p.arn
}
resource "iam_user_policy" "own" {
  user   = iam_user.alice.name
  name   = "own"
  policy = jsonencode(` + exampleDocument + `)
}
resource "iam_access_assertion" "alice" {
  name = "reading"
  principal = iam_user.alice.arn
  allow { actions = ["s3:GetObject"] }
  depends_on = [iam_user_policy_attachment.a, iam_user_policy.own]
}
`
	w.writeConfig(config)
	if output, _ := w.run(w.cli, "plan"); strings.Contains(output, "Changed outside") {
		t.Errorf("the first plan reports drift:\n%s", output)
	}
	if _, err := os.Stat(w.dir + "/.iam"); err == nil {
		t.Error("a plan created the store")
	}
	w.terraform("apply", "-auto-approve")
	if output := w.terraform("plan", "-detailed-exitcode"); strings.Contains(output, "Changed outside") {
		t.Errorf("the plan reports changes made by Terraform as drift:\n%s", output)
	}

	const arn = "arn:aws:iam::000000000000:policy/p"
	w.iam("api", "DetachUserPolicy", "UserName=alice", "PolicyArn="+arn)
	w.iam("api", "PutUserPolicy", "UserName=alice", "PolicyName=own",
		`PolicyDocument={"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`)
	w.iam("api", "TagUser", "UserName=alice", "Tags=Key=a,Value=b")
	w.iam("api", "CreateAccessKey", "UserName=alice")
	w.iam("api", "CreatePolicyVersion", "PolicyArn="+arn, "SetAsDefault=true",
		`PolicyDocument={"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)

	operator, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	output, code := w.run(w.cli, "plan", "-detailed-exitcode", "-refresh-only")
	if code == 1 {
		t.Fatal(output)
	}
	by := ", by local operator " + operator.Username + " with "
	for _, want := range []string{
		`attachment of ` + arn + ` to user "alice"` + by + "DetachUserPolicy at 20",
		`inline policy "own" of user "alice"` + by + "PutUserPolicy at 20",
		`user "alice"` + by + "TagUser at 20",
		`user "alice"` + by + "CreateAccessKey at 20",
		`policy "` + arn + `"` + by + "CreatePolicyVersion at 20",
		"Access has changed: access assertion \"reading\": s3:GetObject on * was Allowed and " +
			"is ExplicitlyDenied",
	} {
		if !strings.Contains(joinLines(output), want) {
			t.Errorf("the plan does not contain %q", want)
		}
	}
	if strings.Contains(joinLines(output), "by local operator "+operator.Username+" with CreateUser") {
		t.Error("the plan reports a user created by Terraform as drift")
	}
	if t.Failed() {
		t.Log(output)
	}
	// Terraform reverts the changes that the configuration covers. Later plans report nothing.
	w.terraform("apply", "-auto-approve")
	if output := w.terraform("plan", "-detailed-exitcode"); strings.Contains(output, "Changed outside") {
		t.Errorf("the plan reports reverted changes again:\n%s", output)
	}
	w.iam("api", "DeleteUserPolicy", "UserName=alice", "PolicyName=own")
	output, code = w.run(w.cli, "plan", "-detailed-exitcode")
	if code != 2 || !strings.Contains(joinLines(output), `inline policy "own" of user "alice"`+by+"DeleteUserPolicy") {
		t.Errorf("the plan after a deletion ends with exit code %d:\n%s", code, output)
	}
	w.iam("api", "DeleteAccessKey", "UserName=alice",
		"AccessKeyId="+strings.TrimSpace(accessKeyID(w.iam("api", "ListAccessKeys", "UserName=alice"))))
	w.terraform("destroy", "-auto-approve")
	if left := w.iam("api", "ListUsers"); strings.Contains(left, "alice") {
		t.Errorf("users remain after the destroy: %s", left)
	}
}

// accessKeyID returns the first access key id in the JSON output of an operation.
func accessKeyID(output string) string {
	_, rest, _ := strings.Cut(output, `"AccessKeyId": "`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// TestDrift_ReportsChangesBetweenPlanAndApply changes objects between plan and apply. The apply must report the
// changes, because later plans cannot see them any more.
func TestDrift_ReportsChangesBetweenPlanAndApply(t *testing.T) {
	w := newWorkingDir(t)
	config := func(more string) string {
		return `
resource "iam_user" "alice" {
  name = "alice"
  ` + more + `
}
resource "iam_user_policy" "own" {
  user   = iam_user.alice.name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:Get` + more[:4] + `", Resource = "*" }] })
}
resource "iam_user_policy_attachments_exclusive" "none" {
  user_name   = iam_user.alice.name
  policy_arns = []
  on_destroy  = "` + map[bool]string{true: "leave", false: "remove"}[more[:4] == "path"] + `"
}
resource "iam_policy" "p" {
  name   = "p"
  policy = jsonencode(` + exampleDocument + `)
}`
	}
	w.writeConfig(config(`path = "/a/"`))
	w.terraform("apply", "-auto-approve")
	w.writeConfig(config(`tags = { a = "b" }`))
	w.terraform("plan", "-out=plan")
	w.iam("api", "UpdateUser", "UserName=alice", "NewPath=/b/")
	w.iam("api", "PutUserPolicy", "UserName=alice", "PolicyName=own", "PolicyDocument="+exampleDocument)
	w.iam("api", "AttachUserPolicy", "UserName=alice", "PolicyArn=arn:aws:iam::000000000000:policy/p")
	output := joinLines(w.terraform("apply", "plan"))
	for _, call := range []string{"UpdateUser", "PutUserPolicy", "AttachUserPolicy"} {
		if !strings.Contains(output, "with "+call+" at 20") {
			t.Errorf("the apply does not report %s:\n%s", call, output)
		}
	}
	if output := w.terraform("plan"); strings.Contains(output, "Changed outside") {
		t.Errorf("the next plan reports the changes again:\n%s", output)
	}
}

// TestDrift_OmitsPoliciesOfDeletedUser deletes a user and its policy. The plan must report the deleted user, but
// not its policy.
func TestDrift_OmitsPoliciesOfDeletedUser(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
resource "iam_user" "u" {
  for_each = toset(["alice", "bob"])
  name     = each.key
}
resource "iam_user_policy" "own" {
  for_each = iam_user.u
  user     = each.value.name
  name     = "own"
  policy   = jsonencode(` + exampleDocument + `)
}`)
	w.terraform("apply", "-auto-approve")
	for _, arguments := range [][]string{
		{"DeleteUserPolicy", "UserName=bob", "PolicyName=own"}, {"DeleteUserPolicy", "UserName=alice", "PolicyName=own"},
		{"DeleteUser", "UserName=alice"},
	} {
		w.iam(append([]string{"api"}, arguments...)...)
	}
	output := joinLines(w.terraform("plan"))
	for want, times := range map[string]int{
		`inline policy "own" of user "bob", by`: 1, `inline policy "own" of user "alice", by`: 0, "with DeleteUser at": 1,
	} {
		if got := strings.Count(output, want); got != times {
			t.Errorf("the plan contains %q %d times, want %d:\n%s", want, got, times, output)
		}
	}
	w.applyCleanly(t)
}
