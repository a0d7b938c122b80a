package provider

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestUnmanagedDataSource_ImportBlock(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		outputIs(`data "iam_unmanaged" "u" {}`, `length(data.iam_unmanaged.u.objects)`, knownvalue.Int64Exact(0)),
		outputIs(`data "iam_unmanaged" "u" { path_prefix = "/team/" }`,
			`[for o in data.iam_unmanaged.u.objects : "${o.type} ${o.name} by ${o.created_by}: ${o.import_block}"]`,
			texts("iam_user alice by local operator mallory: import {\n  to = iam_user.alice\n  id = \"alice\"\n}\n"), a.populate),
	)
}

func TestUnmanagedDataSource_CreatedOrImported(t *testing.T) {
	a := newTestAccount(t)
	a.populate()
	const all = `
data "iam_unmanaged" "u" { types = ["iam_user", "iam_role"] }
output "unmanaged" { value = [for o in data.iam_unmanaged.u.objects : o.name] }
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
resource "iam_access_key" "hers" { user = "alice" } # does not make alice managed
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
			e, got := a.engine(), 0
			for _, err := range engine.AuditRecords(t.Context(), e.As(engine.LocalOperator("tester", engine.Circumstances{})), &engine.ListAuditRecordsInput{EventName: engine.AdoptedEvent}) {
				must(0, err)
				got++
			}
			if err := e.Close(); err != nil || got != times {
				t.Errorf("%d imports are recorded (%v), want %d", got, err, times)
			}
		}
	}
	a.run(
		apply(made),
		resource.TestStep{Config: made + all, ConfigStateChecks: is("alice", "deploy")},
		resource.TestStep{Config: imported, PlanOnly: true, ExpectNonEmptyPlan: true}, // a plan adopts nothing
		resource.TestStep{Config: made + all, ConfigStateChecks: is("alice", "deploy"), PreConfig: adopted(0)},
		apply(imported),
		resource.TestStep{Config: imported + all, ConfigStateChecks: is("deploy"), PreConfig: adopted(1)},
	)
}

func TestUnmanagedDataSource_UniqueAddresses(t *testing.T) {
	a := newTestAccount(t)
	a.outside(func(ctx context.Context, c *engine.Client) {
		for _, name := range []string{"a.b", "a@b", "a_b", "1st"} {
			must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name)}))
		}
	})()
	a.run(resource.TestStep{
		Config: `
data "iam_unmanaged" "u" {}
output "to" { value = [for o in data.iam_unmanaged.u.objects : "${regex("to = (.*)", o.import_block)[0]} ${o.name}"] }`,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("to", tuple("iam_user._1st 1st", "iam_user.a_b a.b", "iam_user.a_b_2 a@b", "iam_user.a_b_3 a_b"))},
	})
}
