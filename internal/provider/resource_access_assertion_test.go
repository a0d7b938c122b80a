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
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
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
				tfjsonpath.New("effective").AtMapKey("s3:GetObject on arn:aws:s3:::reports/may.csv"),
				knownvalue.StringExact("Allowed"))},
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
						`{"Version":"2012-10-17","Statement":{"Sid":"Mine","Effect":"Deny","Action":"s3:*","Resource":"*"}}`)}))
			}),
			Config: developerConfig("s3:Get*", ""), PlanOnly: true,
			ExpectError: wrappedPattern(`is not allowed.*inline policy mine of user dev", statement 0 \(Mine\)`),
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
		resource.TestStep{Config: developerConfig("s3:*", ""), PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{Config: developerConfig("s3:*", ""),
			ExpectError: wrappedPattern(`AccessAssertionViolation: .* must never be allowed s3:Delete`)},
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

// TestAccessAssertionResource_RefusedInApply has an assertion that depends on an unknown value. The plan warns, or
// fails if it must decide, and the account refuses the violation in apply.
func TestAccessAssertionResource_RefusedInApply(t *testing.T) {
	w := newWorkingDir(t)
	config := func(resource, more string) string {
		return fmt.Sprintf(`
resource "iam_user" "dev" { name = "dev" }
resource "terraform_data" "late" { input = %q }
resource "iam_user_policy" "late" {
  user   = iam_user.dev.name
  name   = "late"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Late", Effect = "Allow", Action = "s3:*", Resource = terraform_data.late.output }] })
}
resource "iam_access_assertion" "dev" {
  name      = "payroll"
  principal = iam_user.dev.arn
  %s
  deny {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::payroll/may.csv"]
  }
}
output "effective" { value = values(iam_access_assertion.dev.effective) }
`, resource, more)
	}
	const undecided = "is not decided at plan: s3:GetObject on arn:aws:s3:::payroll/may.csv"
	w.writeConfig(config("arn:aws:s3:::payroll/*", ""))
	if plan := joinLines(w.terraform("plan")); !strings.Contains(plan, undecided) {
		t.Errorf("the plan does not report the undecided assertion:\n%s", plan)
	}
	for _, strict := range []string{config("arn:aws:s3:::payroll/*", `undecided = "error"`),
		`provider "iam" { undecided = "error" }` + config("arn:aws:s3:::payroll/*", "")} {
		w.writeConfig(strict)
		if plan, code := w.run(w.cli, "plan"); code != 1 || !strings.Contains(joinLines(plan), undecided) {
			t.Errorf("the plan with undecided = \"error\" ends with exit code %d:\n%s", code, plan)
		}
	}
	w.writeConfig(config("arn:aws:s3:::payroll/*", ""))
	output, code := w.run(w.cli, "apply", "-auto-approve")
	if code != 1 || !strings.Contains(joinLines(output), `The change violates access assertion "payroll"`) {
		t.Errorf("the apply ends with exit code %d:\n%s", code, output)
	}
	w.writeConfig(config("arn:aws:s3:::reports/*", ""))
	if output := w.terraform("apply", "-auto-approve"); !strings.Contains(output, `"Never"`) {
		t.Errorf("the apply has the output\n%s", output)
	}

	// The assertion does not change, and the policy's change is unknown at plan.
	w.writeConfig(config("arn:aws:s3:::payroll/*", ""))
	output, code = w.run(w.cli, "apply", "-auto-approve")
	if code != 1 || !strings.Contains(joinLines(output), undecided) ||
		!strings.Contains(joinLines(output), `Access assertion "payroll" would be violated: s3:GetObject`) {
		t.Errorf("the apply of an unknown change ends with exit code %d:\n%s", code, output)
	}
}

// orderedConfig has a user that a policy allows S3 and that a group denies S3, without an order between the two, and an
// assertion without depends_on.
const orderedConfig = `
resource "iam_user" "ana" { name = "ana" }
resource "iam_group" "fence" { name = "fence" }
resource "iam_user_policy" "allow" {
  user   = iam_user.ana.name
  name   = "s3"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}
resource "iam_group_policy" "deny" {
  group  = iam_group.fence.name
  name   = "deny"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "arn:aws:s3:::payroll/*" }] })
}
resource "iam_user_group_membership" "ana" {
  user   = iam_user.ana.name
  groups = [iam_group.fence.name]
}
resource "iam_access_assertion" "ana" {
  principal = iam_user.ana.arn
  deny {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::payroll/*"]
  }
}
`

// TestAccessAssertionResource_NeedsNoOrder plans, applies and destroys access and its denial without an order between
// them. Every run must give the same result.
func TestAccessAssertionResource_NeedsNoOrder(t *testing.T) {
	for i := range repetitions(3) {
		w := newWorkingDir(t)
		w.writeConfig(orderedConfig)
		if output, code := w.run(w.cli, "apply", "-auto-approve"); code != 0 {
			t.Fatalf("run %d: the apply ends with exit code %d:\n%s", i, code, output)
		}
		if output, code := w.run(w.cli, "destroy", "-auto-approve"); code != 0 {
			t.Fatalf("run %d: the destroy ends with exit code %d:\n%s", i, code, output)
		}
	}
}

// TestAccessAssertionResource_Protected cannot be removed, weakened or replaced before the operator lifts the
// protection. Terraform warns about requests that are no longer forbidden.
func TestAccessAssertionResource_Protected(t *testing.T) {
	a := newTestAccount(t)
	config := func(actions, more string) string {
		return fmt.Sprintf(`
resource "iam_user" "ana" { name = "ana" }
resource "iam_access_assertion" "ana" {
  name      = "payroll"
  principal = iam_user.ana.arn
  %s
  deny { actions = [%s] }
}`, more, actions)
	}
	const protected = `Access assertion "payroll" is protected`
	a.run(
		apply(config(`"s3:*"`, "protected = true")),
		unchanged(config(`"s3:*"`, "protected = true")),
		resource.TestStep{ResourceName: "iam_access_assertion.ana", ImportState: true, ImportStateVerify: true,
			ImportStateId: "payroll"},
		planFails(config(`"s3:GetObject"`, "protected = true"), protected),
		planFails(config(`"s3:*"`, ""), protected),
		planFails(config(`"s3:*"`, "protected = true\n  through_roles = false"), protected),
		planFails(`resource "iam_user" "ana" { name = "ana" }`, protected),
		apply(config(`"s3:*", "sqs:*"`, "protected = true")),
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.UnprotectAccessAssertion(ctx,
					&engine.UnprotectAccessAssertionInput{Name: "payroll", Reason: "drill"}))
			}),
			Config: config(`"s3:GetObject"`, ""),
		},
		unchanged(config(`"s3:GetObject"`, "")),
		apply(`resource "iam_user" "ana" { name = "ana" }`),
	)
}

