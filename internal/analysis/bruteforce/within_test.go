package bruteforce

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz/reference"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// layers are the documents of a principal. A nil layer is absent.
type layers struct {
	identity, group, boundary, session []document
	control                            [][]document // service control policies, by level
}

// access compiles the layers.
func (l *layers) access(t testing.TB) *access {
	t.Helper()
	a := &access{
		policies: authz.Policies{
			Identity: layerOf(t, authz.Identity, textsOf(l.identity)...),
			Group:    layerOf(t, authz.Group, textsOf(l.group)...),
			Boundary: layerOf(t, authz.Boundary, textsOf(l.boundary)...),
			Session:  layerOf(t, authz.Session, textsOf(l.session)...),
		},
		texts: reference.Case{
			Identity: rawOf(textsOf(l.identity)...), Group: rawOf(textsOf(l.group)...),
			Session: rawOf(textsOf(l.session)...),
		},
	}
	if l.boundary != nil {
		a.texts.Boundary = []byte(l.boundary[0].String())
	}
	if l.control != nil {
		text := "["
		for i, level := range l.control {
			a.policies.ServiceControl = append(a.policies.ServiceControl, layerOf(t, authz.ServiceControl, textsOf(level)...))
			if i > 0 {
				text += ","
			}
			text += string(rawOf(textsOf(level)...))
		}
		a.texts.SCPs = []byte(text + "]")
	}
	return a
}

// String returns the layers for a message.
func (l *layers) String() string {
	return fmt.Sprintf("identity %s, group %s, boundary %s, session %s, service control %s", l.identity, l.group,
		l.boundary, l.session, l.control)
}

// layers returns random layers. Most policies other than those of the identity are wide.
func (s *space) layers(r *rand.Rand) *layers {
	wide := func() document {
		d := s.document(r)
		if chance(r, 60) {
			all := allow()
			all.actions = everyAction
			d = document{d.version, append([]statement{all}, d.statements...)}
		}
		return d
	}
	l := &layers{identity: []document{wide()}}
	if chance(r, 30) {
		l.identity = append(l.identity, s.document(r))
	}
	if chance(r, 20) {
		l.group = []document{s.document(r)}
	}
	if chance(r, 40) {
		l.boundary = []document{wide()}
	}
	if chance(r, 35) {
		l.session = []document{wide()}
	}
	if chance(r, 35) {
		l.control = [][]document{{wide()}}
		if chance(r, 40) {
			l.control = append(l.control, []document{wide(), s.document(r)})
		}
	}
	return l
}

// changed returns layers that differ from others in one place.
func (s *space) changed(r *rand.Rand, l *layers) *layers {
	next := *l
	switch r.IntN(6) {
	case 0:
		next.boundary = nil
	case 1:
		next.session = nil
	case 2:
		next.identity = append(slices.Clone(l.identity), s.document(r))
	case 3:
		next.control = nil
	case 4:
		next.identity = slices.Clone(l.identity)
		next.identity[0] = s.change(r, next.identity[0])
	case 5:
		next.boundary = []document{s.document(r)}
	}
	return &next
}

// withinPrincipals are principals of one account. All of their keys are known.
func withinPrincipals() []authz.Principal {
	one := authz.MustPrincipal(bob)
	one.ID = "AIDAEXAMPLE1"
	two := authz.MustPrincipal(ann)
	two.ID = "AIDAEXAMPLE2"
	role := authz.MustPrincipal(session)
	role.ID = "AROAEXAMPLE1"
	return []authz.Principal{one, two, role.WithRole(appRole)}
}

