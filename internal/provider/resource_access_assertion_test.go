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
)

// developer is a user who may read reports, and what must hold of it.
func developer(action, more string) string {
	return fmt.Sprintf(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_policy" "reports" {
  name   = "reports"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Read", Effect = "Allow", Action = %q, Resource = "arn:aws:s3:::reports/*" }] })
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
    message   = "Reports are kept."
  }
  depends_on = [iam_user_policy_attachment.dev]
}
%s`, action, more)
}

func TestAssertionsOnTheAccountAsItWillBe(t *testing.T) {
	l := newLab(t)
	grant := func(principal, action string) string {
		return fmt.Sprintf(`
resource "iam_user_policy" "late" {
  user   = %s
  name   = "late"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Late", Effect = "Allow", Action = %q, Resource = "*" }] })
}`, principal, action)
	}
	const brokenBy = `Access would not be as it must: s3:Delete`
	l.run(
		// From nothing, in one plan: what it must be able to do, it cannot.
		planRefused(developer("s3:PutObject", ""), `with iam_access_assertion\.dev.*user/dev must be allowed s3:GetObject on arn:aws:s3:::reports/may\.csv, and is not`),
		planRefused(developer("s3:*", ""), brokenBy+`.*must never be allowed s3:Delete.*by policy "arn:aws:iam::000000000000:policy/reports", statement 0 \(Read\).*Reports are kept`),
		resource.TestStep{
			Config:            developer("s3:Get*", ""),
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue("iam_access_assertion.dev", tfjsonpath.New("effective").AtSliceIndex(0).AtMapKey("decision"), knownvalue.StringExact("Allowed"))},
		},
		unchanged(developer("s3:Get*", "")),
		// A change elsewhere that is planned after it: the error stands on that.
		planRefused(developer("s3:Get*", grant(`split("/", iam_access_assertion.dev.id) == [] ? "" : "dev"`, "s3:DeleteObject")), brokenBy+`.*with iam_user_policy\.late`),
		planRefused(developer("s3:Get*", grant("iam_user.dev.name", "s3:DeleteObject")), brokenBy),
		// A removal can break it too.
		planRefused(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_policy" "reports" {
  name   = "reports"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Read", Effect = "Allow", Action = "s3:Get*", Resource = "arn:aws:s3:::reports/*" }] })
}
resource "iam_access_assertion" "dev" {
  principal = iam_user.dev.arn
  allow {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::reports/may.csv"]
  }
}`, `Access would not be as it must: s3:GetObject on arn:aws:s3:::reports/may\.csv`),
		// What is known only later is said to be so, and decided about in apply.
		resource.TestStep{
			Config: developer("s3:Get*", `resource "terraform_data" "name" { input = "late" }`+grant("iam_user.dev.name", "s3:ListBucket")+`
resource "iam_user_policy" "unknown" {
  user   = iam_user.dev.name
  name   = "unknown"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::${terraform_data.name.output}" }] })
}`),
		},
		apply(developer("s3:Get*", "")),
		// Something changed outside shows at the next plan, and fails it.
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				must(c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: aws.String("dev"), PolicyName: aws.String("mine"), PolicyDocument: aws.String(
					`{"Version":"2012-10-17","Statement":{"Sid":"Mine","Effect":"Allow","Action":"s3:*","Resource":"*"}}`)}))
			}),
			Config: developer("s3:Get*", ""), PlanOnly: true, ExpectError: spaced(brokenBy + `.*inline policy mine of user dev", statement 0 \(Mine\)`),
		},
		// It can be switched off, and the account be destroyed all the same.
		resource.TestStep{Config: l.block(`assertions = "off"`) + developer("s3:Get*", ""), PlanOnly: true, ExpectNonEmptyPlan: false},
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				must(c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: aws.String("dev"), PolicyName: aws.String("mine")}))
			}),
			Config: developer("s3:Get*", ""),
		},
	)
}

func TestTheEnvironmentActsOnlyWhereTheProviderBlockIsSilent(t *testing.T) {
	l := newLab(t)
	t.Setenv(assertionsVariable, "off")
	l.run(
		resource.TestStep{Config: l.block(`assertions = "error"`) + developer("s3:*", ""), PlanOnly: true, ExpectError: spaced(`Access would not be as it must`)},
		resource.TestStep{Config: developer("s3:*", ""), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction("iam_access_assertion.dev", plancheck.ResourceActionCreate),
		}}},
	)
}

func TestAssertionsThatCannotBeAsked(t *testing.T) {
	newLab(t).run(
		planRefused(`resource "iam_access_assertion" "a" { principal = "alice" }`, `Nothing is asserted`),
		planRefused(`
resource "iam_access_assertion" "a" {
  principal = "alice"
  deny { actions = ["GetObject"] }
}`, `"GetObject" is no action`),
		planRefused(`
resource "iam_access_assertion" "a" {
  principal = "nobody"
  deny { actions = ["s3:GetObject"] }
}`, `There is nobody whose access could be checked.*no user or role with the name`),
	)
}

// What is replaced is not what it was: what hung on it is gone, and what it gave too.
func TestAssertionsSeeWhatAReplacementTakesAway(t *testing.T) {
	l := newLab(t)
	config := func(role, policy, attached string) string {
		return fmt.Sprintf(`
resource "iam_role" "r" {
  name               = %q
  assume_role_policy = jsonencode(%s)
}
resource "iam_policy" "p" {
  name   = %q
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "P", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
resource "iam_policy" "other" {
  name   = "other"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Other", Effect = "Allow", Action = "sqs:*", Resource = "*" }] })
}
resource "iam_role_policy_attachment" "a" {
  role       = iam_role.r.name
  policy_arn = iam_policy.%s.arn
}
resource "iam_access_assertion" "r" {
  principal = iam_role.r.arn
  allow { actions = ["s3:GetObject"] }
  depends_on = [iam_role_policy_attachment.a]
}`, role, trustService, policy, attached)
	}
	l.run(
		apply(config("r", "p", "p")),
		planRefused(config("r", "p", "other"), `must be allowed s3:GetObject on \*, and is not`),
		// A role and a policy of other names, and attached to each other, are as good.
		apply(config("s", "q", "p")),
		unchanged(config("s", "q", "p")),
		planRefused(config("t", "q", "other"), `must be allowed s3:GetObject on \*, and is not`),
	)
}

// A plan to destroy everything begins as an ordinary one, and is not stopped by what it takes away itself.
func TestAssertionsDoNotStopADestroy(t *testing.T) {
	w := newWorkplace(t)
	w.write(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_policy" "p" {
  name   = "p"
  policy = jsonencode(` + someDocument + `)
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

// What is known only in apply is decided about there: that is a warning, since failing an apply would undo nothing, and the next
// plan fails.
func TestAssertionsAreDecidedAboutInApplyWhereAPlanCannot(t *testing.T) {
	w := newWorkplace(t)
	w.write(`
resource "iam_user" "dev" { name = "dev" }
resource "terraform_data" "late" { input = "arn:aws:s3:::payroll/*" }
resource "iam_user_policy" "late" {
  user   = iam_user.dev.name
  name   = "late"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Late", Effect = "Allow", Action = "s3:*", Resource = terraform_data.late.output }] })
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
	if plan := flat(w.terraform("plan")); !strings.Contains(plan, "Access cannot be decided about at plan: s3:GetObject on arn:aws:s3:::payroll/may.csv") {
		t.Errorf("the plan does not say that it cannot decide:\n%s", plan)
	}
	applied := w.terraform("apply", "-auto-approve")
	if !strings.Contains(flat(applied), "Warning: Access is not as it must be: s3:GetObject on arn:aws:s3:::payroll/may.csv") || !strings.Contains(applied, `effective = "Possible"`) {
		t.Errorf("the apply does not say what came of it:\n%s", applied)
	}
	if output, code := w.run(w.cli, "plan"); code != 1 || !strings.Contains(flat(output), `Allowed by policy "inline policy late of user dev", statement 0 (Late)`) {
		t.Errorf("the next plan ends with %d:\n%s", code, output)
	}
	w.env = append(w.env, "IAM_ASSERTIONS=warn")
	if output := flat(w.terraform("plan")); !strings.Contains(output, "Warning: Access would not be as it must") {
		t.Errorf("with warnings the plan says %s", output)
	}
}

// Whoever a set turns out to be of, a plan does not take it for somebody else's.
func TestAssertionsSeeSetsOfSomeoneKnownLater(t *testing.T) {
	w := newWorkplace(t)
	config := func(set string) string {
		return `
resource "iam_user" "dev" { name = "dev" }
resource "iam_group" "g" { name = "g" }
resource "iam_policy" "p" {
  name   = "p"
  policy = jsonencode(` + someDocument + `)
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
		w.write(config(set))
		if plan := flat(w.terraform("plan")); !strings.Contains(plan, "Access cannot be decided about at plan: s3:GetObject on") {
			t.Errorf("with %s the plan says\n%s", set, plan)
		}
	}
}
