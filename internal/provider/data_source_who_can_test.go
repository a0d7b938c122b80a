package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// whoCanConfig returns a configuration of many users of whom two may read reports, one of them through a role.
func whoCanConfig(more string) string {
	return fmt.Sprintf(`
data "iam_who_can" "read" {
  action        = "s3:GetObject"
  resource      = "arn:aws:s3:::reports/a"
  through_roles = true
}
resource "iam_user" "u" {
  count = 20
  name  = format("u%%02d", count.index)
}
resource "iam_user_policy" "own" {
  count  = 20
  user   = iam_user.u[count.index].name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = "Own", Effect = "Allow", Action = count.index == 7 ? "s3:Get*" : "s3:Put*", Resource = "*",
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }] })
}
resource "iam_role" "reader" {
  name               = "reader"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = iam_user.u[3].arn } }] })
}
resource "iam_role_policy" "read" {
  role   = iam_role.reader.name
  name   = "read"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = "Read", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
output "read" {
  value = [for p in data.iam_who_can.read.principals :
    join(" ", compact([p.principal, p.answer, p.condition, join(" ", p.roles), join(" ", p.statements)]))]
}
output "account" { value = data.iam_who_can.read.account }
%s
`, more)
}

// Terraform may read the data source before it plans the users. The answer nevertheless has all of them.
func TestWhoCanDataSource_WholePlannedAccount(t *testing.T) {
	a := newTestAccount(t)
	const prefix = "arn:aws:iam::000000000000:"
	a.run(
		resource.TestStep{Config: whoCanConfig(""), ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("account", knownvalue.StringExact("planned")),
			statecheck.ExpectKnownOutputValue("read", tuple(
				prefix+`user/u03 yes `+prefix+`role/reader policy "trust policy of role reader", statement 0 at 1:15 `+
					`policy "inline policy read of role reader", statement 0 (Read) at 1:15`,
				prefix+`user/u07 conditional aws:MultiFactorAuthPresent is "true" `+
					`policy "inline policy own of user u07", statement 0 (Own) at 1:15`,
				prefix+`role/reader yes policy "inline policy read of role reader", statement 0 (Read) at 1:15`)),
		}},
		resource.TestStep{PlanOnly: true, Config: whoCanConfig("")},
	)
}

// A resource that depends on the data source is planned after it, and changes the answer.
func TestWhoCanDataSource_LaterChange(t *testing.T) {
	a := newTestAccount(t)
	config := func(action string) string {
		return whoCanConfig(fmt.Sprintf(`
resource "iam_user_policy" "late" {
  user   = iam_user.u[0].name
  name   = "late-${length(data.iam_who_can.read.arns)}"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = %q, Resource = "*" }] })
}`, action))
	}
	a.run(
		resource.TestStep{Config: config("s3:GetObject"), ExpectError: regexp.MustCompile(
			`(?s)The answer of iam_who_can for s3:GetObject on arn:aws:s3:::reports/a does\s+not hold for the whole plan`)},
		resource.TestStep{Config: config("s3:PutObject")},
	)
}

// The runs of terraform test have one Terraform process. A run must not see what an earlier one has planned.
func TestWhoCanDataSource_RunsOfTest(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(`
variable "user" { type = string }
resource "iam_user" "u" { name = var.user }
resource "iam_user_policy" "own" {
  user   = iam_user.u.name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
data "iam_who_can" "read" {
  action   = "s3:GetObject"
  resource = "arn:aws:s3:::reports/a"
}
`)
	var runs strings.Builder
	for _, user := range []string{"a", "b"} {
		fmt.Fprintf(&runs, `
run "plans_%[1]s" {
  command   = plan
  variables { user = %[1]q }
  assert {
    condition     = data.iam_who_can.read.arns == toset(["arn:aws:iam::000000000000:user/%[1]s"])
    error_message = join(" ", data.iam_who_can.read.arns)
  }
}
`, user)
	}
	w.writeFile("runs.tftest.hcl", runs.String())
	if output := w.terraform("test"); !strings.Contains(output, "2 passed, 0 failed") {
		t.Errorf("terraform test prints\n%s", output)
	}
}

func TestWhoCanDataSource_InvalidArguments(t *testing.T) {
	a := newTestAccount(t)
	for _, test := range []struct{ arguments, message string }{
		{`action = "s3:Get*"
  resource = "*"`, `has a wildcard`},
		{`action = "s3:GetObject"
  resource = ""`, `The resource is empty`},
		{`action = "s3:GetObject"
  resource = "*"
  resource_policy_json = "{"`, `Invalid policy`},
		{`action = "s3:GetObject"
  resource = "*"
  context {
    key    = "aws:SourceIp"
    type   = "address"
    values = ["10.0.0.1"]
  }`, `Invalid context key`},
	} {
		a.run(resource.TestStep{Config: "data \"iam_who_can\" \"x\" {\n  " + test.arguments + "\n}",
			ExpectError: regexp.MustCompile(test.message)})
	}
}
