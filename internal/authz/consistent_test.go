package authz

import (
	"slices"
	"testing"
)

// checkConsistent checks the properties that every decision has.
func checkConsistent(t *testing.T, p *Policies, r *Request) {
	t.Helper()
	outcome := p.Decide(r)
	d := p.Explain(r)
	if d.Outcome != outcome {
		t.Errorf("decided %s, explained as %s", outcome, d.Outcome)
	}
	if d.Reason == "" {
		t.Error("the decision has no reason")
	}
	if outcome == ExplicitlyDenied && len(d.Deciding) == 0 && !r.uncertain() {
		t.Error("an explicit denial names no statement")
	}
	if outcome != ExplicitlyDenied && outcome != Allowed && len(d.Deciding) > 0 {
		t.Errorf("%s, but Deciding has %v", outcome, d.Deciding)
	}
	if outcome == Undecided && len(d.DependsOn) == 0 {
		t.Error("the outcome is unknown, but DependsOn is empty")
	}
	if d.NearestMiss != nil && (!outcome.IsDenied() || len(d.NearestMiss.Failures) == 0) {
		t.Errorf("%s with the nearest miss %v", outcome, d.NearestMiss)
	}
	// The index misses no statement.
	boundary := p.hasBoundary()
	p.each(func(l *Layer) {
		var scanned verdict
		if l.opaque() {
			scanned = unknown
		}
		for s, part := range l.statements() {
			scanned.add(part.statementVerdict(l.kind, s, r, boundary))
		}
		found := l.decide(r, boundary)
		if found.deny != scanned.deny {
			t.Errorf("layer %s: deny %d through the index, %d statement by statement", l.kind, found.deny, scanned.deny)
		}
		if found.deny != yes && (found.allow.any() != scanned.allow.any() || found.allow.direct != scanned.allow.direct) {
			t.Errorf("layer %s: allow %v through the index, %v statement by statement", l.kind, found.allow, scanned.allow)
		}
	})
	checkForms(t, p, r)
	// If Decide answers Allowed, CouldAllow must not answer Never. A statement that denies everything must
	// change the answer.
	if could := p.CouldAllow(r); outcome == Allowed && could == Never {
		t.Error("Decide answers Allowed, and CouldAllow answers Never")
	}
	if outcome != Allowed && r.fixedAnswer().allowed != yes {
		return
	}
	if decided := p.denyingAll(t).Decide(r); decided == Allowed && r.fixedAnswer().allowed != yes &&
		r.Principal.Kind != Root &&
		r.Principal.hasIdentity() {
		t.Errorf("with an added statement that denies everything: got %s", decided)
	}
}

// denyingAll returns the policies and an additional identity policy that denies everything.
func (p *Policies) denyingAll(t testing.TB) *Policies {
	t.Helper()
	out := *p
	deny := layerFrom(t, Identity, []Policy{{"deny", mustParse(t, statements(denyAll))}})
	parts := deny.parts
	if p.Identity != nil {
		parts = append(slices.Clone(p.Identity.parts), parts...)
	}
	united := Unite(Identity, parts)
	out.Identity = &united
	return &out
}

func layerFrom(t testing.TB, kind LayerKind, policies []Policy) *Layer {
	t.Helper()
	l, err := CompileLayer(kind, policies)
	if err != nil {
		t.Fatal(err)
	}
	return l
}
