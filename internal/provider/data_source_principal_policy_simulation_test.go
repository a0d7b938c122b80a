package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

func TestPrincipalPolicySimulationDataSource_UsesPlannedAccount(t *testing.T) {
	a := newTestAccount(t)
	config := func(action, more string) string {
		return fmt.Sprintf(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_user_policy" "own" {
  user   = iam_user.dev.name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Own", Effect = "Allow", Action = %q, Resource = "*" }] })
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
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Sid = "Late", Effect = "Allow", Action = %q, Resource = "*" }] })
  depends_on = [data.iam_principal_policy_simulation.s]
}`, action)
	}
	const neverAllowed = `assert {
    expect        = "NeverAllowed"
    action_names  = ["s3:DeleteObject"]
    resource_arns = ["arn:aws:s3:::reports/a"]
  }`
	expectDecisions := func(get, put string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("s", tuple("s3:GetObject "+get, "s3:PutObject "+put)),
			statecheck.ExpectKnownOutputValue("account", knownvalue.StringExact("planned")),
		}
	}
	a.run(
		// The data source returns the decisions for the planned account, although no account exists yet.
		resource.TestStep{Config: config("s3:Get*", ""), ConfigStateChecks: expectDecisions("allowed", "implicitDeny")},
		resource.TestStep{Config: config("s3:Put*", ""), ConfigStateChecks: expectDecisions("implicitDeny", "allowed")},
		resource.TestStep{Config: config("s3:Get*",
			`additional_policies_json = [jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = `+
				`"s3:PutObject", Resource = "*" }] })]`), ConfigStateChecks: expectDecisions("allowed", "allowed")},
		resource.TestStep{Config: config("s3:*",
			`permissions_boundary_policies_json = [jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", `+
				`Action = "s3:GetObject", Resource = "*" }] })]`), ConfigStateChecks: expectDecisions("allowed", "implicitDeny")},
		planFails(config("s3:*", neverAllowed),
			`Access is not as expected.*s3:DeleteObject on arn:aws:s3:::reports/a must never be allowed, but is`),
		apply(config("s3:Get*", neverAllowed)),
		// A change that Terraform plans after the data source is checked as well.
		planFails(config("s3:Get*", neverAllowed)+late("s3:Delete*"),
			`Simulated access would change: s3:DeleteObject on arn:aws:s3:::reports/a.*with iam_user_policy\.late`),
		planFails(config("s3:Get*", `caller_arn = "nonsense"`), `caller_arn`),
	)
}

func TestPrincipalPolicySimulationDataSource_UsesKeysOfCaller(t *testing.T) {
	a := newTestAccount(t)
	config := func(caller string) string {
		return fmt.Sprintf(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_user" "ops" {
  name = "ops"
  tags = { team = "red" }
}
resource "iam_user_policy" "own" {
  user   = iam_user.dev.name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject",
    Resource = "arn:aws:s3:::home/$${aws:username}/$${aws:PrincipalTag/team, 'none'}" }] })
}
locals {
  dev = iam_user_policy.own.id == "" ? "" : iam_user.dev.arn
  ops = iam_user.ops.arn
}
data "iam_principal_policy_simulation" "s" {
  policy_source_arn = local.dev
  caller_arn        = %s
  action_names      = ["s3:GetObject"]
  resource_arns     = ["arn:aws:s3:::home/dev/none", "arn:aws:s3:::home/ops/red", "arn:aws:s3:::home/eve/none"]
}
output "s" {
  value = [for r in data.iam_principal_policy_simulation.s.results : r.resource_arn if r.allowed]
}`, caller)
	}
	allowed := func(caller, object string) resource.TestStep {
		return resource.TestStep{Config: config(caller), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("s", tuple(object))}}
	}
	a.run(
		allowed("null", "arn:aws:s3:::home/dev/none"),
		allowed("local.ops", "arn:aws:s3:::home/ops/red"),
		allowed(`"arn:aws:iam::999999999999:user/eve"`, "arn:aws:s3:::home/eve/none"),
	)
}

func TestPrincipalPolicySimulationDataSource_UsesTrustPolicy(t *testing.T) {
	a := newTestAccount(t)
	config := func(trusted, more string) string {
		return fmt.Sprintf(`
