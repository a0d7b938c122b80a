package provider

import (
	"errors"
	"os"
	"os/user"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
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

// driftWarnings returns the warnings of an output about changes that were made outside Terraform.
func driftWarnings(output string) []string {
	var found []string
	for _, part := range strings.Split(joinLines(output), "Warning: ")[1:] {
		if strings.HasPrefix(part, "Changed ") || strings.HasPrefix(part, "Access has changed") {
			found = append(found, part)
		}
	}
	return found
}

// TestDrift_UseIsNoChange uses a user and a role in several ways. The plan must stay empty and silent.
func TestDrift_UseIsNoChange(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
resource "iam_user" "u" { name = "u" }
resource "iam_user_login_profile" "l" {
  user                = iam_user.u.name
  password_wo         = "Correct-Horse-7-battery"
  password_wo_version = 1
}
resource "iam_access_key" "k" {
  user            = iam_user.u.name
  secret_in_state = true
}
resource "iam_user_policy" "p" {
  user = iam_user.u.name
  name = "p"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = ["sts:*", "iam:Get*"], Resource = "*" }] })
}
resource "iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Principal = { AWS = iam_user.u.arn }, Action = "sts:AssumeRole" }] })
}`)
	w.terraform("apply", "-auto-approve")
	e, err := engine.Open(t.Context(), engine.Options{Path: w.dir + "/.iam/iam.db"})
	if err != nil {
		t.Fatal(err)
	}
	operator := e.As(engine.LocalOperator("tester", engine.Circumstances{}))
	keys, err := operator.ListAccessKeys(t.Context(), &iam.ListAccessKeysInput{UserName: aws.String("u")})
	if err != nil {
		t.Fatal(err)
	}
	id := *keys.AccessKeyMetadata[0].AccessKeyId
	secret, err := operator.RevealAccessKey(t.Context(), &engine.RevealAccessKeyInput{UserName: "u", AccessKeyID: id})
	if err != nil {
		t.Fatal(err)
	}
	caller, err := e.Authenticate(t.Context(), id, "",
		func(found string) bool { return found == secret.SecretAccessKey }, engine.Circumstances{})
	if err != nil {
		t.Fatal(err)
	}
	u := e.As(caller)
	_, assumeErr := u.AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::000000000000:role/r"), RoleSessionName: aws.String("session")})
	_, tokenErr := u.GetSessionToken(t.Context(), nil)
	_, federationErr := u.GetFederationToken(t.Context(), &sts.GetFederationTokenInput{Name: aws.String("federated")})
	_, signInErr := e.As(engine.Anonymous(engine.Circumstances{})).SignIn(t.Context(),
		&engine.SignInInput{UserName: "u", Password: "Correct-Horse-7-battery"})
	if err := errors.Join(assumeErr, tokenErr, federationErr, signInErr, e.Close()); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{
		{"plan", "-detailed-exitcode"},
		{"plan", "-refresh-only"}, // with -detailed-exitcode, Terraform ends with 2 because of sensitive attributes
	} {
		output, code := w.run(w.cli, arguments...)
		if found := driftWarnings(output); code != 0 || len(found) > 0 {
			t.Errorf("terraform %v ends with exit code %d and reports %q:\n%s", arguments, code, found, output)
		}
	}
}

// TestDrift_SilentAfterRepair lets Terraform repair changes that were made outside of it. Each change must be reported
// once before the repair, and no plan after it may report anything.
func TestDrift_SilentAfterRepair(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
resource "iam_user" "alice" { name = "alice" }
resource "iam_policy" "p" {
  name   = "p"
  policy = jsonencode(` + exampleDocument + `)
}
resource "iam_user_policy_attachment" "a" {
  user       = iam_user.alice.name
  policy_arn = iam_policy.p.arn
}
resource "iam_user_policy_attachments_exclusive" "all" {
  user_name   = iam_user.alice.name
  policy_arns = [iam_policy.p.arn]
  depends_on  = [iam_user_policy_attachment.a]
}
resource "iam_access_assertion" "alice" {
  name      = "reading"
  principal = iam_user.alice.arn
  allow { actions = ["s3:GetObject"] }
  depends_on = [iam_user_policy_attachment.a]
}`)
	w.terraform("apply", "-auto-approve")
	w.iam("api", "DetachUserPolicy", "UserName=alice", "PolicyArn=arn:aws:iam::000000000000:policy/p")
	output, code := w.run(w.cli, "plan", "-refresh-only", "-detailed-exitcode")
	if code != 2 || strings.Count(joinLines(output), "with DetachUserPolicy at 20") != 1 ||
		strings.Contains(joinLines(output), `outside Terraform: user "alice", by`) {
		t.Errorf("the plan ends with exit code %d and does not report the change once:\n%s", code, output)
	}
	w.terraform("apply", "-auto-approve")
	for range 2 {
		output, code := w.run(w.cli, "plan", "-detailed-exitcode")
		if found := driftWarnings(output); code != 0 || len(found) > 0 {
			t.Errorf("after the repair, a plan ends with exit code %d and reports %q:\n%s", code, found, output)
		}
	}
}
