package provider

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// checked returns a provider block with plan_checks.
func (a *testAccount) checked(checks string) string {
	return a.providerBlock("plan_checks {\n" + checks + "\n}\n")
}

// deployer returns the role ci, which the service lambda may assume, with an inline policy.
func deployer(name, statement string) string {
	return fmt.Sprintf(`
resource "iam_role_policy" %q {
  role   = iam_role.ci.name
  name   = %[1]q
  policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}
`, name, statement)
}

const (
	roleCI = `
resource "iam_role" "ci" {
  name               = "ci"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}
`
	attachAny = `{ Sid = "Attach", Effect = "Allow", Action = "iam:AttachRolePolicy", Resource = "*" }`
	doAll     = `{ Sid = "All", Effect = "Allow", Action = "*", Resource = "*" }`
	putObject = `{ Sid = "Put", Effect = "Allow", Action = "s3:PutObject", Resource = "arn:aws:s3:::reports/*" }`
)

// trusting returns the role ci with another principal in its trust policy.
func trusting(principal, action string) string {
	return strings.Replace(strings.Replace(roleCI, `{ Service = "lambda.amazonaws.com" }`, principal, 1), "sts:AssumeRole",
		action, 1)
}

// Each check fails the plan, warns, or does nothing.
func TestPlanChecks_Effects(t *testing.T) {
	for name, test := range map[string]struct{ check, config, message string }{
		"privilege escalation": {"privilege_escalation", roleCI + deployer("deploy", attachAny),
			`Role "ci" can now become administrator: it attaches \S+AdministratorAccess to the role ci ` +
				`\(iam:AttachRolePolicy, statement 0 "Attach" of policy "deploy" of role "ci"\).*` +
				`with iam_role_policy\.deploy`},
		"administrator": {"admin_grant", roleCI + deployer("all", doAll),
			`Role "ci" becomes administrator, by statement 0 "All" of policy "all" of role "ci".*with iam_role_policy\.all`},
		"public trust": {"public_trust", trusting(`{ AWS = "*" }`, "sts:AssumeRole"),
			`Role "ci" becomes public: any principal of any account may assume it.*with iam_role\.ci`},
		"cross-account trust": {"cross_account_trust", trusting(`{ AWS = "111122223333" }`, "sts:AssumeRole"),
			`Role "ci" trusts another account or identity provider: any principal of the account 111122223333 may assume ` +
				`it.*with iam_role\.ci`},
		"new access": {"new_access", roleCI + deployer("put", putObject),
			`Role "ci" gains access of level "Write" to the service "s3".*statement 0 "Put" of policy "put" of role ` +
				`"ci".*with iam_role_policy\.put`},
	} {
		t.Run(name, func(t *testing.T) {
			a := newTestAccount(t)
			a.run(
				resource.TestStep{Config: a.checked(test.check+` = "error"`) + test.config, PlanOnly: true,
					ExpectError: wrappedPattern(test.message)},
				resource.TestStep{Config: a.checked(test.check+` = "off"`) + test.config, PlanOnly: true,
					ExpectNonEmptyPlan: true},
				resource.TestStep{Config: test.config, PlanOnly: true, ExpectNonEmptyPlan: true},
				resource.TestStep{Config: a.checked(test.check+` = "warn"`) + test.config},
				// What is part of the account is no finding.
				resource.TestStep{Config: a.checked(test.check+` = "error"`) + test.config, PlanOnly: true},
			)
		})
	}
}

func TestPlanChecks_WarningNamesFinding(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
provider "iam" {
  plan_checks { privilege_escalation = "warn" }
}
` + roleCI + deployer("deploy", attachAny))
	output := joinLines(w.terraform("plan"))
	if n := strings.Count(output, "can now become administrator"); n != 1 {
		t.Errorf("the plan names the finding %d times, want once:\n%s", n, output)
	}
	if !strings.Contains(output, `"privilege_escalation/role/ci/`) {
		t.Errorf("the plan does not name the id:\n%s", output)
	}
	w.terraform("apply", "-auto-approve")
	output = w.terraform("plan", "-detailed-exitcode")
	if strings.Contains(output, "administrator") {
		t.Errorf("the second plan repeats the finding:\n%s", output)
	}
	w.terraform("destroy", "-auto-approve")
}

