package authz

import "testing"

func TestCompileUnreadable_DeniesEveryRequest(t *testing.T) {
	const text = `{"Statement":[{"Effect":"Perhaps"}]}`
	all := layerOf(t, Identity, statements(allowAll))
	for _, test := range []struct {
		kind      LayerKind
		principal string
		policies  func(l *Layer) Policies
	}{
		{Identity, bob, func(l *Layer) Policies { return Policies{Identity: l} }},
		{Group, bob, func(l *Layer) Policies { return Policies{Identity: all, Group: l} }},
		{Boundary, bob, func(l *Layer) Policies { return Policies{Identity: all, Boundary: l} }},
		{ResourcePolicy, bob, func(l *Layer) Policies { return Policies{Identity: all, ResourcePolicy: l} }},
		{ResourcePolicy, "anonymous", func(l *Layer) Policies { return Policies{ResourcePolicy: l} }},
	} {
		t.Run(test.kind.String()+" "+test.principal, func(t *testing.T) {
			c := CompileUnreadable(test.kind, "broken", text)
			if c.Text() != text || !c.Unreadable() || c.Kind() != test.kind {
				t.Errorf("got text %s, unreadable %t, kind %s", c.Text(), c.Unreadable(), c.Kind())
			}
			layer := Unite(test.kind, []Part{{Compiled: c}})
			p := test.policies(&layer)
			r := request(t, test.principal, "")
			want := `Explicitly denied by policy "broken", statement 0 (PolicyCannotBeEvaluated) (layer ` +
				test.kind.String() + `).`
			if d := p.Explain(r); p.Decide(r) != ExplicitlyDenied || d.Reason != want {
				t.Errorf("got %s: %s\nwant %s", p.Decide(r), d.Reason, want)
			}
			r.Action, r.Resource = MustAction("sts:AssumeRole"), "arn:aws:iam::123456789012:role/app"
			if got := p.Decide(r); got != ExplicitlyDenied {
				t.Errorf("assuming a role: got %s", got)
			}
		})
	}
}