resource "iam_user" "dev" { name = "dev" }
resource "iam_user" "ops" { name = "ops" }
resource "iam_user_policy" "own" {
  user   = iam_user.dev.name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:*", Resource = "*" }] })
}
resource "iam_role" "deploy" {
  name = "deploy"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = iam_user.%s.arn }
  }] })
}
locals {
  dev    = iam_user_policy.own.id == "" ? "" : iam_user.dev.arn
  deploy = iam_role.deploy.arn
}
data "iam_principal_policy_simulation" "s" {
  policy_source_arn = local.dev
  action_names      = ["sts:AssumeRole"]
  resource_arns     = [local.deploy]
  %s
}
output "decision" { value = data.iam_principal_policy_simulation.s.results[0].decision }
`, trusted, more)
	}
	expectDecision := func(decision string) []statecheck.StateCheck {
		return []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("decision", knownvalue.StringExact(decision))}
	}
	const neverAllowed = `assert {
    expect        = "NeverAllowed"
    action_names  = ["sts:AssumeRole"]
    resource_arns = [local.deploy]
  }`
	a.run(
		resource.TestStep{Config: config("dev", ""), ConfigStateChecks: expectDecision("allowed")},
		resource.TestStep{Config: config("ops", ""), ConfigStateChecks: expectDecision("implicitDeny")},
		resource.TestStep{Config: config("ops", neverAllowed), ConfigStateChecks: expectDecision("implicitDeny")},
		planFails(config("dev", neverAllowed),
			`sts:AssumeRole on\s+arn:aws:iam::\d+:role/deploy\s+must\s+never\s+be\s+allowed`),
		planFails(config("ops", "")+`
data "iam_principal_policy_simulation" "missing" {
  policy_source_arn = local.dev
  action_names      = ["sts:AssumeRole"]
  resource_arns     = [replace(local.deploy, "deploy", "absent")]
}`, `has\s+no\s+role`),
	)
}

// A group's policies decide for an unknown member, also while Terraform plans them.
func TestPrincipalPolicySimulationDataSource_Group(t *testing.T) {
	a := newTestAccount(t)
	config := func(action, more string) string {
		return fmt.Sprintf(`
resource "iam_group" "g" {
  name = "g"
  path = "/x/"
}
resource "iam_group_policy" "p" {
  group  = iam_group.g.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = %[1]q, Resource = "*" }] })
}
locals { group = iam_group_policy.p.policy == "" ? "" : iam_group.g.arn }
data "iam_principal_policy_simulation" "s" {
  policy_source_arn = local.group
  action_names      = ["s3:GetObject", "s3:PutObject"]
  resource_arns     = ["arn:aws:s3:::reports/a"]
  %[2]s
}
output "s" {
  value = [for r in data.iam_principal_policy_simulation.s.results : "${r.action_name} ${r.decision}"]
}`, action, more)
	}
	expect := func(get, put string) []statecheck.StateCheck {
		return []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("s", tuple("s3:GetObject "+get, "s3:PutObject "+put)),
		}
	}
	a.run(
		resource.TestStep{Config: config("s3:Get*", ""), ConfigStateChecks: expect("allowed", "implicitDeny")},
		resource.TestStep{Config: config("s3:Put*", ""), ConfigStateChecks: expect("implicitDeny", "allowed")},
		resource.TestStep{Config: config("s3:Put*", `additional_policies_json = [jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = "*" }] })]`),
			ConfigStateChecks: expect("allowed", "allowed")},
		planFails(config("s3:Get*", "through_roles = true"), `A group cannot assume roles`),
		planFails(`data "iam_principal_policy_simulation" "s" {
  policy_source_arn = "`+accountARN+`group/g"
  action_names      = ["s3:GetObject"]
}`, `has no group`),
	)
}
