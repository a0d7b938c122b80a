package simulation

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

func TestCheck(t *testing.T) {
	for _, tc := range []struct {
		expect, identity string
		pass             bool
		message          string
	}{
		{"Allowed", allowRead, true, ""},
		{"Allowed", denyRead, false, "Expected Allowed, got ExplicitlyDenied."},
		{"Denied", denyRead, true, ""},
		{"Denied", `[]`, true, ""},
		{"Denied", `"<unknown>"`, false, "Expected Denied, got Unknown."},
		{"ExplicitlyDenied", `[]`, false, "Expected ExplicitlyDenied, got ImplicitlyDenied."},
		{"ImplicitlyDenied", `[]`, true, ""},
		{"Unknown", `"<unknown>"`, true, ""},
		{"Unknown", allowRead, false, "Expected Unknown, got Allowed."},
	} {
		c := decode(t, `{"id": "x", "note": "y", "expect": "`+tc.expect+`", `+read+`, "identity": `+tc.identity+`}`)
		pass, message, d := c.Check()
		if pass != tc.pass || message != tc.message || d == nil || c.ID != "x" || c.Note != "y" {
			t.Errorf("expect %s with identity policies %s: got %v, %q; want %v, %q",
				tc.expect, tc.identity, pass, message, tc.pass, tc.message)
		}
	}
}

func TestCheck_PassesWithoutExpectation(t *testing.T) {
	if pass, _, _ := decode(t, `{`+read+`}`).Check(); !pass {
		t.Error("a question without an expected outcome does not pass")
	}
}

func TestCheck_UnknownKindOfDenial(t *testing.T) {
	c := decode(t, `{"expect": "ExplicitlyDenied", `+user+`,`+read+`, "boundary": "<unknown>"}`)
	if pass, message, _ := c.Check(); pass || !strings.Contains(message, "whether explicitly") {
		t.Errorf("got pass %v, message %q", pass, message)
	}
}

func TestOutcome_EmptySessionPoliciesLimitNothing(t *testing.T) {
	for _, empty := range []string{"[]", "{}"} {
		c := decode(t, `{`+user+`,`+read+`, "identity": `+allowRead+`, "session": `+empty+`}`)
		if got := c.Outcome(); got != authz.Allowed {
			t.Errorf("session %s: got %s, want Allowed", empty, got)
		}
	}
}
