package lifecycle

import (
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
)

const testAgent = "Terraform/1.14.0 terraform-provider-iam/1.0.0"

// changeEvent returns an event that changed one object. origin is "run/configuration".
func changeEvent(name, agent, operator, origin, object string) audit.Event {
	run, configuration, _ := strings.Cut(origin, "/")
	kind, id, _ := strings.Cut(object, "/")
	e := audit.Event{EventName: name, UserAgent: agent, AdditionalEventData: map[string]any{
		audit.KeyRun: run, audit.KeyConfiguration: configuration,
		audit.KeyObjects: []any{map[string]any{"kind": kind, "id": id, "after": "digest"}},
	}}
	if operator != "" {
		e.AdditionalEventData[audit.KeyOperatingSystemUser] = operator
	}
	return e
}

// Only the operator's calls count as Terraform's. Another caller cannot hide behind the provider's user agent.
func TestReportDrift_Origin(t *testing.T) {
	m := &Base{&Session{Store: &accountstore.Store{Run: "run-1", Configuration: "own"}}}
	about := AuditSubject{Calls: []string{"UpdateUser"}, Others: true}
	const user, key = "identity/U", "access-key/K"
	for name, tt := range map[string]struct {
		event audit.Event
		want  bool
	}{
		"other resource of another configuration": {changeEvent("CreateAccessKey", testAgent, "ana", "run-0/b", key), false},
		"agent of the provider":                   {changeEvent("CreateAccessKey", testAgent, "", "run-0/own", key), true},
		"other program":                           {changeEvent("CreateAccessKey", "iam/1.0.0", "ana", "/", key), true},
		"another configuration":                   {changeEvent("UpdateUser", testAgent, "ana", "run-0/b", user), true},
		"unknown configuration":                   {changeEvent("UpdateUser", testAgent, "ana", "run-0/", user), true},
		"earlier run of this configuration":       {changeEvent("UpdateUser", testAgent, "ana", "run-0/own", user), false},
		"this run":                                {changeEvent("UpdateUser", testAgent, "ana", "run-1/", user), false},
		"run of another caller":                   {changeEvent("UpdateUser", testAgent, "", "run-1/own", user), true},
		"sign-in":                                 {changeEvent("ConsoleLogin", "x", "", "/", "mfa-device/d"), false},
		"session":                                 {changeEvent("GetSessionToken", "x", "", "/", "mfa-device/d"), false},
		"import into a configuration":             {changeEvent("AdoptResource", "x", "ana", "/", user), false},
	} {
		unanswered := m.unansweredChanges([]audit.Event{tt.event})
		if got := len(unanswered) > 0 && m.isReported(about, tt.event); got != tt.want {
			t.Errorf("%s: reported is %v, want %v", name, got, tt.want)
		}
	}
}

func TestUnansweredChanges_LaterOwnChange(t *testing.T) {
	m := &Base{&Session{Store: &accountstore.Store{Run: "run-1", Configuration: "own"}}}
	foreign := func(object string) audit.Event { return changeEvent("Foreign "+object, "iam", "ana", "/", object) }
	own := func(object string) audit.Event { return changeEvent("Own", testAgent, "ana", "run-0/own", object) }
	for name, tt := range map[string]struct {
		events []audit.Event
		want   []string
	}{
		"answered":              {[]audit.Event{foreign("a/1"), own("a/1")}, nil},
		"answered before":       {[]audit.Event{own("a/1"), foreign("a/1")}, []string{"Foreign a/1"}},
		"changed again":         {[]audit.Event{foreign("a/1"), own("a/1"), foreign("a/1")}, []string{"Foreign a/1"}},
		"other object":          {[]audit.Event{foreign("a/1"), own("a/2")}, []string{"Foreign a/1"}},
		"other kind":            {[]audit.Event{foreign("a/1"), own("b/1")}, []string{"Foreign a/1"}},
		"several, oldest first": {[]audit.Event{foreign("a/1"), foreign("a/2")}, []string{"Foreign a/1", "Foreign a/2"}},
	} {
		var got []string
		for _, event := range m.unansweredChanges(tt.events) {
			got = append(got, event.EventName)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
