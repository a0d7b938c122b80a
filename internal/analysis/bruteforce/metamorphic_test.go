package bruteforce

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// relation is a property of answers that holds for all policies. It returns an error if it does not hold.
type relation struct {
	name  string
	check func(t *testing.T, s *space, r *rand.Rand, d document) error
}

// never returns an error if an answer is a certain verdict.
func never(answer analysis.Answer, verdict analysis.Verdict, what string) error {
	if answer.Verdict == verdict {
		return fmt.Errorf("%s is %s: %s", what, answer.Verdict, answer.Message)
	}
	return nil
}

func (s *space) within(t testing.TB, existing, updated document) analysis.Answer {
	t.Helper()
	return s.noNewAccess(t, existing, updated, analysis.Options{})
}

// split returns a document with the statement at an index in two: each has a part of a list.
func split(d document, i int, list func(*statement) *[]string) document {
	one, two := d.statements[i], d.statements[i]
	all := *list(&one)
	*list(&one), *list(&two) = all[:len(all)/2], all[len(all)/2:]
	return d.replace(i, one).with(two)
}

var relations = []relation{
	{"a policy is within itself", func(t *testing.T, s *space, _ *rand.Rand, d document) error {
		return never(s.within(t, d, d), analysis.Fail, "inclusion of the policy in itself")
	}},
	{"a Deny gains nothing", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		return never(s.within(t, d, d.with(s.statement(r, 100))), analysis.Fail, "the policy with one more Deny")
	}},
	{"an Allow loses nothing", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		return never(s.within(t, d.with(s.statement(r, 0)), d), analysis.Fail, "the policy with one Allow less")
	}},
	{"no Allow is less, and no Deny is more", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		if len(d.statements) == 1 {
			return nil
		}
		i := r.IntN(len(d.statements))
		less, more := d.without(i), d
		if d.statements[i].effect == string(policy.Deny) {
			less, more = more, less
		}
		return never(s.within(t, more, less), analysis.Fail, fmt.Sprintf("the policy without statement %d", i))
	}},
	{"one more condition on an Allow gains nothing", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		i := r.IntN(len(d.statements))
		if len(s.conditions) == 0 || d.statements[i].effect == string(policy.Deny) {
			return nil
		}
		return never(s.within(t, d, d.replace(i, s.condition(r, d.statements[i]))), analysis.Fail,
			fmt.Sprintf("one more condition of statement %d", i))
	}},
	{"one more action of an Allow loses nothing", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		i := r.IntN(len(d.statements))
		old := d.statements[i]
		if len(s.actionPatterns) == 0 || old.effect == string(policy.Deny) || old.notAction {
			return nil
		}
		old.actions = append(slices.Clone(old.actions), pick(r, s.actionPatterns))
		return never(s.within(t, d.replace(i, old), d), analysis.Fail, fmt.Sprintf("one action less in statement %d", i))
	}},
	{"the order of statements has no effect", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		other := s.change(r, d)
		reversed, otherReversed := document{d.version, slices.Clone(d.statements)}, document{d.version,
			slices.Clone(other.statements)}
		slices.Reverse(reversed.statements)
		slices.Reverse(otherReversed.statements)
		if a, b := s.within(t, d, other), s.within(t, reversed, otherReversed); a.Verdict != b.Verdict {
			return fmt.Errorf("%s, but %s in another order; the new policy is %s", a.Verdict, b.Verdict, other)
		}
		return never(s.equivalent(t, d, reversed), analysis.Fail, "equivalence with another order")
	}},
	{"Sids have no effect", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		other := s.change(r, d)
		named, otherNamed := document{d.version, slices.Clone(d.statements)}, document{d.version,
			slices.Clone(other.statements)}
		for i := range named.statements {
			named.statements[i].sid = fmt.Sprintf("S%d", i)
		}
		for i := range otherNamed.statements {
			otherNamed.statements[i].sid = fmt.Sprintf("T%d", i)
		}
		a, b := s.within(t, d, other), s.within(t, named, otherNamed)
		if a.Verdict != b.Verdict {
			return fmt.Errorf("%s, but %s with Sids; the new policy is %s", a.Verdict, b.Verdict, other)
		}
		if a.Witness != nil && !reflect.DeepEqual(a.Witness.Keys, b.Witness.Keys) {
			return fmt.Errorf("the witness has the keys %v, but %v with Sids", a.Witness.Keys, b.Witness.Keys)
		}
		return nil
	}},
	{"a statement for each action means the same", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		i := r.IntN(len(d.statements))
		if d.statements[i].notAction || len(d.statements[i].actions) < 2 {
			return nil
		}
		parts := split(d, i, func(s *statement) *[]string { return &s.actions })
		return never(s.equivalent(t, d, parts), analysis.Fail, fmt.Sprintf("equivalence with statement %d in parts", i))
	}},
	{"a statement for each resource means the same", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		i := r.IntN(len(d.statements))
		if d.statements[i].notResource || len(d.statements[i].resources) < 2 {
			return nil
		}
		parts := split(d, i, func(s *statement) *[]string { return &s.resources })
		return never(s.equivalent(t, d, parts), analysis.Fail, fmt.Sprintf("equivalence with statement %d in parts", i))
	}},
	{"several policies act together", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		if len(d.statements) == 1 || s.kind.HasPrincipal() {
			return nil
		}
		at := 1 + r.IntN(len(d.statements)-1)
		one, two := document{d.version, d.statements[:at]}, document{d.version, d.statements[at:]}
		answer, err := analysis.Equivalent(s.kind, policiesOf(t, d.String()), policiesOf(t, one.String(), two.String()),
			analysis.Options{})
		if err != nil {
			return err
		}
		return never(answer, analysis.Fail, "equivalence with two policies")
	}},
	{"the layer has no effect", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		if s.kind.HasPrincipal() {
			return nil
		}
		other := s.change(r, d)
		want := s.within(t, d, other)
		for _, kind := range []policy.Kind{policy.Boundary, policy.Session, policy.ServiceControl} {
			answer, err := analysis.NoNewAccess(kind, policiesOf(t, d.String()), policiesOf(t, other.String()),
				analysis.Options{})
			if err != nil && kind == policy.ServiceControl {
				continue // a short ARN, which only the other layers complete
			}
			if err != nil {
				return fmt.Errorf("as %s: %w; the new policy is %s", kind, err, other)
			}
			if answer.Verdict != want.Verdict {
				return fmt.Errorf("%s as %s, but %s as identity policies; the new policy is %s", answer.Verdict, kind,
					want.Verdict, other)
			}
		}
		return nil
	}},
	{"inclusion is transitive", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		two := s.change(r, d)
		three := s.change(r, two)
		if s.within(t, d, two).Verdict == analysis.Pass && s.within(t, two, three).Verdict == analysis.Pass {
			if err := never(s.within(t, d, three), analysis.Fail, "inclusion over another policy"); err != nil {
				return fmt.Errorf("%w; the other policies are %s and %s", err, two, three)
			}
		}
		return nil
	}},
	{"equivalence is inclusion in both directions", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		other := s.change(r, d)
		want := min(s.within(t, d, other).Verdict, s.within(t, other, d).Verdict)
		if s.within(t, d, other).Verdict == analysis.Fail || s.within(t, other, d).Verdict == analysis.Fail {
			want = analysis.Fail
		}
		for _, got := range []analysis.Answer{s.equivalent(t, d, other), s.equivalent(t, other, d)} {
			if got.Verdict != want {
				return fmt.Errorf("equivalence is %s, want %s; the other policy is %s", got.Verdict, want, other)
			}
		}
		return nil
	}},
	{"equal questions have equal answers", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		other := s.change(r, d)
		if a, b := s.within(t, d, other), s.within(t, d, other); !reflect.DeepEqual(a, b) {
			return fmt.Errorf("%+v, and then %+v; the new policy is %s", a, b, other)
		}
		return nil
	}},
	{"fewer steps never give another verdict", func(t *testing.T, s *space, r *rand.Rand, d document) error {
		other := s.change(r, d)
		full := s.within(t, d, other)
		for steps := 1; steps < 2000; steps *= 3 {
			answer := s.noNewAccess(t, d, other, analysis.Options{Steps: steps})
			if answer.Verdict != analysis.Unknown && answer.Verdict != full.Verdict {
				return fmt.Errorf("%s with %d steps, but %s with more; the new policy is %s", answer.Verdict, steps,
					full.Verdict, other)
			}
			if answer.Verdict == analysis.Unknown && len(answer.Open) == 0 {
				return fmt.Errorf("unknown without a reason with %d steps", steps)
			}
		}
		return nil
	}},
	{"no action is granted if nothing is allowed", func(t *testing.T, s *space, _ *rand.Rand, d document) error {
		answer, err := analysis.NotGranted(s.kind, policiesOf(t, d.String()), []analysis.Access{{Actions: []string{"*"}}},
			analysis.Options{})
		if err != nil {
			return err
		}
		if want := s.within(t, s.nothing(), d); answer.Verdict != want.Verdict {
			return fmt.Errorf("no grant of any action is %s, but inclusion in nothing is %s", answer.Verdict, want.Verdict)
		}
		return nil
	}},
}

// TestAnswers_KeepRelations checks properties of answers that hold for all policies, with random small ones.
func TestAnswers_KeepRelations(t *testing.T) {
	for i, relation := range relations {
		t.Run(relation.name, func(t *testing.T) {
			t.Parallel()
			for j, s := range allSpaces() {
				r := rand.New(rand.NewPCG(uint64(i), uint64(100+j)))
				for range caseCount(t, 8, 1) {
					d := s.document(r)
					if err := relation.check(t, s, r, d); err != nil {
						t.Errorf("%s: %v\n%s", s.name, err, d)
						break
					}
				}
			}
		})
	}
}
