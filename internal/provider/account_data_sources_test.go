package provider

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// peopled is an account with some of everything, made outside Terraform.
func peopled(l *lab) {
	l.outside(func(ctx context.Context, c *engine.Client) {
		name := aws.String
		boundary := must(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: name("boundary"), Path: name("/b/"), PolicyDocument: name(someDocument), Description: name("most")})).Policy.Arn
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: name("alice"), Path: name("/team/"), PermissionsBoundary: boundary}))
		for i := range 120 { // more than a page
			must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: name(fmt.Sprintf("user-%03d", i)), Path: name("/many/")}))
		}
		must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: name("readers")}))
		must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{GroupName: name("readers"), UserName: name("alice")}))
		must(c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: name("readers"), PolicyName: name("read"), PolicyDocument: name(someDocument)}))
		must(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name("deploy"), Path: name("/ci/"), AssumeRolePolicyDocument: name(trustService)}))
		must(c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name("deploy"), PolicyArn: boundary}))
		must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: name("alice")}))
		must(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: name("acme")}))
	})()
}

func TestDataSourcesOfAnAccount(t *testing.T) {
	l := newLab(t)
	peopled(l)
	texts := func(values ...string) knownvalue.Check {
		var checks []knownvalue.Check
		for _, v := range values {
			checks = append(checks, knownvalue.StringExact(v))
		}
		return knownvalue.TupleExact(checks)
	}
	output := func(name, expression string) string {
		return fmt.Sprintf("output %q { value = %s }\n", name, expression)
	}
	check := statecheck.ExpectKnownOutputValue
	const arn = "arn:aws:iam::000000000000:"
	l.run(
		resource.TestStep{
			Config: `
data "iam_user" "u" { user_name = "alice" }
data "iam_users" "all" { path_prefix = "/many/" }
data "iam_users" "some" { name_regex = "^(alice|user-119)$" }
data "iam_group" "g" { group_name = "readers" }
data "iam_groups" "g" {}
data "iam_role" "r" { name = "deploy" }
data "iam_roles" "r" { path_prefix = "/ci/" }
data "iam_policy" "p" { name = "boundary" }
data "iam_policies" "p" {}
data "iam_access_keys" "k" { user = "alice" }
data "iam_account" "a" {}
data "iam_caller_identity" "c" {}
data "iam_credential_report" "c" {}
data "iam_audit_events" "e" { event_name = "CreateGroup" }
data "iam_session_context" "s" { arn = "arn:aws:sts::000000000000:assumed-role/deploy/run" }
data "iam_session_context" "n" { arn = "` + arn + `user/team/alice" }
data "iam_unmanaged" "u" { path_prefix = "/team/" }
` +
				output("user", `[data.iam_user.u.arn, data.iam_user.u.groups[0], data.iam_user.u.permissions_boundary]`) +
				output("many", `length(data.iam_users.all.names)`) + output("some", `data.iam_users.some.names`) +
				output("group", `[data.iam_group.g.users[0].user_name, data.iam_group.g.inline_policy_names[0], data.iam_groups.g.arns[0]]`) +
				output("role", `[data.iam_role.r.arn, data.iam_role.r.attached_policy_arns[0], jsondecode(data.iam_role.r.assume_role_policy).Version, data.iam_roles.r.names[0]]`) +
				output("policy", `[data.iam_policy.p.arn, data.iam_policy.p.description, data.iam_policy.p.policy, data.iam_policies.p.names[0]]`) +
				output("keys", `[data.iam_access_keys.k.access_keys[0].status, substr(data.iam_access_keys.k.access_keys[0].access_key_id, 0, 4)]`) +
				output("account", `[data.iam_account.a.alias, data.iam_account.a.summary["Users"], data.iam_account.a.limits["users"], data.iam_account.a.exists]`) +
				output("caller", `[data.iam_caller_identity.c.account_id, data.iam_caller_identity.c.arn]`) +
				output("report", `length([for u in data.iam_credential_report.c.users : u if u.access_key_1_active == "true"])`) +
				output("events", `[length(data.iam_audit_events.e.events), data.iam_audit_events.e.events[0].who, data.iam_audit_events.e.events[0].user_agent]`) +
				output("session", `[data.iam_session_context.s.issuer_arn, data.iam_session_context.s.session_name, data.iam_session_context.n.issuer_arn]`) +
				output("unmanaged", `[for o in data.iam_unmanaged.u.objects : "${o.type} ${o.name} by ${o.created_by}: ${o.import_block}"]`),
			ConfigStateChecks: []statecheck.StateCheck{
				check("user", texts(arn+"user/team/alice", "readers", arn+"policy/b/boundary")),
				check("many", knownvalue.Int64Exact(120)),
				check("some", knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("alice"), knownvalue.StringExact("user-119")})),
				check("group", texts("alice", "read", arn+"group/readers")),
				check("role", texts(arn+"role/ci/deploy", arn+"policy/b/boundary", "2012-10-17", "deploy")),
				check("policy", texts(arn+"policy/b/boundary", "most", someDocument, "boundary")),
				check("keys", texts("Active", "AKIA")),
				check("account", tuple("acme", 121, 5000, true)),
				check("caller", texts("000000000000", arn+"root")),
				check("report", knownvalue.Int64Exact(1)),
				check("events", tuple(1, "local operator mallory", "other/1")),
				check("session", texts(arn+"role/ci/deploy", "run", arn+"user/team/alice")),
				check("unmanaged", texts("iam_user alice by local operator mallory: import {\n  to = iam_user.alice\n  id = \"alice\"\n}\n")),
			},
		},
		planRefused(`data "iam_user" "u" { user_name = "nobody" }`, `Not found: user "nobody"`),
		planRefused(`data "iam_policy" "p" { name = "none" }`, `Not found: policy none`),
		planRefused(`data "iam_audit_events" "e" { since = "yesterday" }`, `Not a time`),
		planRefused(`data "iam_users" "u" { name_regex = "(" }`, `Not a regular expression`),
	)
}

