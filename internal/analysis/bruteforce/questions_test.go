package bruteforce

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// TestEquivalent_AgreesWithBruteForce asks whether random pairs of policies are equivalent, in both orders.
func TestEquivalent_AgreesWithBruteForce(t *testing.T) {
	for i, s := range allSpaces() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.enumerate(t)
			r := rand.New(rand.NewPCG(uint64(i), 5))
			var c tally
			for range caseCount(t, 60, 8) {
				one := s.document(r)
				two := s.change(r, one)
				if chance(r, 30) { // the same statements in another order
					two = document{one.version, slices.Clone(one.statements)}
					slices.Reverse(two.statements)
				}
				a, b := s.measure(t, one), s.measure(t, two)
				answer := s.equivalent(t, one, two)
				if err := s.judgeEquivalent(t, answer, a, b); err != nil {
					c.complain(t, err, fmt.Sprintf("a %s\nb %s", one, two))
				}
				if swapped := s.equivalent(t, two, one); swapped.Verdict != answer.Verdict {
					c.complain(t, fmt.Errorf("%s, but %s in the other order", answer.Verdict, swapped.Verdict),
						fmt.Sprintf("a %s\nb %s", one, two))
				}
				c.count(answer, !slices.Equal(a.allowed, b.allowed))
			}
			c.report(t, s.unknown)
		})
	}
}

func (s *space) equivalent(t testing.TB, a, b document) analysis.Answer {
	t.Helper()
	answer, err := analysis.Equivalent(s.kind, policiesOf(t, a.String()), policiesOf(t, b.String()), analysis.Options{})
	if err != nil {
		t.Fatalf("%v\na %s\nb %s", err, a, b)
	}
	return answer
}

// judgeEquivalent checks an answer to whether two policies are equivalent.
func (s *space) judgeEquivalent(t testing.TB, answer analysis.Answer, a, b *brute) error {
	t.Helper()
	switch answer.Verdict {
	case analysis.Pass:
		for _, sides := range [][2]*brute{{a, b}, {b, a}} {
			if err := s.judge(t, answer, sides[0], sides[1]); err != nil {
				return err
			}
		}
	case analysis.Fail:
		if answer.Witness != nil && b.access.allows(&answer.Witness.Request) {
			a, b = b, a
		}
		return s.judge(t, answer, b, a)
	}
	return s.judge(t, answer, a, b)
}

// TestNotGranted_AgreesWithBruteForce asks whether random policies grant none of one or two accesses.
func TestNotGranted_AgreesWithBruteForce(t *testing.T) {
	for i, s := range allSpaces() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.enumerate(t)
			r := rand.New(rand.NewPCG(uint64(i), 6))
			var c tally
			for range caseCount(t, 100, 12) {
				d := s.measure(t, s.document(r))
				var accesses []analysis.Access
				var granted document // allows the requests of the accesses
				for range 1 + r.IntN(2) {
					next, asked := s.accessOf(r)
					accesses = append(accesses, asked)
					granted = granted.with(next)
				}
				of := s.measure(t, granted)
				answer, err := analysis.NotGranted(s.kind, policiesOf(t, d.document.String()), accesses, analysis.Options{})
				if err != nil {
					t.Fatalf("%v\n%+v of %s", err, accesses, d.document)
				}
				c.count(answer, d.allowed.firstIn(of.allowed) >= 0)
				if err := s.judgeNotGranted(t, answer, d, of); err != nil {
					c.complain(t, err, fmt.Sprintf("%+v of %s", accesses, d.document))
				}
			}
			c.report(t, s.unknown)
		})
	}
}

// accessOf returns a random access, and a statement that allows its requests.
func (s *space) accessOf(r *rand.Rand) (statement, analysis.Access) {
	next := allow()
	next.everyone = s.kind.HasPrincipal()
	var asked analysis.Access
	if chance(r, 70) {
		next.actions = some(r, append([]string{"x:a", "x:b", "none:a"}, s.actionPatterns...))
		asked.Actions = next.actions
	}
	if chance(r, 60) || asked.Actions == nil {
		next.resources = []string{pick(r, []string{bareARN + "a", bareARN + "*", bareARN + "bb*", fullARN + "*",
			"arn:aws:none:::a", "arn:aws:iam::*:role/r"})}
		asked.Resources = next.resources
	}
	return next, asked
}

// judgeNotGranted checks an answer to whether a policy allows none of the requests that another one allows.
func (s *space) judgeNotGranted(t testing.TB, answer analysis.Answer, d, of *brute) error {
	t.Helper()
	switch answer.Verdict {
	case analysis.Pass:
		if i := d.allowed.firstIn(of.allowed); i >= 0 {
			return fmt.Errorf("pass (%s), but the policy allows %s", answer.Message, s.describe(i))
		}
	case analysis.Fail:
		if err := confirm(t, answer.Witness, d.access, nil); err != nil {
			return fmt.Errorf("fail (%s), but %w", answer.Message, err)
		}
		if err := confirm(t, answer.Witness, of.access, nil); err != nil {
			return fmt.Errorf("fail (%s), but of none of the accesses: %w", answer.Message, err)
		}
		return checkReasons(answer.Reasons)
	case analysis.Unknown:
		if len(answer.Open) == 0 {
			return errors.New("unknown without a reason")
		}
	}
	return nil
}

