package provider

import (
	"strings"
	"testing"
)

// sharedMembershipConfig has two resources that add a user to a group. One of them gives the membership up.
const sharedMembershipConfig = `
variable "groups" { type = list(string) }
variable "keeps" { default = 1 }
resource "iam_user" "u" { name = "u" }
resource "iam_group" "g" {
  for_each = toset(["x", "y"])
  name     = each.key
}
resource "iam_user_group_membership" "keeps" {
  count  = var.keeps
  user   = iam_user.u.name
  groups = [iam_group.g["x"].name]
}
resource "iam_user_group_membership" "gives_up" {
  user   = iam_user.u.name
  groups = [for name in var.groups : iam_group.g[name].name]
}
`

const (
	bothGroups = `-var=groups=["x", "y"]`
	onlyY      = `-var=groups=["y"]`
)

// Terraform plans and applies in two processes of the provider. The second one plans the update again before it applies
// it, and does not know the resource that keeps the membership.
func TestHandover_ProcessOfApplyKnowsPlan(t *testing.T) {
	for name, apply := range map[string]func(w *workingDir){
		"one command": func(w *workingDir) { w.terraform("apply", "-auto-approve", onlyY) },
		"saved plan": func(w *workingDir) {
			w.terraform("plan", "-out=saved", onlyY)
			w.terraform("apply", "saved")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkingDir(t)
			w.writeConfig(sharedMembershipConfig)
			w.terraform("apply", "-auto-approve", bothGroups)
			apply(w)
			w.expectNoChanges(onlyY)
		})
	}
}

// An abandoned plan has handed the membership over. A later plan without refresh gives it up in both resources.
func TestHandover_AbandonedPlan(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(sharedMembershipConfig)
	w.terraform("apply", "-auto-approve", bothGroups)
	w.terraform("plan", onlyY)
	w.terraform("apply", "-auto-approve", "-refresh=false", onlyY, "-var=keeps=0")
	if groups := w.iam("api", "ListGroupsForUser", "UserName=u"); strings.Contains(groups, `"x"`) {
		t.Errorf("the user is still in the group x:\n%s", groups)
	}
}