// A resource that Terraform plans later removes the danger.
func TestPlanChecks_LaterResourceRemovesDanger(t *testing.T) {
	a := newTestAccount(t)
	denial := deployer("deny", `{ Effect = "Deny", Action = "iam:*", Resource = "*" }`)
	dangerous := roleCI + deployer("deploy", attachAny)
	// The name of the denial's role makes Terraform plan it after a resource that takes a while.
	later := strings.Replace(denial, "iam_role.ci.name", `terraform_data.later.input == "" ? "" : iam_role.ci.name`, 1) +
		`resource "terraform_data" "later" { input = "x" }`
	a.run(
		resource.TestStep{Config: a.checked(`privilege_escalation = "error"`) + dangerous + later},
		resource.TestStep{Config: a.checked(`privilege_escalation = "error"`) + dangerous, PlanOnly: true,
			ExpectError: wrappedPattern(`Role "ci" can now become administrator`)},
		resource.TestStep{Config: a.checked(`privilege_escalation = "error"`) + dangerous + later, PlanOnly: true},
	)
}

// Terraform plans each change again when it applies a saved plan, without those that it applies later.
func TestPlanChecks_SavedPlan(t *testing.T) {
	w := newWorkingDir(t)
	block := "provider \"iam\" {\n  plan_checks { privilege_escalation = \"error\" }\n}\n"
	w.writeConfig(block + roleCI)
	w.terraform("apply", "-auto-approve")
	w.writeConfig(block + roleCI + deployer("deploy", attachAny) +
		deployer("deny", `{ Effect = "Deny", Action = "iam:*", Resource = "*" }`))
	for range repetitions(2) {
		w.terraform("plan", "-out=plan.out")
	}
	w.terraform("apply", "plan.out")
	w.expectNoChanges()
	w.terraform("destroy", "-auto-approve")
}