// TestIneffectiveStatements_AgreesWithBruteForce asks which statements of random policies change nothing, and
// compares each answer with the policy without the statement.
func TestIneffectiveStatements_AgreesWithBruteForce(t *testing.T) {
	for i, s := range allSpaces() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.enumerate(t)
			r := rand.New(rand.NewPCG(uint64(i), 7))
			counts := map[string]int{}
			var c tally
			for range caseCount(t, 20, 5) {
				d := s.document(r)
				if chance(r, 30) { // a statement twice
					d = d.with(pick(r, d.statements))
				}
				for _, err := range s.judgeIneffective(t, d, counts) {
					c.complain(t, err, d.String())
				}
			}
			t.Log(counts)
			all := counts["effective"] + counts["ineffective"] + counts["open"]
			if all < 50 {
				return // too few to show anything
			}
			if counts["open"]*100 > s.unknown*all {
				t.Errorf("%d of %d statements are open, more than %d %%", counts["open"], all, s.unknown)
			}
			if counts["ineffective"] == 0 || counts["effective"] == 0 {
				t.Error("too few answers for a meaningful comparison")
			}
		})
	}
}

// judgeIneffective checks which statements of a document change nothing.
//
// A Deny changes something if some request matches it that no other Deny matches: another policy may allow the request.
func (s *space) judgeIneffective(t testing.TB, d document, counts map[string]int) (wrong []error) {
	t.Helper()
	found, open, err := analysis.IneffectiveStatements(s.kind, policiesOf(t, d.String()), analysis.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, d)
	}
	for i := range d.statements {
		with, without := s.around(d, i)
		at := slices.IndexFunc(found, func(f analysis.Ineffective) bool { return f.Statement.Index == i })
		isOpen := slices.ContainsFunc(open, func(o analysis.Open) bool { return o.Statement.Index == i })
		switch {
		case at >= 0:
			counts[fmt.Sprint("ineffective ", found[at].Effect)]++
			counts["ineffective"]++
			if !slices.Equal(s.measure(t, with).allowed, s.measure(t, without).allowed) {
				wrong = append(wrong, fmt.Errorf("statement %d is reported, but changes answers", i))
			}
			wrong = append(wrong, s.judgeEffect(t, d, found[at])...)
		case isOpen:
			counts["open"]++
		default:
			a, b := s.measure(t, with), s.measure(t, without)
			answer := s.equivalent(t, with, without)
			if err := s.judgeEquivalent(t, answer, a, b); err != nil {
				wrong = append(wrong, err)
			}
			switch {
			case answer.Verdict == analysis.Pass:
				wrong = append(wrong, fmt.Errorf("statement %d is not reported, but its removal is a pass", i))
			case answer.Verdict == analysis.Unknown && slices.Equal(a.allowed, b.allowed):
				counts["open"]++ // nothing shows the effect
			default:
				counts["effective"]++
			}
		}
	}
	return wrong
}

// around returns two documents that allow the same requests exactly if the statement of a document changes nothing.
func (s *space) around(d document, i int) (with, without document) {
	if d.statements[i].effect == string(policy.Allow) {
		if len(d.statements) == 1 {
			return d, s.nothing()
		}
		return d, d.without(i)
	}
	with = document{d.version, slices.Clone(d.statements)}
	all := s.everything(policy.Allow)
	for j := range with.statements {
		if with.statements[j].effect == string(policy.Allow) {
			with.statements[j] = all
		}
	}
	with = with.with(all)
	return with, with.without(i)
}

// judgeEffect checks the reason why a statement changes nothing: it changes nothing either in a document that has,
// besides it, only the statements that make it so. What other statements with the same effect leave of a redundant
// Allow may be denied.
func (s *space) judgeEffect(t testing.TB, d document, found analysis.Ineffective) (wrong []error) {
	t.Helper()
	i := found.Statement.Index
	because := map[int]bool{}
	same := 0 // how many have the same effect
	for _, ref := range found.Because {
		because[ref.Index] = true
		if d.statements[ref.Index].effect == d.statements[i].effect {
			same++
		}
	}
	valid := !because[i]
	switch found.Effect {
	case analysis.NeverApplies:
		valid = len(because) == 0
	case analysis.Redundant:
		valid = valid && same > 0
	case analysis.Shadowed:
		valid = valid && len(because) > 0 && same == 0
	}
	if !valid {
		wrong = append(wrong, fmt.Errorf("statement %d is %d because of the statements %v", i, found.Effect, because))
	}
	alone, at := document{version: d.version}, 0
	for j, next := range d.statements {
		if j == i {
			at = len(alone.statements)
		}
		if j == i || because[j] {
			alone.statements = append(alone.statements, next)
		}
	}
	with, without := s.around(alone, at)
	if answer := s.equivalent(t, with, without); answer.Verdict == analysis.Fail {
		wrong = append(wrong, fmt.Errorf("statement %d is %d, but not because of %v alone", i, found.Effect, because))
	}
	return wrong
}
