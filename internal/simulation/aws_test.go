package simulation_test

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestAWSDecision(t *testing.T) {
	for outcome, want := range map[authz.Outcome]string{
		authz.Allowed: "allowed", authz.ExplicitlyDenied: "explicitDeny", authz.ImplicitlyDenied: "implicitDeny",
		authz.Denied: "implicitDeny", authz.Undecided: "unknown",
	} {
		if got := simulation.AWSDecision(outcome); got != want {
			t.Errorf("%s is %q, not %q", outcome, got, want)
		}
	}
}

func TestContextEntry(t *testing.T) {
	for _, test := range []struct {
		kind, values string // values are cut at commas
		refused      string // what the error says; empty where there is none
	}{
		{"string", "anything", ""},
		{"stringList", "a,b", ""},
		{"stringList", "", ""},
		{"numeric", "1.50", ""},
		{"numeric", "one", `"one" is no value of type numeric`},
		{"numericList", "1,two", `"two" is no value of type numeric`},
		{"boolean", "true", ""},
		{"boolean", "yes", "no value of type boolean"},
		{"ip", "2001:db8::1", ""},
		{"ip", "10.0.0.0/8", "no value of type ip"},
		{"date", "2026-01-02T03:04:05Z", ""},
		{"date", "tomorrow", "no value of type date"},
		{"binary", "AAEC", ""},
		{"binary", "?", "no value of type binary"},
		{"string", "a,b", "exactly one value; found 2"},
		{"string", "", "exactly one value; found 0"},
		{"text", "a", "no type of a context key"},
		{"List", "a", "no type of a context key"},
	} {
		var nodes []tree.Node
		for _, value := range strings.FieldsFunc(test.values, func(r rune) bool { return r == ',' }) {
			nodes = append(nodes, tree.Node{Kind: tree.String, Text: value})
		}
		got, err := simulation.ContextEntry(test.kind, nodes)
		switch {
		case test.refused == "" && err != nil:
			t.Errorf("%s %q: %v", test.kind, test.values, err)
		case test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)):
			t.Errorf("%s %q: %v, which does not say %q", test.kind, test.values, err, test.refused)
		case err == nil && (got.Kind == tree.Array) != strings.HasSuffix(test.kind, "List"):
			t.Errorf("%s %q is %s", test.kind, test.values, got.Kind)
		}
	}
	if _, err := simulation.ContextEntry("numeric", []tree.Node{{Kind: tree.Unknown}}); err != nil {
		t.Errorf("a value that is known only later: %v", err)
	}
}
