package provider

import (
	"path/filepath"
	"strings"
	"testing"
)

// handoverProfiles has a login profile at one of two addresses.
const handoverProfiles = `
variable "old" { default = 1 }
resource "iam_user" "u" { name = "ana" }
resource "iam_user_login_profile" "old" {
  count               = var.old
  user                = iam_user.u.name
  password_wo         = "correct-Horse-7-battery"
  password_wo_version = 1
}
resource "iam_user_login_profile" "new" {
  count               = var.move ? 1 : 0
  user                = iam_user.u.name
  password_wo         = "correct-Horse-7-battery"
  password_wo_version = 1
}
variable "move" { default = false }
`

// TestHandover_SavedDestruction applies a saved plan that destroys a password, after another plan, which is never
// applied, has handed the password over. The password must be gone, or the apply must fail.
func TestHandover_SavedDestruction(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(handoverProfiles)
	w.terraform("apply", "-auto-approve")
	w.terraform("plan", "-var=old=0", "-out=destroy.plan")
	w.terraform("plan", "-var=old=0", "-var=move=true")
	_, code := w.run(w.cli, "apply", "destroy.plan")
	_, missing := w.run(filepath.Join(w.binaries, "iam"), "api", "GetLoginProfile", "UserName=ana")
	if code == 0 && missing == 0 {
		t.Error("the apply succeeds, Terraform's state has no password, and the user can still sign in")
	}
}

// TestHandover_ForeignSuccessor hands a user over, and forgets it. Somebody replaces the user by another one with the
// same name and a policy. The configuration must not take that user over.
func TestHandover_ForeignSuccessor(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`resource "iam_user" "old" { name = "ana" }`)
	w.terraform("apply", "-auto-approve")
	w.writeConfig(`resource "iam_user" "new" { name = "ana" }`)
	w.terraform("apply", "-auto-approve")
	w.terraform("state", "rm", "iam_user.new")
	w.iam("api", "DeleteUser", "UserName=ana")
	w.iam("api", "CreateUser", "UserName=ana")
	output, code := w.run(w.cli, "plan")
	if code == 0 || !strings.Contains(output, "already exists") {
		t.Errorf("the plan takes over a user that another person created:\n%s", output)
	}
}