// withinSpace returns a space about the layers of a principal, with conditions on its own keys.
func withinSpace() *space {
	s := &space{name: "layers", kind: policy.Identity, conditional: 40}
	s.actions = []string{"x:a", "x:ab", "xy:b"}
	s.resources = withPrefix(bareARN, []string{"a", "b", "ab", "bob", "ann", "bob/a"})
	s.actionPatterns = []string{"x:a", "x:*", "xy:b"}
	s.resourcePatterns = withPrefix(bareARN, []string{"a", "a*", "*", "b", "${aws:username}", "${aws:username}/*"})
	s.keys = []bruteKey{{"x:k", absentOr(single("a", "b", "bob"), several("a", "b"))}}
	s.conditions = slices.Concat(
		compact.with([]string{"a"}, []string{"${aws:username}"}, []string{"b*", "a"}).conditions("x:k"),
		arns.with([]string{bob}, []string{"arn:aws:iam::*:user/*"}, []string{appRole}).conditions("aws:PrincipalArn"),
		compact.with([]string{"bob"}, []string{"bob", "ann"}, []string{"b*"}).conditions("aws:username"),
		compact.with([]string{"AIDA*"}, []string{"AIDAEXAMPLE1"}).conditions("aws:userid"),
		compact.with([]string{"User"}, []string{"AssumedRole"}).conditions("aws:PrincipalType"))
	return s
}

// TestWithin_AgreesWithBruteForce compares random pairs of principals with policies in several layers.
func TestWithin_AgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	principals := withinPrincipals()
	var universes []*space // of each principal, with the same requests in the same order
	for _, principal := range principals {
		s := withinSpace()
		s.principals = []authz.Principal{principal}
		s.enumerate(t)
		universes = append(universes, s)
	}
	r := rand.New(rand.NewPCG(0, 8))
	var c tally
	for range caseCount(t, 500, 40) {
		one, two := r.IntN(len(principals)), r.IntN(len(principals))
		if chance(r, 60) {
			two = one
		}
		a := universes[one].layers(r)
		b := universes[one].changed(r, a)
		if chance(r, 30) {
			b = universes[one].layers(r)
		}
		if chance(r, 50) {
			a, b = b, a
		}
		of := &brute{access: a.access(t)}
		than := &brute{access: b.access(t)}
		of.allowed, than.allowed = universes[one].allowedBy(of.access), universes[two].allowedBy(than.access)
		answer, err := analysis.Within(analysis.Subject{Principal: principals[one], Policies: of.access.policies},
			analysis.Subject{Principal: principals[two], Policies: than.access.policies}, analysis.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c.count(answer, of.allowed.firstNotIn(than.allowed) >= 0)
		if err := judgeWithin(t, answer, of, than, principals[one], principals[two], universes[one]); err != nil {
			c.complain(t, err, fmt.Sprintf("a %s: %s\nb %s: %s", principals[one], a, principals[two], b))
		}
	}
	c.report(t, 2)
}

// judgeWithin checks an answer to whether the principal two may do everything that the principal one may do.
func judgeWithin(t testing.TB, answer analysis.Answer, a, b *brute, one, two authz.Principal, of *space) error {
	t.Helper()
	switch answer.Verdict {
	case analysis.Pass:
		if i := a.allowed.firstNotIn(b.allowed); i >= 0 {
			return fmt.Errorf("pass (%s), but only a may perform %s", answer.Message, of.describe(i))
		}
	case analysis.Fail:
		if err := confirm(t, answer.Witness, a.access, nil); err != nil {
			return fmt.Errorf("fail (%s), but %w", answer.Message, err)
		}
		if answer.Witness.Request.Principal.String() != one.String() {
			return fmt.Errorf("the witness is a request by %s", answer.Witness.Request.Principal)
		}
		// The same request by the other principal has that one's own keys.
		values := valuesOf(answer.Witness)
		for key := range one.Keys() {
			maps.DeleteFunc(values, func(name string, _ bruteValue) bool { return strings.EqualFold(name, key) })
		}
		r := answer.Witness.Request
		r.Principal, r.Context = two, contextOf(t, values)
		r.Context.SetPrincipal(two)
		for key, value := range two.Keys() {
			values[key] = bruteValue{texts: []string{value}}
		}
		if b.access.allows(&r) || b.access.referenceAllows(t, &r, values) {
			return fmt.Errorf("fail (%s), but both may perform %s", answer.Message, describe(&r, values))
		}
		if err := checkReasons(answer.Reasons); err != nil && r.Action.String() != "sts:GetSessionToken" { // rule 69
			return fmt.Errorf("%w: %s", err, describe(&answer.Witness.Request, valuesOf(answer.Witness)))
		}
	case analysis.Unknown:
		if len(answer.Open) == 0 {
			return errors.New("unknown without a reason")
		}
	}
	return nil
}
