package provider

import "testing"

const sharedMembershipConfig = `
variable "groups" { type = list(string) }
resource "iam_user" "u" { name = "u" }
resource "iam_group" "g" {
  for_each = toset(["x", "y"])
  name     = each.key
}
resource "iam_user_group_membership" "keeps" {
  user   = iam_user.u.name
  groups = [iam_group.g["x"].name]
}
resource "iam_user_group_membership" "gives_up" {
  user   = iam_user.u.name
  groups = [for name in var.groups : iam_group.g[name].name]
}
`

// Terraform plans and applies in two processes of the provider. The second one plans the update again before it applies
// it, and does not know the resource that keeps the membership.
func TestHandover_ProcessOfApplyKnowsPlan(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(sharedMembershipConfig)
	w.terraform("apply", "-auto-approve", `-var=groups=["x", "y"]`)
	w.terraform("apply", "-auto-approve", `-var=groups=["y"]`)
	if output, code := w.run(w.cli, "plan", "-detailed-exitcode", `-var=groups=["y"]`); code != 0 {
		t.Errorf("a plan after the apply has exit code %d:\n%s", code, output)
	}
}
