package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

func TestAccessComparisonDataSource(t *testing.T) {
	a := newTestAccount(t)
	config := func(ana, ben string) string {
		return fmt.Sprintf(`
data "iam_access_comparison" "plan" {}
resource "iam_user" "ana" { name = "ana" }
resource "iam_user_policy" "ana" {
  user   = iam_user.ana.name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = "Own", Effect = "Allow", Action = %q, Resource = "arn:aws:s3:::reports/*" }] })
}
resource "iam_user" "ben" { name = "ben" }
resource "iam_user_policy" "ben" {
  user   = iam_user.ben.name
  name   = "own"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Sid = "Own", Effect = "Allow", Action = %q, Resource = "*" }] })
}
output "changes" {
  value = [for c in data.iam_access_comparison.plan.changes : join(" ", concat([c.principal, c.added ? "added" : ""],
    [for g in c.gained : "+ ${g.service} ${g.access_level} ${g.action}"],
    [for l in c.lost : "- ${l.service} ${l.access_level} ${l.action}"]))]
}
output "gaining" { value = [for arn in data.iam_access_comparison.plan.gaining_arns : arn] }`, ana, ben)
	}
	const prefix = "arn:aws:iam::000000000000:user/"
	plan := func(changes, gaining knownvalue.Check) resource.ConfigPlanChecks {
		return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectKnownOutputValue("changes", changes), plancheck.ExpectKnownOutputValue("gaining", gaining),
		}}
	}
	a.run(
		resource.TestStep{Config: config("s3:GetObject", "sqs:SendMessage"), ConfigPlanChecks: plan(
			tuple(prefix+"ana added + s3 Read s3:GetObject", prefix+"ben added + sqs Write sqs:SendMessage"),
			tuple(prefix+"ana", prefix+"ben")), ExpectNonEmptyPlan: true},
		resource.TestStep{Config: config("s3:PutObject", "sqs:SendMessage"), ConfigPlanChecks: plan(
			tuple(prefix+"ana  + s3 Write s3:PutObject - s3 Read s3:GetObject"), tuple(prefix+"ana")),
			ExpectNonEmptyPlan: true},
	)
}