func TestDataSourcesBeforeThereIsAStore(t *testing.T) {
	l := newLab(t)
	l.run(
		resource.TestStep{
			Config: `
data "iam_account" "a" {}
data "iam_users" "u" {}
data "iam_unmanaged" "u" {}
data "iam_caller_identity" "c" {}
output "a" { value = [data.iam_account.a.exists, length(data.iam_users.u.names), length(data.iam_unmanaged.u.objects), data.iam_caller_identity.c.account_id] }`,
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("a", tuple(false, 0, 0, "000000000000"))},
		},
		planRefused(`data "iam_user" "u" { user_name = "alice" }`, `Not found: user "alice".*There is no account at`),
	)
}

func TestWhatTerraformMadeOrImportedIsManaged(t *testing.T) {
	l := newLab(t)
	peopled(l)
	const all = `
data "iam_unmanaged" "u" { types = ["iam_user", "iam_role"] }
output "unmanaged" { value = [for o in data.iam_unmanaged.u.objects : o.name if !startswith(o.name, "user-")] }
`
	is := func(names ...string) []statecheck.StateCheck {
		var checks []knownvalue.Check
		for _, name := range names {
			checks = append(checks, knownvalue.StringExact(name))
		}
		return []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("unmanaged", knownvalue.TupleExact(checks))}
	}
	const made = `
resource "iam_role" "made" {
  name               = "made"
  assume_role_policy = jsonencode(` + trustService + `)
}
resource "iam_access_key" "hers" { user = "alice" } # does not make alice its own
`
	const imported = made + `
import {
  to = iam_user.alice
  id = "alice"
}
resource "iam_user" "alice" {
  name                 = "alice"
  path                 = "/team/"
  force_destroy        = true
  permissions_boundary = "arn:aws:iam::000000000000:policy/b/boundary"
}`
	adopted := func(times int) func() {
		return func() {
			e, got := l.engine(), 0
			for _, err := range e.AuditEvents(t.Context(), engine.AuditFilter{EventName: engine.AdoptedEvent}) {
				must(0, err)
				got++
			}
			if err := e.Close(); err != nil || got != times {
				t.Errorf("%d imports are recorded (%v), want %d", got, err, times)
			}
		}
	}
	l.run(
		apply(made),
		resource.TestStep{Config: made + all, ConfigStateChecks: is("alice", "deploy")},
		resource.TestStep{Config: imported, PlanOnly: true, ExpectNonEmptyPlan: true}, // which adopts nothing
		resource.TestStep{Config: made + all, ConfigStateChecks: is("alice", "deploy"), PreConfig: adopted(0)},
		apply(imported),
		resource.TestStep{Config: imported + all, ConfigStateChecks: is("deploy"), PreConfig: adopted(1)},
	)
}

