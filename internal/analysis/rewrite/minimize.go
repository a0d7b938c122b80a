package rewrite

import (
	"errors"
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Needed is a request that a policy must allow.
type Needed struct {
	Request authz.Request
	// Policies are the other policies that decide about the request. Minimize sets the identity policies.
	Policies authz.Policies
}

// Options limits what Minimize changes.
type Options struct {
	// KeepResources keeps the patterns of resources that the requests need. Without it, the result has the resources of
	// the requests instead.
	KeepResources bool
	// Analysis limits the proof.
	Analysis analysis.Options
}

// Minimized is the answer of [Minimize]. Its verdict is Pass if there is a smaller policy, and Fail if the policy does
// not allow one of the requests.
type Minimized struct {
	analysis.Answer
	// Document is the smaller policy. It is nil unless the verdict is Pass.
	Document *policy.Document
	// Denied is, for a Fail, the index of the request that the policy does not allow.
	Denied int
}

// Minimize returns an identity policy that allows the requests and nothing that the old policy does not allow.
// Statements that no request needs disappear. The others have the actions of the requests in place of wildcards and,
// unless the options say otherwise, the resources of the requests. Conditions stay. Statements that deny stay, because
// they also limit the other policies of the principal.
//
// A request may be allowed by several statements. The result then has the one with the most conditions. The error is a
// [*authz.CompileError], or reports that there is no request.
func Minimize(old authz.Policy, needed []Needed, o Options) (Minimized, error) {
	if len(needed) == 0 {
		return Minimized{}, errors.New("there is no request that the policy must allow; give at least one")
	}
	if !old.Document.Known() {
		return Minimized{}, errors.New("a part of the policy is not known yet")
	}
	m := &minimizer{old: old, needed: needed, options: o}
	whole, err := m.compile(old.Document.Statements)
	if err != nil {
		return Minimized{}, err
	}
	for i := range needed {
		if !m.allows(whole, i) {
			return m.denied(whole, i), nil
		}
	}
	doc, err := m.document()
	if err != nil {
		return Minimized{}, err
	}
	smaller := []authz.Policy{{Name: old.Name, Document: doc}}
	answer, err := analysis.NoNewAccess(policy.Identity, []authz.Policy{old}, smaller, o.Analysis)
	if err != nil {
		return Minimized{}, err
	}
	if answer.Verdict != analysis.Pass {
		answer.Verdict, answer.Witness, answer.Reasons = analysis.Unknown, nil, nil
		answer.Message = "There is no proof that the smaller policy stays within the old one, so it is not given."
		return Minimized{Answer: answer}, nil
	}
	answer.Message = fmt.Sprintf("The policy allows %s and nothing that the old policy does not allow.",
		count(len(needed), "the request", "all %d requests"))
	return Minimized{Answer: answer, Document: doc}, nil
}

// count returns one, or many with the number.
func count(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}

type minimizer struct {
	old     authz.Policy
	needed  []Needed
	options Options
}

// compile compiles the old policy with other statements.
func (m *minimizer) compile(statements []policy.Statement) (*authz.Layer, error) {
	doc := withStatements(m.old.Document, statements)
	return authz.CompileLayer(authz.Identity, []authz.Policy{{Name: m.old.Name, Document: doc}})
}

// withStatements returns a document with other statements, numbered anew.
func withStatements(doc *policy.Document, statements []policy.Statement) *policy.Document {
	out := *doc
	out.SingleStatement, out.Size, out.Compact = false, 0, 0
	out.Statements = append([]policy.Statement(nil), statements...)
	for i := range out.Statements {
		out.Statements[i].Index = i
	}
	return &out
}

// allows reports whether a request is allowed with these identity policies.
func (m *minimizer) allows(identity *authz.Layer, request int) bool {
	policies := m.needed[request].Policies
	policies.Identity = identity
	return policies.Decide(&m.needed[request].Request) == authz.Allowed
}

// denied returns the answer if the old policy does not allow a request.
func (m *minimizer) denied(whole *authz.Layer, request int) Minimized {
	r := m.needed[request].Request
	policies := m.needed[request].Policies
	policies.Identity = whole
	d := policies.Explain(&r)
	out := Minimized{Denied: request}
	out.Message = fmt.Sprintf("The policy does not allow request %d, %s on %s: "+
		"%s", request, r.Action, r.Resource, d.Reason)
	if !d.Outcome.IsDenied() {
		out.Message = fmt.Sprintf("It is not known whether the policy allows request %d, %s on %s: %s", request, r.Action,
			r.Resource, d.Reason)
		for _, part := range d.DependsOn {
			out.Open = append(out.Open, analysis.Open{Reason: "The answer depends on " + part + "."})
		}
		return out
	}
	out.Verdict, out.Reasons = analysis.Fail, d.Deciding
	out.Witness = &analysis.Witness{Request: r, Keys: r.Context.Given()}
	return out
}

// document returns the smaller policy: the statements that deny, and for each request a part of a statement that allows
// it.
func (m *minimizer) document() (*policy.Document, error) {
	var denies []policy.Statement
	for _, s := range m.old.Document.Statements {
		if s.Effect.Value == string(policy.Deny) {
			denies = append(denies, s)
		}
	}
	parts, err := m.assign(denies)
	if err != nil {
		return nil, err
	}
	var out []policy.Statement
	for i, s := range m.old.Document.Statements {
		if s.Effect.Value == string(policy.Deny) {
			out = append(out, s)
			continue
		}
		out = append(out, statements(&s, parts[i])...)
	}
	uniqueSids(out)
	doc := withStatements(m.old.Document, out)
	layer, err := m.compile(out)
	if err != nil {
		return nil, err
	}
	for i := range m.needed {
		if !m.allows(layer, i) {
			return nil, fmt.Errorf("the smaller policy does not allow request %d; this is a mistake in the program", i)
		}
	}
	return doc, nil
}

// assign returns the parts of each statement that the requests need, by the index of the statement.
func (m *minimizer) assign(denies []policy.Statement) (map[int][]part, error) {
	onlyDenies, err := m.compile(denies)
	if err != nil {
		return nil, err
	}
	alone := map[int]*authz.Layer{} // each statement that allows, with all that deny
	for i, s := range m.old.Document.Statements {
		if s.Effect.Value == string(policy.Deny) {
			continue
		}
		if alone[i], err = m.compile(append(denies[:len(denies):len(denies)], s)); err != nil {
			return nil, err
		}
	}
	parts := map[int][]part{}
	for r := range m.needed {
		if m.allows(onlyDenies, r) {
			continue // another policy allows it
		}
		best := -1
		for i := range m.old.Document.Statements {
			if alone[i] != nil && m.allows(alone[i], r) && (best < 0 || m.better(i, best, parts)) {
				best = i
			}
		}
		p, err := m.part(denies, &m.old.Document.Statements[best], r)
		if err != nil {
			return nil, err
		}
		parts[best] = append(parts[best], p)
	}
	return parts, nil
}

// better reports whether statement i is a better source for a request than statement j, which comes before it: it has
// more conditions or, with equally many, it is needed anyway.
func (m *minimizer) better(i, j int, parts map[int][]part) bool {
	a, b := conditions(&m.old.Document.Statements[i]), conditions(&m.old.Document.Statements[j])
	if a != b {
		return a > b
	}
	return len(parts[i]) > 0 && len(parts[j]) == 0
}

// conditions returns the number of condition keys of a statement.
func conditions(s *policy.Statement) (n int) {
	for _, op := range s.Conditions {
		n += len(op.Keys)
	}
	return n
}
