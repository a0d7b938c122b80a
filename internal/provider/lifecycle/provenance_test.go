package lifecycle

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
)

// Only the operator's calls count as Terraform's. Another caller cannot hide behind the provider's user agent.
func TestIsNews_OperatorOnly(t *testing.T) {
	m := &Base{&Session{Store: &accountstore.Store{Run: "run-1"}}}
	about := AuditSubject{Calls: []string{"UpdateUser"}, Others: true}
	event := func(name, agent, operator, run string) audit.Event {
		e := audit.Event{EventName: name, UserAgent: agent, AdditionalEventData: map[string]any{audit.KeyRun: run}}
		if operator != "" {
			e.AdditionalEventData[audit.KeyOperatingSystemUser] = operator
		}
		return e
	}
	const agent = "Terraform/1.14.0 terraform-provider-iam/1.0.0"
	for _, tt := range []struct {
		event audit.Event
		news  bool
	}{
		{event("CreateAccessKey", agent, "ana", "run-0"), false},
		{event("CreateAccessKey", agent, "", "run-0"), true},
		{event("CreateAccessKey", "iam/1.0.0", "ana", ""), true},
		{event("UpdateUser", agent, "ana", "run-0"), true}, // by another configuration
		{event("UpdateUser", agent, "ana", "run-1"), false},
		{event("UpdateUser", agent, "", "run-1"), true},
	} {
		if got := m.isReported(about, tt.event); got != tt.news {
			t.Errorf("%+v counts as news: %v", tt.event, got)
		}
	}
}
