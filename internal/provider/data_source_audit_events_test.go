package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
)

func TestAuditEventsDataSource_FiltersByEventName(t *testing.T) {
	a := newTestAccount(t)
	a.run(
		expectOutput(`data "iam_audit_events" "e" {}`, `length(data.iam_audit_events.e.events)`, knownvalue.Int64Exact(0)),
		expectOutput(`data "iam_audit_events" "e" { event_name = "CreateGroup" }`,
			`[length(data.iam_audit_events.e.events), data.iam_audit_events.e.events[0].who, `+
				`data.iam_audit_events.e.events[0].user_agent]`,
			tuple(1, "local operator mallory", "other/1"), a.populate),
		planFails(`data "iam_audit_events" "e" { since = "yesterday" }`, `Invalid time "yesterday"`),
	)
}
