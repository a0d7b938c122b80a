package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// fencedConfig has a user with a policy that allows S3, in a group that denies a part of it and that can be replaced.
const fencedConfig = `
resource "iam_user" "u" { name = "u" }
resource "iam_group" "fence" {
  name          = "fence"
  force_destroy = true
}
resource "iam_group_policy" "deny" {
  group  = iam_group.fence.name
  name   = "deny"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Deny", Action = "*", Resource = "arn:aws:s3:::payroll/*" }] })
}
resource "iam_user_group_membership" "u" {
  user   = iam_user.u.name
  groups = [iam_group.fence.name]
}
resource "iam_user_policy" "allow" {
  user   = iam_user.u.name
  name   = "s3"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "iam_access_assertion" "u" {
  name      = "payroll"
  principal = iam_user.u.arn
  deny {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::payroll/1.csv"]
  }
  depends_on = [iam_group_policy.deny, iam_user_group_membership.u]
}
`

// TestReplacement_ReplacesWhatBelongsToIt replaces a group. Its policies and members are there after the apply.
func TestReplacement_ReplacesWhatBelongsToIt(t *testing.T) {
	w := newWorkingDir(t)
	config, _, _ := strings.Cut(fencedConfig, `resource "iam_access_assertion"`)
	w.writeConfig(config)
	w.terraform("apply", "-auto-approve")
	for range repetitions(1) {
		if output := joinLines(w.terraform("apply", "-auto-approve", "-replace=iam_group.fence")); !strings.Contains(output,
			"2 added, 1 changed, 2 destroyed") {
			t.Errorf("the apply has the output\n%s", output)
		}
		w.expectNoChanges()
	}
}

// TestReplacement_AssertionHolds replaces a group that an access assertion needs all the time. The account refuses the
// moment without the denial, and nothing is lost.
func TestReplacement_AssertionHolds(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(fencedConfig)
	w.terraform("apply", "-auto-approve")
	if output, code := w.run(w.cli, "apply", "-auto-approve", "-replace=iam_group.fence"); code != 1 ||
		!strings.Contains(joinLines(output), `The change violates access assertion "payroll"`) {
		t.Errorf("the apply ends with exit code %d:\n%s", code, output)
	}
	w.expectNoChanges()
}

// TestReplacement_LiteralName replaces a role whose policy names it by a literal, so that Terraform does not know that
// one belongs to the other.
func TestReplacement_LiteralName(t *testing.T) {
	w := newWorkingDir(t)
	config := func(path string) string {
		return `
resource "iam_role_policy" "a" {
  role   = "r"
  name   = "i"
  policy = jsonencode(` + exampleDocument + `)
}
resource "iam_role" "r" {
  name               = "r"
  path               = "` + path + `"
  assume_role_policy = jsonencode(` + serviceTrustPolicy + `)
}`
	}
	w.writeConfig(strings.Replace(config("/"), `"r"
  name   =`, `iam_role.r.name
  name   =`, 1))
	w.terraform("apply", "-auto-approve")
	w.writeConfig(config("/x/"))
	for range repetitions(1) { // the order of planning decides whether the plan can replace the policy
		output, code := w.run(w.cli, "plan", "-detailed-exitcode")
		if text := joinLines(output); code == 1 && !strings.Contains(text,
			`Replacing the role "r" would lose what belongs to it`) || code == 2 && !strings.Contains(text, "2 to add") {
			t.Errorf("the plan ends with exit code %d:\n%s", code, output)
		}
	}
}

// TestOwners_HasEveryResource fails if a new resource belongs to a user, group or role and package planned does not
// know it.
func TestOwners_HasEveryResource(t *testing.T) {
	for _, create := range resources() {
		var metadata resource.MetadataResponse
		create().Metadata(t.Context(), resource.MetadataRequest{ProviderTypeName: "iam"}, &metadata)
		var schema resource.SchemaResponse
		create().Schema(t.Context(), resource.SchemaRequest{}, &schema)
		for _, attribute := range []string{"user", "user_name", "group", "group_name", "role", "role_name"} {
			if _, ok := schema.Schema.Attributes[attribute]; !ok || metadata.TypeName == "iam_session_revocation" {
				continue // the revocation of a session remains when its user is replaced
			}
			value := tree.Node{Kind: tree.Object,
				Members: []tree.Member{{Name: attribute, Value: tree.Node{Kind: tree.String, Text: "x"}}}}
			if whole, part := planned.Owners(metadata.TypeName, value); len(whole)+len(part) != 1 {
				t.Errorf("the objects of %s belong to its %s, and planned.Owners does not know it", metadata.TypeName, attribute)
			}
		}
	}
}
