package authz

import "testing"

// consistent checks what must hold of every decision, whatever it is.
func consistent(t *testing.T, p *Policies, r *Request) {
	t.Helper()
	outcome := p.Decide(r)
	d := p.Explain(r)
	if d.Outcome != outcome {
		t.Errorf("decided %s, explained as %s", outcome, d.Outcome)
	}
	if d.Reason == "" {
		t.Error("no reason is given")
	}
	if outcome == ExplicitlyDenied && len(d.Deciding) == 0 && !r.uncertain() {
		t.Error("an explicit denial names no statement")
	}
	if outcome != ExplicitlyDenied && outcome != Allowed && len(d.Deciding) > 0 {
		t.Errorf("%s, but statements are said to have decided: %v", outcome, d.Deciding)
	}
	if outcome == Undecided && len(d.HangsOn) == 0 {
		t.Error("an unknown outcome hangs on nothing")
	}
	if d.NearestMiss != nil && (!outcome.IsDenied() || len(d.NearestMiss.Failures) == 0) {
		t.Errorf("%s with the nearest miss %v", outcome, d.NearestMiss)
	}
	// The index leaves nothing out.
	boundary := p.Boundary != nil
	p.each(func(l *Layer) {
		var scanned verdict
		if l.opaque {
			scanned = verdict{maybe, naming{maybe, maybe, maybe}}
		}
		for i := range l.statements {
			var one verdict
			s := &l.statements[i]
			l.apply(&one, s, r, boundary, and(s.matchAction(r), s.matchResource(r)))
			scanned.add(one)
		}
		found := l.decide(r, boundary)
		if found.deny != scanned.deny {
			t.Errorf("layer %s: deny %d through the index, %d statement by statement", l.kind, found.deny, scanned.deny)
		}
		if found.deny != yes && (found.allow.any() != scanned.allow.any() || found.allow.direct != scanned.allow.direct) {
			t.Errorf("layer %s: allow %v through the index, %v statement by statement", l.kind, found.allow, scanned.allow)
		}
	})
	// With everything known, "could be allowed" follows from "is allowed", and
	// adding a deny for everything never allows.
	if could := p.CouldAllow(r); outcome == Allowed && could == Never {
		t.Error("allowed, and yet it never could be")
	}
	if outcome != Allowed && !r.isGetCallerIdentity() {
		return
	}
	if decided := p.denyingAll(t).Decide(r); decided == Allowed && !r.isGetCallerIdentity() && r.Principal.Kind != Root && r.Principal.hasIdentity() {
		t.Errorf("with a deny of everything added: %s", decided)
	}
}

// denyingAll is the policies with an identity policy that denies everything.
func (p *Policies) denyingAll(t testing.TB) *Policies {
	t.Helper()
	out := *p
	var policies []Policy
	if p.Identity != nil {
		policies = append(policies, p.Identity.policies...)
	}
	out.Identity = layerFrom(t, Identity, append(policies, Policy{"deny", mustParse(t, statements(denyAll))}))
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