func TestImportBlocksOfWhatIsUnmanagedCanStandTogether(t *testing.T) {
	l := newLab(t)
	l.outside(func(ctx context.Context, c *engine.Client) {
		for _, name := range []string{"a.b", "a@b", "a_b", "1st"} {
			must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name)}))
		}
	})()
	l.run(resource.TestStep{
		Config: `
data "iam_unmanaged" "u" {}
output "to" { value = [for o in data.iam_unmanaged.u.objects : "${regex("to = (.*)", o.import_block)[0]} ${o.name}"] }`,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("to", tuple("iam_user._1st 1st", "iam_user.a_b a.b", "iam_user.a_b_2 a@b", "iam_user.a_b_3 a_b"))},
	})
}

func TestPrincipalPolicySimulation(t *testing.T) {
	l := newLab(t)
	config := func(action, more string) string {
		return fmt.Sprintf(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_user_policy" "own" {
  user   = iam_user.dev.name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Own", Effect = "Allow", Action = %q, Resource = "*" }] })
}
locals { dev = iam_user_policy.own.id == "" ? "" : iam_user.dev.arn }
data "iam_principal_policy_simulation" "s" {
  policy_source_arn = local.dev
  action_names      = ["s3:GetObject", "s3:PutObject"]
  resource_arns     = ["arn:aws:s3:::reports/a"]
  %s
}
output "s" {
  value = [for r in data.iam_principal_policy_simulation.s.results : "${r.action_name} ${r.decision}"]
}
output "account" { value = data.iam_principal_policy_simulation.s.account }
`, action, more)
	}
	late := func(action string) string {
		return fmt.Sprintf(`
resource "iam_user_policy" "late" {
  user   = iam_user.dev.name
  name   = "late"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "Late", Effect = "Allow", Action = %q, Resource = "*" }] })
  depends_on = [data.iam_principal_policy_simulation.s]
}`, action)
	}
	const never = `assert {
    expect        = "NeverAllowed"
    action_names  = ["s3:DeleteObject"]
    resource_arns = ["arn:aws:s3:::reports/a"]
  }`
	is := func(get, put string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("s", tuple("s3:GetObject "+get, "s3:PutObject "+put)), statecheck.ExpectKnownOutputValue("account", knownvalue.StringExact("planned")),
		}
	}
	l.run(
		// In one plan from nothing, it answers for what is planned.
		resource.TestStep{Config: config("s3:Get*", ""), ConfigStateChecks: is("allowed", "implicitDeny")},
		resource.TestStep{Config: config("s3:Put*", ""), ConfigStateChecks: is("implicitDeny", "allowed")},
		resource.TestStep{Config: config("s3:Get*", `additional_policies_json = [jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:PutObject", Resource = "*" }] })]`), ConfigStateChecks: is("allowed", "allowed")},
		resource.TestStep{Config: config("s3:*", `permissions_boundary_policies_json = [jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })]`), ConfigStateChecks: is("allowed", "implicitDeny")},
		planRefused(config("s3:*", never), `Access is not as expected.*s3:DeleteObject on arn:aws:s3:::reports/a must never be allowed, and is`),
		apply(config("s3:Get*", never)),
		// A change that is planned after it is checked as well.
		planRefused(config("s3:Get*", never)+late("s3:Delete*"), `Access would not be as it must: s3:DeleteObject on arn:aws:s3:::reports/a.*with iam_user_policy\.late`),
		planRefused(config("s3:Get*", `caller_arn = "nonsense"`), `caller_arn`),
	)
}
