package provider

import (
	"strings"
	"testing"
)

// Each alias has an account of its own, and two may work on one file.
func TestAliases(t *testing.T) {
	w := newWorkplace(t)
	w.write(`
provider "iam" {
  alias      = "prod"
  store      = "prod/iam.db"
  account_id = "111122223333"
}
provider "iam" {
  alias = "same"
}
resource "iam_user" "here" { name = "alice" }
resource "iam_user" "prod" {
  provider = iam.prod
  name     = "alice"
}
resource "iam_group" "same" {
  provider = iam.same
  count    = 20
  name     = "group-${count.index}"
}
resource "iam_user" "many" {
  count = 20
  name  = "user-${count.index}"
}
resource "iam_user_group_membership" "m" {
  provider = iam.same
  count    = 20
  user     = iam_user.many[count.index].name
  groups   = [iam_group.same[count.index].name]
}
output "arns" { value = [iam_user.here.arn, iam_user.prod.arn] }
`)
	plan := w.terraform("plan")
	for _, want := range []string{"arn:aws:iam::000000000000:user/alice", "arn:aws:iam::111122223333:user/alice"} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan does not know %s", want)
		}
	}
	w.applies(t)
	if got := w.iam("--store", "prod/iam.db", "api", "ListUsers"); strings.Count(got, `"Arn"`) != 1 || !strings.Contains(got, "111122223333") {
		t.Errorf("the other account has %s", got)
	}
	w.terraform("destroy", "-auto-approve")
	if got := w.iam("audit", "verify"); !strings.Contains(got, "OK") && !strings.Contains(strings.ToLower(got), "verif") {
		t.Errorf("the audit trail: %s", got)
	}
}
