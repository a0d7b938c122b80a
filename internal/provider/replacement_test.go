package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// fencedConfig has a user with a policy that allows S3, in a group that denies a part of it and that can be replaced.
// lifecycle is added to the resources that belong to the group.
func fencedConfig(lifecycle string) string {
	return fmt.Sprintf(`
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
  %[1]s
}
resource "iam_user_group_membership" "u" {
  user   = iam_user.u.name
  groups = [iam_group.fence.name]
  %[1]s
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
`, lifecycle)
}

// TestReplacement_LosesDenial replaces a group. Its policies and members are lost, and the denial with them.
func TestReplacement_LosesDenial(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(fencedConfig(""))
	w.terraform("apply", "-auto-approve")
	for range repetitions(1) {
		output, code := w.run(w.cli, "plan", "-replace=iam_group.fence")
		text := joinLines(output)
		for _, want := range []string{`Access assertion "payroll" would be violated`,
			`The group "fence" is replaced, and this iam_group_policy is lost unless it is replaced too`,
			`The group "fence" is replaced, and this iam_user_group_membership is lost unless it is replaced too`,
			`replace_triggered_by = [iam_group.LABEL.unique_id]`} {
			if code != 1 || !strings.Contains(text, want) {
				t.Errorf("the plan ends with exit code %d and does not contain %q:\n%s", code, want, output)
			}
		}
	}

	// The account refuses the loss even if the plan does not check it.
	w.env = append(w.env, "IAM_ASSERTIONS=off")
	if output, code := w.run(w.cli, "apply", "-auto-approve", "-replace=iam_group.fence"); code != 1 ||
		!strings.Contains(joinLines(output), `The change violates access assertion "payroll"`) {
		t.Errorf("the apply ends with exit code %d:\n%s", code, output)
	}
}

// TestReplacement_AddsAgain replaces a group together with what belongs to it.
func TestReplacement_AddsAgain(t *testing.T) {
	w := newWorkingDir(t)
	config := fencedConfig("lifecycle { replace_triggered_by = [iam_group.fence.unique_id] }")
	w.writeConfig(config)
	w.terraform("apply", "-auto-approve")
	w.terraform("plan", "-replace=iam_group.fence")
}

// TestReplacement_IsNoChangeOutsideTerraform replaces a role whose policies are lost. The next plan adds them again,
// and does not report the loss as a change that was made outside Terraform.
func TestReplacement_IsNoChangeOutsideTerraform(t *testing.T) {
	w := newWorkingDir(t)
	config := func(path string) string {
		return `
resource "iam_role" "r" {
  name                  = "r"
  path                  = "` + path + `"
  force_detach_policies = true
  assume_role_policy    = jsonencode(` + serviceTrustPolicy + `)
}
resource "iam_role_policy" "i" {
  role   = iam_role.r.name
  name   = "i"
  policy = jsonencode(` + exampleDocument + `)
}`
	}
	w.writeConfig(config("/"))
	w.terraform("apply", "-auto-approve")
	w.writeConfig(config("/x/"))
	if output := joinLines(w.terraform("apply", "-auto-approve")); !strings.Contains(output,
		`The role "r" is replaced, and this iam_role_policy is lost unless it is replaced too`) {
		t.Errorf("the apply does not warn:\n%s", output)
	}
	plan := joinLines(w.terraform("plan"))
	if strings.Contains(plan, "outside Terraform") || !strings.Contains(plan, "1 to add") {
		t.Errorf("the next plan has the output\n%s", plan)
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
			if len(planned.Owners(metadata.TypeName, value)) != 1 {
				t.Errorf("the objects of %s belong to its %s, and planned.Owners does not know it", metadata.TypeName, attribute)
			}
		}
	}
}
