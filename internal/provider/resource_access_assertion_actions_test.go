package provider

import (
	"strings"
	"testing"
)

// TestAccAccessAssertion_UnknownActions checks that validation refuses an action that does not exist, and that the plan
// warns about an action that may not exist.
func TestAccAccessAssertion_UnknownActions(t *testing.T) {
	w := newWorkingDir(t)
	config := func(actions string) string {
		return `
resource "iam_user" "alice" { name = "alice" }
resource "iam_access_assertion" "payroll" {
  principal = iam_user.alice.name
  deny { actions = ["s3:GetObject"] }
  deny { actions = [` + actions + `] }
}
`
	}
	for actions, want := range map[string]string{
		`"s3:GetObjct"`: `"s3:GetObjct" is not an action of the service "s3"; perhaps "s3:GetObject" was meant.`,
		`"iam:PasRole"`: `"iam:PasRole" is not an action of the service "iam"; perhaps "iam:PassRole" was meant.`,
	} {
		w.writeConfig(config(actions))
		for _, command := range []string{"validate", "plan"} {
			output, code := w.run(w.cli, command)
			if output = joinLines(output); code != 1 || !strings.Contains(output, "Invalid access assertion") ||
				!strings.Contains(output, want) {
				t.Errorf("terraform %s with %s: exit code %d, want an error with %q:\n%s", command, actions, code, want, output)
			}
		}
	}
	w.writeConfig(config(`"s3:LaunchRocket", "payroll:Read", "s3:Get*"`))
	output := joinLines(w.terraform("plan"))
	for _, want := range []string{
		`Access assertion may check nothing: "s3:LaunchRocket" is not an action of the service "s3" in the catalog of`,
		`Access assertion may check nothing: "payroll:Read" is an action of the service "payroll", which is not known`,
	} {
		if got := strings.Count(output, want); got != 1 {
			t.Errorf("the plan contains %q %d times, want once:\n%s", want, got, output)
		}
	}
	w.terraform("apply", "-auto-approve")
}