// Two resources that are harmless alone make a path together. The finding stands on one of them.
func TestPlanChecks_Combination(t *testing.T) {
	a := newTestAccount(t)
	admin := `
resource "iam_role" "admin" {
  name               = "admin"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = %s }, Action = "sts:AssumeRole" }] })
}
resource "iam_role_policy" "all" {
  role   = iam_role.admin.name
  name   = "all"
  policy = jsonencode({ Version = "2012-10-17", Statement = [` + doAll + `] })
}
resource "iam_user" "dev" { name = "dev" }
resource "iam_user" "other" { name = "other" }
`
	closed := fmt.Sprintf(admin, "iam_user.other.arn")
	open := fmt.Sprintf(admin, `"arn:aws:iam::000000000000:root"`)
	assume := `
resource "iam_user_policy" "assume" {
  user   = iam_user.dev.name
  name   = "assume"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" }] })
}
`
	checked := a.checked(`privilege_escalation = "error"`)
	a.run(
		resource.TestStep{Config: closed},
		resource.TestStep{Config: checked + closed + assume, PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{Config: checked + open, PlanOnly: true, ExpectNonEmptyPlan: true},
		resource.TestStep{Config: checked + open + assume, PlanOnly: true, ExpectError: wrappedPattern(
			`User "dev" can now become administrator: it acts as the role admin.*` +
				`with (iam_role\.admin|iam_user_policy\.assume)`)},
	)
}

func TestPlanChecks_Accept(t *testing.T) {
	a := newTestAccount(t)
	config := roleCI + deployer("deploy", attachAny)
	var id string
	find := regexp.MustCompile(`privilege_escalation/role/ci/[0-9a-f]{16}`)
	accept := func(id, reason, expires string) string {
		return a.checked("privilege_escalation = \"error\"\n" +
			fmt.Sprintf("accept {\n  id = %q\n  reason = %q\n  expires = %q\n}", id, reason, expires))
	}
	today := a.clock.Now().Format(time.DateOnly)
	yesterday := a.clock.Now().AddDate(0, 0, -1).Format(time.DateOnly)
	const other = "privilege_escalation/role/ci/0000000000000000"
	a.run(
		resource.TestStep{Config: a.checked(`privilege_escalation = "error"`) + config, PlanOnly: true,
			ExpectError: find},
	)
	// The id follows from the configuration alone.
	w := newWorkingDir(t)
	w.writeConfig("provider \"iam\" {\n  plan_checks { privilege_escalation = \"error\" }\n}\n" + config)
	output, _ := w.run(w.cli, "plan")
	if id = find.FindString(output); id == "" {
		t.Fatalf("the plan names no id:\n%s", output)
	}
	a.run(
		resource.TestStep{Config: accept(other, "It deploys.", today) + config, PlanOnly: true, ExpectError: find},
		resource.TestStep{Config: accept(id, "It deploys.", yesterday) + config, PlanOnly: true,
			ExpectError: wrappedPattern(`acceptance of "` + id + `" expired on ` + yesterday + `.*It deploys`)},
		resource.TestStep{Config: accept(id, " ", today) + config, PlanOnly: true,
			ExpectError: wrappedPattern(`has no reason`)},
		resource.TestStep{Config: accept(id, "x", "tomorrow") + config, PlanOnly: true,
			ExpectError: wrappedPattern(`has an invalid date`)},
		resource.TestStep{Config: accept("escalation/1", "x", today) + config, PlanOnly: true,
			ExpectError: wrappedPattern(`"escalation/1" is not the id of a finding`)},
		resource.TestStep{Config: accept(id, "It deploys.", today) +
			strings.Replace(config, "iam:AttachRolePolicy", "iam:*", 1), PlanOnly: true, ExpectError: find},
		resource.TestStep{Config: accept(id, "It deploys.", today) + config},
	)
}

func TestPlanChecks_AcceptanceWithoutFinding(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
provider "iam" {
  plan_checks {
    admin_grant = "warn"
    accept {
      id      = "admin_grant/role/ci/0000000000000000"
      reason  = "none"
      expires = "2999-12-31"
    }
    accept {
      id      = "public_trust/role/ci/0000000000000000"
      reason  = "its check is off"
      expires = "2999-12-31"
    }
  }
}
` + roleCI + deployer("put", putObject))
	output := joinLines(w.terraform("plan"))
	if !strings.Contains(output, `acceptance of "admin_grant/role/ci/0000000000000000" matches no finding`) {
		t.Errorf("the plan does not warn about the acceptance:\n%s", output)
	}
	if strings.Contains(output, "public_trust/") {
		t.Errorf("the plan warns about the acceptance of a check that is off:\n%s", output)
	}
}

// A policy that is known only after apply leaves the checks open.
func TestPlanChecks_Undecided(t *testing.T) {
	a := newTestAccount(t)
	config := roleCI + `
resource "terraform_data" "action" { input = "s3:GetObject" }
resource "iam_role_policy" "unknown" {
  role   = iam_role.ci.name
  name   = "unknown"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = terraform_data.action.output, Resource = "*" }] })
}
`
	strict := a.providerBlock("undecided = \"error\"\n  plan_checks {\n    admin_grant = \"error\"\n  }\n")
	a.run(
		resource.TestStep{Config: strict + config, PlanOnly: true, ExpectError: wrappedPattern(
			`The plan check "admin_grant" is not decided at plan: It is not known whether role "ci" is administrator`)},
		resource.TestStep{Config: a.checked(`admin_grant = "error"`) + config},
	)
}

func TestPlanChecks_InvalidEffect(t *testing.T) {
	a := newTestAccount(t)
	a.run(resource.TestStep{Config: a.checked(`new_access = "fail"`) + roleCI, PlanOnly: true,
		ExpectError: wrappedPattern(`Invalid value for new_access.*must be "error", "warn" or "off", got "fail"`)})
}

// The example accepts exactly the findings of its plan, and has no effect after the apply.
func TestPlanChecks_Example(t *testing.T) {
	w := newWorkingDir(t)
	w.writeFile("main.tf", string(require(os.ReadFile("../../examples/provider/plan_checks.tf"))))
	w.terraform("init")
	output := w.terraform("apply", "-auto-approve")
	if strings.Contains(output, "Warning") {
		t.Errorf("the plan has another finding, or warns about the acceptance:\n%s", output)
	}
	output, code := w.run(w.cli, "plan", "-detailed-exitcode")
	if code != 0 {
		t.Errorf("the plan after the apply ends with exit code %d:\n%s", code, output)
	}
}
