package provider

import (
	"strings"
	"testing"
)

// TestAccSameAccess checks that a plan notes an edit of a policy that changes no access, and that the apply does not
// repeat it.
func TestAccSameAccess(t *testing.T) {
	const config = `
variable "actions" {
  type    = list(string)
  default = ["s3:Get*", "s3:GetObject"]
}
variable "assume" {
  type    = list(string)
  default = ["sts:AssumeRole", "sts:AssumeRol*"]
}
locals {
  document = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = var.actions, Resource = "*" },
  ] })
}
resource "iam_policy" "deploy" {
  name   = "deploy"
  policy = local.document
}
resource "iam_user" "ana" { name = "ana" }
resource "iam_user_policy" "own" {
  user   = iam_user.ana.name
  name   = "own"
  policy = local.document
}
resource "iam_role" "ci" {
  name = "ci"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = "000000000000" }, Action = var.assume },
  ] })
}
`
	w := newWorkingDir(t)
	w.writeConfig(config)
	w.applyCleanly(t)
	changed := []string{"-var", `actions=["s3:Get*"]`, "-var", `assume=["sts:AssumeRol*"]`}
	output := joinLines(w.terraform(append([]string{"plan", "-out=plan"}, changed...)...))
	for _, of := range []string{`policy "deploy"`, `inline policy "own" of user "ana"`,
		`the trust policy of role "ci"`} {
		if n := strings.Count(output, "Access does not change: the new text of "+of+" allows and denies"); n != 1 {
			t.Errorf("the plan has %d notes about %s, want 1:\n%s", n, of, output)
		}
	}
	if !strings.Contains(output, "3 to change") {
		t.Errorf("the plan does not show the changes:\n%s", output)
	}
	if output = w.terraform("apply", "plan"); strings.Contains(output, "Access does not change") {
		t.Errorf("the apply repeats the note:\n%s", output)
	}
	output = w.terraform("plan", "-var", `actions=["s3:*"]`, "-var", `assume=["sts:AssumeRol*"]`)
	if strings.Contains(output, "Access does not change") {
		t.Errorf("the plan notes that more access is none:\n%s", output)
	}
}
