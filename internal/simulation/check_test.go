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
		why              string
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
		pass, why, d := c.Check()
		if pass != tc.pass || why != tc.why || d == nil || c.ID != "x" || c.Note != "y" {
			t.Errorf("expect %s of %s: %v, %q", tc.expect, tc.identity, pass, why)
		}
	}
	if pass, _, _ := decode(t, `{`+read+`}`).Check(); !pass {
		t.Error("a question that expects nothing did not pass")
	}
	c := decode(t, `{"expect": "ExplicitlyDenied", `+user+`,`+read+`, "boundary": "<unknown>"}`)
	if pass, why, _ := c.Check(); pass || !strings.Contains(why, "whether explicitly") {
		t.Errorf("Denied where ExplicitlyDenied is expected: %v, %q", pass, why)
	}
}

func TestEmptySessionLimitsNothing(t *testing.T) {
	for _, empty := range []string{"[]", "{}"} {
		if got := decode(t, `{`+user+`,`+read+`, "identity": `+allowRead+`, "session": `+empty+`}`).Outcome(); got != authz.Allowed {
			t.Errorf("session %s: %s", empty, got)
		}
	}
}
