package authz

import (
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// name is a name as a [Part] wants it.
type name string

func (n name) String() string { return string(n) }

// rewrite is the policies with the parts of each layer made otherwise.
func (p *Policies) rewrite(part func(kind LayerKind, part Part) []Part) *Policies {
	out := *p
	layer := func(l *Layer) *Layer {
		if l == nil {
			return nil
		}
		var parts []Part
		for _, given := range l.parts {
			parts = append(parts, part(l.kind, given)...)
		}
		united := Unite(l.kind, parts)
		return &united
	}
	for _, l := range [...]**Layer{&out.Identity, &out.Group, &out.Boundary, &out.Session, &out.ResourcePolicy, &out.Endpoint} {
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

// indexed is the policies with an index over every part, however small.
func indexed(_ LayerKind, part Part) []Part {
	c := *part.Compiled
	c.index = &index{}
	c.index.build(c.statements)
	part.Compiled = &c
	return []Part{part}
}

// united is the policies as a union of policies that were compiled one by one.
func united(t *testing.T) func(LayerKind, Part) []Part {
	return func(kind LayerKind, part Part) (out []Part) {
		for _, p := range part.Compiled.policies {
			c, err := Compile(kind, Policy{"compiled under another name", p.Document})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, Part{Compiled: c, Name: name(p.Name), Uncertain: part.Uncertain})
		}
		return out
	}
}

// kept is [united] with policies that are kept as text, as far as they are known.
func kept(t *testing.T) func(LayerKind, Part) []Part {
	return func(kind LayerKind, part Part) (out []Part) {
		for _, p := range part.Compiled.policies {
			text, err := p.Document.MarshalJSON()
			if err != nil { // not known
				out = append(out, united(t)(kind, Part{Compiled: &Compiled{policies: []Policy{p}}, Uncertain: part.Uncertain})...)
				continue
			}
			c, err := CompileText(kind, p.Name, string(text))
			if err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			out = append(out, Part{Compiled: c, Name: name(p.Name), Uncertain: part.Uncertain})
		}
		return out
	}
}

// sameInAnyForm checks that it makes no difference how policies were compiled.
func sameInAnyForm(t *testing.T, p *Policies, r *Request) {
	t.Helper()
	outcome, could, d := p.Decide(r), p.CouldAllow(r), p.Explain(r)
	for form, part := range map[string]func(LayerKind, Part) []Part{"indexed": indexed, "united": united(t), "kept as text": kept(t)} {
		other := p.rewrite(part)
		if got := other.Decide(r); got != outcome {
			t.Errorf("%s, %s: %s", outcome, form, got)
		}
		want, got := d, other.Explain(r)
		if form == "kept as text" { // whose statements are in other places
			want, got = withoutPlaces(d), withoutPlaces(got)
			if now := other.CouldAllow(r); now != could {
				t.Errorf("could be allowed: %d, %s: %d", could, form, now)
			}
		}
		if got.Outcome != want.Outcome || got.Reason != want.Reason || !slices.Equal(got.Deciding, want.Deciding) || !slices.Equal(got.MissingKeys, want.MissingKeys) ||
			(got.NearestMiss == nil) != (want.NearestMiss == nil) || got.NearestMiss != nil && got.NearestMiss.StatementRef != want.NearestMiss.StatementRef {
			t.Errorf("%s: explained as\n%+v\nrather than\n%+v", form, got, want)
		}
	}
}

func withoutPlaces(d *Decision) *Decision {
	out := *d
	out.Reason = "" // names them
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

// The effect of a policy that may not be attached is not certain.
func TestUnite_UncertainParts(t *testing.T) {
	part := func(uncertain bool, list ...string) Part {
		c, err := Compile(Identity, Policy{"p", mustParse(t, statements(list...))})
		if err != nil {
			t.Fatal(err)
		}
		return Part{Compiled: c, Name: name("p"), Uncertain: uncertain}
	}
	for what, test := range map[string]struct {
		parts []Part
		want  Outcome
		could Possibility
	}{
		"uncertain allow":                      {[]Part{part(true, allowAll)}, Undecided, Unclear},
		"uncertain deny":                       {[]Part{part(true, denyAll)}, Denied, Never},
		"uncertain deny after an allow":        {[]Part{part(false, allowAll), part(true, denyAll)}, Undecided, Unclear},
		"uncertain deny before an allow":       {[]Part{part(true, denyAll), part(false, allowAll)}, Undecided, Unclear},
		"uncertain allow beside an allow":      {[]Part{part(true, allowAll), part(false, allowAll)}, Allowed, Possible},
		"uncertain allow beside a deny":        {[]Part{part(true, allowAll), part(false, denyAll)}, ExplicitlyDenied, Never},
		"uncertain policy that does not match": {[]Part{part(true, `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)}, ImplicitlyDenied, Never},
		"uncertain allow and uncertain deny":   {[]Part{part(true, allowAll), part(true, denyAll)}, Undecided, Unclear},
	} {
		t.Run(what, func(t *testing.T) {
			l := Unite(Identity, test.parts)
			p := Policies{Identity: &l}
			r := request(t, bob, "")
			if got := p.Decide(r); got != test.want {
				t.Errorf("%s", got)
			}
			if got := p.CouldAllow(r); got != test.could {
				t.Errorf("could be allowed: %d", got)
			}
			checkConsistent(t, &p, r)
		})
	}
}

// A policy compiled for a layer fits the layers identity to session alike, and no others.
func TestUnite_RefusesPoliciesOfOtherLayers(t *testing.T) {
	c, err := CompileText(Identity, "p", statements(allowAll))
	if err != nil {
		t.Fatal(err)
	}
	for kind, fits := range map[LayerKind]bool{Group: true, Boundary: true, Session: true, ServiceControl: false, ResourcePolicy: false} {
		func() {
			defer func() {
				if refused := recover() != nil; refused == fits {
					t.Errorf("%s: refused is %t", kind, refused)
				}
			}()
			Unite(kind, []Part{{Compiled: c}})
		}()
	}
}

func TestSetUnknownBelow(t *testing.T) {
	l := layerOf(t, Identity, statements(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"a"}}}`))
	p := Policies{Identity: l}
	for tags, want := range map[string]Outcome{`{"aws:PrincipalTag/Team":"a"}`: Allowed, `{"aws:PrincipalTag/Team":"b"}`: ImplicitlyDenied, ``: Undecided} {
		r := request(t, bob, tags)
		r.Context.SetUnknownBelow("aws:PrincipalTag/")
		if got := p.Decide(r); got != want {
			t.Errorf("%s: %s", tags, got)
		}
		checkConsistent(t, &p, r)
		if r.Context.Has("aws:principaltag/TEAM") != (tags != "") {
			t.Errorf("Has answers %v", tags == "")
		}
	}
}
