package rewrite

import (
	"fmt"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// SameMeaning answers whether two sets of policies have the same meaning, whatever other policies they act with:
// whether they allow the same requests and deny the same requests. [analysis.Equivalent] compares only what they allow
// by themselves, so that all policies that only deny are equivalent.
func SameMeaning(kind policy.Kind, a, b []authz.Policy, o analysis.Options) (analysis.Answer, error) {
	answer, err := analysis.Equivalent(kind, a, b, o)
	if err != nil || answer.Verdict != analysis.Pass || !denies(a) && !denies(b) {
		return answer, err
	}
	// Beside a policy that allows everything, policies allow all that they do not deny.
	all := authz.Policy{Name: "everything", Document: allowEverything(kind)}
	beside := func(policies []authz.Policy) []authz.Policy {
		return append([]authz.Policy{all}, policies...)
	}
	answer, err = analysis.Equivalent(kind, beside(a), beside(b), o)
	if err == nil && answer.Verdict == analysis.Fail {
		r := &answer.Witness.Request
		answer.Reasons = nil
		answer.Message = fmt.Sprintf("Only one side denies %s on %q.", r.Action, r.Resource)
	}
	return answer, err
}

// denies reports whether a statement of the policies may deny.
func denies(policies []authz.Policy) bool {
	return slices.ContainsFunc(policies, func(p authz.Policy) bool {
		return p.Document.Unknown || slices.ContainsFunc(p.Document.Statements, func(s policy.Statement) bool {
			return s.Effect.Value != string(policy.Allow)
		})
	})
}

// allowEverything returns a document that allows every request.
func allowEverything(kind policy.Kind) *policy.Document {
	every := &policy.List{Values: []policy.Text{{Value: "*"}}, Single: true}
	s := policy.Statement{Effect: policy.Text{Value: string(policy.Allow)}, Action: every, Resource: every}
	if kind.HasPrincipal() {
		s.Principal = &policy.Principals{Everyone: true}
	}
	return &policy.Document{Version: policy.Text{Value: policy.Version2012}, Statements: []policy.Statement{s}}
}
