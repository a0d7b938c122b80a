package authz

import (
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// policyName is the name of a policy in a [Part].
type policyName string

func (n policyName) String() string { return string(n) }

// withParts returns the policies with the parts of each layer changed.
func (p *Policies) withParts(change func(kind LayerKind, part Part) []Part) *Policies {
	out := *p
	layer := func(l *Layer) *Layer {
		if l == nil {
			return nil
		}
		var parts []Part
		for _, part := range l.parts {
			parts = append(parts, change(l.kind, part)...)
		}
		united := Unite(l.kind, parts)
		return &united
	}
	for _, l := range [...]**Layer{&out.Identity, &out.Group, &out.Boundary, &out.Session, &out.ResourcePolicy,
		&out.Endpoint} {
		*l = layer(*l)
	}
	for _, levels := range [...]*[]*Layer{&out.ServiceControl, &out.ResourceControl} {
		*levels = slices.Clone(*levels)
		for i := range *levels {
			(*levels)[i] = layer((*levels)[i])
		}
	}
	return &out
}

// indexed returns a part with an index, even if the part is small.
func indexed(_ LayerKind, part Part) []Part {
	c := *part.Compiled
	c.index = &index{}
	c.index.build(c.statements)
	part.Compiled = &c
	return []Part{part}
}

// compiledSeparately returns a function that splits a part into one part for each policy.
func compiledSeparately(t *testing.T) func(LayerKind, Part) []Part {
	return func(kind LayerKind, part Part) (out []Part) {
		for _, p := range part.Compiled.policies {
			c, err := Compile(kind, Policy{"compiled under another name", p.Document})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, Part{Compiled: c, Name: policyName(p.Name), Uncertain: part.Uncertain})
		}
		return out
	}
}

// storedAsText returns a function like that of [compiledSeparately]. It stores the policies as text, if
// they are fully known.
func storedAsText(t *testing.T) func(LayerKind, Part) []Part {
	return func(kind LayerKind, part Part) (out []Part) {
		for _, p := range part.Compiled.policies {
			text, err := p.Document.MarshalJSON()
			if err != nil { // a part of the policy is unknown
				out = append(out,
					compiledSeparately(t)(kind, Part{Compiled: &Compiled{policies: []Policy{p}}, Uncertain: part.Uncertain})...)
				continue
			}
			c, err := CompileText(kind, p.Name, string(text))
			if err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			out = append(out, Part{Compiled: c, Name: policyName(p.Name), Uncertain: part.Uncertain})
		}
		return out
	}
}

// checkForms checks that the way in which policies were compiled does not change the answers.
func checkForms(t *testing.T, p *Policies, r *Request) {
	t.Helper()
	outcome, could, d := p.Decide(r), p.CouldAllow(r), p.Explain(r)
	for form, part := range map[string]func(LayerKind, Part) []Part{"indexed": indexed,
		"compiled separately": compiledSeparately(t), "stored as text": storedAsText(t)} {
		other := p.withParts(part)
		if got := other.Decide(r); got != outcome {
			t.Errorf("Decide answers %s, but %s if %s", outcome, got, form)
		}
		want, got := d, other.Explain(r)
		if form == "stored as text" { // the statements have other positions
			want, got = withoutPositions(d), withoutPositions(got)
			if now := other.CouldAllow(r); now != could {
				t.Errorf("CouldAllow answers %d, but %d if %s", could, now, form)
			}
		}
		if got.Outcome != want.Outcome || got.Reason != want.Reason || !slices.Equal(got.Deciding, want.Deciding) ||
			!slices.Equal(got.MissingKeys, want.MissingKeys) ||
			(got.NearestMiss == nil) != (want.NearestMiss == nil) ||
			got.NearestMiss != nil && got.NearestMiss.StatementRef != want.NearestMiss.StatementRef {
			t.Errorf("explanation if %s:\n%+v\nwant\n%+v", form, got, want)
		}
	}
}

