package provider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
)

// developerConfig returns a user, a policy with an action, and an assertion: the user may read reports, but not delete
// anything.
func developerConfig(action, more string) string {
	return fmt.Sprintf(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_policy" "reports" {
  name   = "reports"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Read", Effect = "Allow", Action = %q, Resource = "arn:aws:s3:::reports/*" }] })
}
resource "iam_user_policy_attachment" "dev" {
  user       = iam_user.dev.name
  policy_arn = iam_policy.reports.arn
}
resource "iam_access_assertion" "dev" {
  principal = iam_user.dev.arn
  allow {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::reports/may.csv"]
  }
  deny {
    actions   = ["s3:Delete*"]
    message   = "Reports must not be deleted."
  }
  depends_on = [iam_user_policy_attachment.dev]
}
%s`, action, more)
}

func TestAccessAssertionResource_ChecksPlannedAccount(t *testing.T) {
	a := newTestAccount(t)
	grant := func(principal, action string) string {
		return fmt.Sprintf(`
resource "iam_user_policy" "late" {
  user   = %s
  name   = "late"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Late", Effect = "Allow", Action = %q, Resource = "*" }] })
}`, principal, action)
	}
	const violation = `Access assertion "[^"]*" would be violated: s3:Delete`
	a.run(
		// The assertion checks the planned account, although no account exists yet.
		planFails(developerConfig("s3:PutObject", ""),
			`with iam_access_assertion\.dev.*user/dev must be allowed s3:GetObject on arn:aws:s3:::reports/may\.csv, `+
				`but is not`),
		planFails(developerConfig("s3:*", ""),
			violation+`.*must never be allowed s3:Delete.*by policy "arn:aws:iam::000000000000:policy/reports", statement 0 `+
				`\(Read\).*Reports must not be deleted`),
		resource.TestStep{
			Config: developerConfig("s3:Get*", ""),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("iam_access_assertion.dev",
				tfjsonpath.New("effective").AtSliceIndex(0).AtMapKey("decision"), knownvalue.StringExact("Allowed"))},
		},
		unchanged(developerConfig("s3:Get*", "")),
		// A later planned change violates the assertion; the error points at that change.
		planFails(developerConfig("s3:Get*",
			grant(`split("/", iam_access_assertion.dev.id) == [] ? "" : "dev"`, "s3:DeleteObject")),
			violation+`.*with iam_user_policy\.late`),
		planFails(developerConfig("s3:Get*", grant("iam_user.dev.name", "s3:DeleteObject")), violation),
		// A removal can violate the assertion too.
		planFails(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_policy" "reports" {
  name   = "reports"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Read", Effect = "Allow", Action = "s3:Get*", Resource = "arn:aws:s3:::reports/*" }] })
}
resource "iam_access_assertion" "dev" {
  principal = iam_user.dev.arn
  allow {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::reports/may.csv"]
  }
}`, `Access assertion "[^"]*" would be violated: s3:GetObject on arn:aws:s3:::reports/may\.csv`),
		// If a policy has an unknown value, the plan succeeds, and apply checks the assertion.
		resource.TestStep{
			Config: developerConfig("s3:Get*",
				`resource "terraform_data" "name" { input = "late" }`+grant("iam_user.dev.name", "s3:ListBucket")+`
resource "iam_user_policy" "unknown" {
  user   = iam_user.dev.name
  name   = "unknown"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:GetObject",
      Resource = "arn:aws:s3:::${terraform_data.name.output}" }] })
}`),
		},
		apply(developerConfig("s3:Get*", "")),
		// A change made outside Terraform fails the next plan.
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.PutUserPolicy(ctx,
					&iam.PutUserPolicyInput{UserName: aws.String("dev"), PolicyName: aws.String("mine"), PolicyDocument: aws.String(
						`{"Version":"2012-10-17","Statement":{"Sid":"Mine","Effect":"Allow","Action":"s3:*","Resource":"*"}}`)}))
			}),
			Config: developerConfig("s3:Get*", ""), PlanOnly: true,
			ExpectError: wrappedPattern(violation + `.*inline policy mine of user dev", statement 0 \(Mine\)`),
		},
		// The checks can be switched off, and the account can still be destroyed.
		resource.TestStep{Config: a.providerBlock(`assertions = "off"`) + developerConfig("s3:Get*", ""), PlanOnly: true,
			ExpectNonEmptyPlan: false},
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.DeleteUserPolicy(ctx,
					&iam.DeleteUserPolicyInput{UserName: aws.String("dev"), PolicyName: aws.String("mine")}))
			}),
			Config: developerConfig("s3:Get*", ""),
		},
	)
}

// TestAccessAssertionResource_ReadsEnvironmentVariable checks that the environment variable switches the checks
// off, and that the provider block overrides it.
func TestAccessAssertionResource_ReadsEnvironmentVariable(t *testing.T) {
	a := newTestAccount(t)
	t.Setenv(planaccount.ModeVariable, "off")
	a.run(
		resource.TestStep{Config: a.providerBlock(`assertions = "error"`) + developerConfig("s3:*", ""), PlanOnly: true,
			ExpectError: wrappedPattern(`would be violated`)},
		resource.TestStep{Config: developerConfig("s3:*", ""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("iam_access_assertion.dev", plancheck.ResourceActionCreate),
			}}},
	)
}

func TestAccessAssertionResource_RejectsInvalidArguments(t *testing.T) {
	newTestAccount(t).run(
		planFails(`resource "iam_access_assertion" "a" { principal = "alice" }`, `Empty access assertion`),
		planFails(`
resource "iam_access_assertion" "a" {
  principal = "alice"
  deny { actions = ["GetObject"] }
}`, `"GetObject" is not an action`),
		planFails(`
resource "iam_access_assertion" "a" {
  principal = "nobody"
  deny { actions = ["s3:GetObject"] }
}`, `Principal not found in the planned account.*no user or role with the name`),
	)
}

// TestAccessAssertionResource_ChecksReplacements replaces a role and a policy. A replaced role loses its
// policies, and a replaced policy its attachments.
func TestAccessAssertionResource_ChecksReplacements(t *testing.T) {
	a := newTestAccount(t)
	config := func(role, policy, attached string) string {
		return fmt.Sprintf(`
resource "iam_role" "r" {
  name               = %q
  assume_role_policy = jsonencode(%s)
}
resource "iam_policy" "p" {
  name   = %q
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "P", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
resource "iam_policy" "other" {
  name   = "other"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Other", Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}
resource "iam_role_policy_attachment" "a" {
  role       = iam_role.r.name
  policy_arn = iam_policy.%s.arn
}
resource "iam_access_assertion" "r" {
  principal = iam_role.r.arn
  allow { actions = ["s3:GetObject"] }
  depends_on = [iam_role_policy_attachment.a]
}`, role, serviceTrustPolicy, policy, attached)
	}
	a.run(
		apply(config("r", "p", "p")),
		planFails(config("r", "p", "other"), `must be allowed s3:GetObject on \*, but is not`),
		// A role and a policy with other names, attached to each other, satisfy the assertion.
		apply(config("s", "q", "p")),
		unchanged(config("s", "q", "p")),
		planFails(config("t", "q", "other"), `must be allowed s3:GetObject on \*, but is not`),
	)
}

// TestAccessAssertionResource_AllowsDestroy destroys everything. Terraform first makes an ordinary plan, which the
// assertion must not fail.
func TestAccessAssertionResource_AllowsDestroy(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_policy" "p" {
  name   = "p"
  policy = jsonencode(` + exampleDocument + `)
}
resource "iam_user_policy_attachment" "a" {
  user       = iam_user.dev.name
  policy_arn = iam_policy.p.arn
}
resource "iam_access_assertion" "dev" {
  principal = "dev"
  allow { actions = ["s3:GetObject"] }
  depends_on = [iam_user_policy_attachment.a]
}`)
	w.terraform("apply", "-auto-approve")
	w.terraform("plan", "-destroy")
	w.terraform("destroy", "-auto-approve")
}

// TestAccessAssertionResource_WarnsInApply has an assertion that depends on unknown values, so apply checks it.
// A violation is then a warning, because a failed apply undoes nothing, and the next plan fails.
func TestAccessAssertionResource_WarnsInApply(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
resource "iam_user" "dev" { name = "dev" }
resource "terraform_data" "late" { input = "arn:aws:s3:::payroll/*" }
resource "iam_user_policy" "late" {
  user   = iam_user.dev.name
  name   = "late"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Late", Effect = "Allow", Action = "s3:*", Resource = terraform_data.late.output }] })
}
resource "iam_access_assertion" "dev" {
  principal = iam_user.dev.arn
  deny {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::payroll/may.csv"]
  }
  depends_on = [iam_user_policy.late]
}
output "effective" { value = iam_access_assertion.dev.effective[0].decision }
`)
	if plan := joinLines(w.terraform("plan")); !strings.Contains(plan,
		"is not decided at plan: s3:GetObject on arn:aws:s3:::payroll/may.csv") {
		t.Errorf("the plan does not report the undecided assertion:\n%s", plan)
	}
	applied := w.terraform("apply", "-auto-approve")
	if !strings.Contains(joinLines(applied), "is violated: s3:GetObject on arn:aws:s3:::payroll/may.csv") ||
		!strings.Contains(applied, `effective = "Possible"`) {
		t.Errorf("the apply does not report the violation:\n%s", applied)
	}
	if output, code := w.run(w.cli, "plan"); code != 1 ||
		!strings.Contains(joinLines(output), `Allowed by policy "inline policy late of user dev", statement 0 (Late)`) {
		t.Errorf("the next plan ends with exit code %d:\n%s", code, output)
	}
	w.env = append(w.env, "IAM_ASSERTIONS=warn")
	if output := joinLines(w.terraform("plan")); !strings.Contains(output, "would be violated") {
		t.Errorf("the plan with IAM_ASSERTIONS=warn has the output %s", output)
	}
}

// TestAccessAssertionResource_UndecidedForUnknownOwner plans resources whose owner is unknown. The owner may be the
// principal of the assertion, so the assertion is undecided.
func TestAccessAssertionResource_UndecidedForUnknownOwner(t *testing.T) {
	w := newWorkingDir(t)
	config := func(set string) string {
		return `
resource "iam_user" "dev" { name = "dev" }
resource "iam_group" "g" { name = "g" }
resource "iam_policy" "p" {
  name   = "p"
  policy = jsonencode(` + exampleDocument + `)
}
resource "terraform_data" "late" { input = "late" }
resource "iam_access_assertion" "dev" {
  principal = iam_user.dev.arn
  deny { actions = ["s3:GetObject"] }
}
` + set
	}
	for _, set := range []string{`
resource "iam_user_policy_attachments_exclusive" "x" {
  user_name   = terraform_data.late.output
  policy_arns = [iam_policy.p.arn]
  depends_on  = [iam_access_assertion.dev]
}`, `
resource "iam_group_memberships_exclusive" "x" {
  group_name = terraform_data.late.output
  users      = [iam_user.dev.name]
  depends_on = [iam_access_assertion.dev]
}`, `
resource "iam_user_policy_attachment" "x" {
  user       = terraform_data.late.output
  policy_arn = iam_policy.p.arn
  depends_on = [iam_access_assertion.dev]
}`} {
		w.writeConfig(config(set))
		if plan := joinLines(w.terraform("plan")); !strings.Contains(plan, "is not decided at plan: s3:GetObject on") {
			t.Errorf("the plan with %s has the output\n%s", set, plan)
		}
	}
}
