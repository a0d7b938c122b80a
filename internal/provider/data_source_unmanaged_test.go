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

func TestUnmanagedDataSource_ReturnsImportBlocks(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		expectOutput(`data "iam_unmanaged" "u" {}`, `length(data.iam_unmanaged.u.objects)`, knownvalue.Int64Exact(0)),
		expectOutput(`data "iam_unmanaged" "u" { path_prefix = "/team/" }`,
			`[for o in data.iam_unmanaged.u.objects : "${o.type} ${o.name} by ${o.created_by}: ${o.import_block}"]`,
			stringTuple("iam_user alice by local operator mallory: import {\n  to = iam_user.alice\n  id = \"alice\"\n}\n"),
			a.populate),
	)
}

func TestUnmanagedDataSource_OmitsManagedObjects(t *testing.T) {
	a := newTestAccount(t)
	a.populate()
	const all = `
data "iam_unmanaged" "u" { types = ["iam_user", "iam_role"] }
output "unmanaged" { value = [for o in data.iam_unmanaged.u.objects : o.name] }
`
	expectUnmanaged := func(names ...string) []statecheck.StateCheck {
		var checks []knownvalue.Check
		for _, name := range names {
			checks = append(checks, knownvalue.StringExact(name))
		}
		return []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("unmanaged", knownvalue.TupleExact(checks))}
	}
	const created = `
resource "iam_role" "created" {
  name               = "created"
  assume_role_policy = jsonencode(` + serviceTrustPolicy + `)
}
resource "iam_access_key" "alice" { user = "alice" } # does not make alice managed
`
	const imported = created + `
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
	expectImportRecords := func(want int) func() {
		return func() {
			e, got := a.engine(), 0
			for _, err := range engine.AuditRecords(t.Context(), e.As(engine.LocalOperator("tester", engine.Circumstances{})),
				&engine.ListAuditRecordsInput{EventName: engine.AdoptedEvent}) {
				requireNoError(err)
				got++
			}
			if err := e.Close(); err != nil || got != want {
				t.Errorf("the audit trail has %d imports (%v), want %d", got, err, want)
			}
		}
	}
	a.run(
		apply(created),
		resource.TestStep{Config: created + all, ConfigStateChecks: expectUnmanaged("alice", "deploy")},
		resource.TestStep{Config: imported, PlanOnly: true, ExpectNonEmptyPlan: true}, // a plan imports nothing
		resource.TestStep{Config: created + all, ConfigStateChecks: expectUnmanaged("alice", "deploy"),
			PreConfig: expectImportRecords(0)},
		apply(imported),
		resource.TestStep{Config: imported + all, ConfigStateChecks: expectUnmanaged("deploy"),
			PreConfig: expectImportRecords(1)},
	)
}

func TestUnmanagedDataSource_ReturnsUniqueAddresses(t *testing.T) {
	a := newTestAccount(t)
	a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
		for _, name := range []string{"a.b", "a@b", "a_b", "1st"} {
			require(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String(name)}))
		}
	})()
	a.run(resource.TestStep{
		Config: `
data "iam_unmanaged" "u" {}
output "to" { value = [for o in data.iam_unmanaged.u.objects : "${regex("to = (.*)", o.import_block)[0]} ${o.name}"] }`,
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownOutputValue("to",
			tuple("iam_user._1st 1st", "iam_user.a_b a.b", "iam_user.a_b_2 a@b", "iam_user.a_b_3 a_b"))},
	})
}