// withoutPositions returns the decision without the positions of statements.
func withoutPositions(d *Decision) *Decision {
	out := *d
	out.Reason = "" // it contains positions
	out.Deciding = slices.Clone(d.Deciding)
	for i := range out.Deciding {
		out.Deciding[i].Pos = tree.Pos{}
	}
	if d.NearestMiss != nil {
		miss := *d.NearestMiss
		miss.Pos = tree.Pos{}
		out.NearestMiss = &miss
	}
	return &out
}

// TestUnite_UncertainParts evaluates requests against policies that are possibly, but not certainly, attached.
func TestUnite_UncertainParts(t *testing.T) {
	part := func(uncertain bool, list ...string) Part {
		c, err := Compile(Identity, Policy{"p", mustParse(t, statements(list...))})
		if err != nil {
			t.Fatal(err)
		}
		return Part{Compiled: c, Name: policyName("p"), Uncertain: uncertain}
	}
	for name, test := range map[string]struct {
		parts []Part
		want  Outcome
		could Possibility
	}{
		"uncertain allow":                 {[]Part{part(true, allowAll)}, Undecided, Unclear},
		"uncertain deny":                  {[]Part{part(true, denyAll)}, Denied, Never},
		"uncertain deny after an allow":   {[]Part{part(false, allowAll), part(true, denyAll)}, Undecided, Unclear},
		"uncertain deny before an allow":  {[]Part{part(true, denyAll), part(false, allowAll)}, Undecided, Unclear},
		"uncertain allow beside an allow": {[]Part{part(true, allowAll), part(false, allowAll)}, Allowed, Possible},
		"uncertain allow beside a deny":   {[]Part{part(true, allowAll), part(false, denyAll)}, ExplicitlyDenied, Never},
		"uncertain policy that does not match": {[]Part{part(true, `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)},
			ImplicitlyDenied, Never},
		"uncertain allow and uncertain deny": {[]Part{part(true, allowAll), part(true, denyAll)}, Undecided, Unclear},
	} {
		t.Run(name, func(t *testing.T) {
			l := Unite(Identity, test.parts)
			p := Policies{Identity: &l}
			r := request(t, bob, "")
			if got := p.Decide(r); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if got := p.CouldAllow(r); got != test.could {
				t.Errorf("CouldAllow answers %d, want %d", got, test.could)
			}
			checkConsistent(t, &p, r)
		})
	}
}

// TestUnite_RefusesPoliciesOfOtherLayers checks that a policy compiled for the identity layer is valid
// for the layers group, boundary and session only.
func TestUnite_RefusesPoliciesOfOtherLayers(t *testing.T) {
	c, err := CompileText(Identity, "p", statements(allowAll))
	if err != nil {
		t.Fatal(err)
	}
	for kind, fits := range map[LayerKind]bool{Group: true, Boundary: true, Session: true, ServiceControl: false,
		ResourcePolicy: false} {
		func() {
			defer func() {
				if refused := recover() != nil; refused == fits {
					t.Errorf("layer %s: refused %t, want %t", kind, refused, !fits)
				}
			}()
			Unite(kind, []Part{{Compiled: c}})
		}()
	}
}

func TestSetUnknownBelow(t *testing.T) {
	l := layerOf(t, Identity, statements(`{"Effect":"Allow","Action":"*","Resource":"*",`+
		`"Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}}`))
	p := Policies{Identity: l}
	for tags, want := range map[string]Outcome{`{"aws:PrincipalTag/Team":"a"}`: Allowed,
		`{"aws:PrincipalTag/Team":"b"}`: ImplicitlyDenied, ``: Undecided} {
		r := request(t, bob, tags)
		r.Context.SetUnknownBelow("aws:PrincipalTag/")
		if got := p.Decide(r); got != want {
			t.Errorf("%s: %s", tags, got)
		}
		checkConsistent(t, &p, r)
		if r.Context.Has("aws:principaltag/TEAM") != (tags != "") {
			t.Errorf("Has answers %v, want %v", tags == "", tags != "")
		}
	}
}
