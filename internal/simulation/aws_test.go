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
			t.Errorf("AWSDecision(%s) = %q, want %q", outcome, got, want)
		}
	}
}

func TestContextEntry(t *testing.T) {
	for _, test := range []struct {
		kind, values string // the values are separated by commas
		wantErr      string // part of the error message; empty if there is no error
	}{
		{"string", "anything", ""},
		{"stringList", "a,b", ""},
		{"stringList", "", ""},
		{"numeric", "1.50", ""},
		{"numeric", "one", `"one" is not of type numeric`},
		{"numericList", "1,two", `"two" is not of type numeric`},
		{"boolean", "true", ""},
		{"boolean", "yes", "not of type boolean"},
		{"ip", "2001:db8::1", ""},
		{"ip", "10.0.0.0/8", "not of type ip"},
		{"date", "2026-01-02T03:04:05Z", ""},
		{"date", "tomorrow", "not of type date"},
		{"binary", "AAEC", ""},
		{"binary", "?", "not of type binary"},
		{"string", "a,b", "exactly one value; found 2"},
		{"string", "", "exactly one value; found 0"},
		{"text", "a", "not a type of context keys"},
		{"List", "a", "not a type of context keys"},
	} {
		var nodes []tree.Node
		for _, value := range strings.FieldsFunc(test.values, func(r rune) bool { return r == ',' }) {
			nodes = append(nodes, tree.Node{Kind: tree.String, Text: value})
		}
		got, err := simulation.ContextEntry(test.kind, nodes)
		switch {
		case test.wantErr == "" && err != nil:
			t.Errorf("%s %q: %v", test.kind, test.values, err)
		case test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)):
			t.Errorf("%s %q: got error %v, want %q", test.kind, test.values, err, test.wantErr)
		case err == nil && (got.Kind == tree.Array) != strings.HasSuffix(test.kind, "List"):
			t.Errorf("%s %q: got a node of kind %s", test.kind, test.values, got.Kind)
		}
	}
	if _, err := simulation.ContextEntry("numeric", []tree.Node{{Kind: tree.Unknown}}); err != nil {
		t.Errorf("unknown value: %v", err)
	}
}