// TestAccessAssertionResource_WarnsAboutWeakening changes and removes an assertion.
func TestAccessAssertionResource_WarnsAboutWeakening(t *testing.T) {
	w := newWorkingDir(t)
	config := func(action string) string {
		return `
resource "iam_access_assertion" "outside" {
  name      = "outside"
  principal = "*"
  deny { actions = ["` + action + `"] }
}`
	}
	w.writeConfig(config("sts:Assume*"))
	w.terraform("apply", "-auto-approve")
	for changed, want := range map[string]string{
		config("sts:AssumeRole"): `Access assertion "outside" forbids less: sts:Assume* on any resource`,
		"":                       `Access assertion "outside" forbids less: sts:Assume* on any resource`,
	} {
		w.writeConfig(changed)
		if plan := joinLines(w.terraform("plan")); !strings.Contains(plan, want) {
			t.Errorf("the plan does not contain %q:\n%s", want, plan)
		}
	}
	w.writeConfig(config("sts:*"))
	if plan := joinLines(w.terraform("plan")); strings.Contains(plan, "forbids less") {
		t.Errorf("the plan warns about a stronger assertion:\n%s", plan)
	}
}

// TestAccessAssertionResource_StoredByOtherConfiguration has an assertion that another root module created.
func TestAccessAssertionResource_StoredByOtherConfiguration(t *testing.T) {
	a := newTestAccount(t)
	grant := `
resource "iam_user" "ana" { name = "ana" }
resource "iam_user_policy" "s3" {
  user   = iam_user.ana.name
  name   = "s3"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] })
}`
	a.run(
		apply(`resource "iam_user" "ana" { name = "ana" }`),
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.CreateAccessAssertion(ctx, &engine.CreateAccessAssertionInput{Name: "payroll",
					Assertion: assertion.Assertion{Principal: "ana", Blocks: []assertion.Block{{Actions: []string{"s3:*"}}}}}))
			}),
			Config: grant, PlanOnly: true,
			ExpectError: wrappedPattern(`Access assertion "payroll" would be violated.*which the account stores`),
		},
		resource.TestStep{Config: a.providerBlock(`assertions = "off"`) + grant,
			ExpectError: wrappedPattern(`The change violates access assertion "payroll"`)},
	)
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
