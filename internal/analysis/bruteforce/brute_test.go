package bruteforce

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// caseCount returns the number of cases to generate for each space: IAM_CASES if it is set, few in short mode and under
// the race detector, and many otherwise.
func caseCount(t *testing.T, many, few int) int {
	t.Helper()
	if text := os.Getenv("IAM_CASES"); text != "" {
		cases, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("IAM_CASES is %q, not a number", text)
		}
		return cases
	}
	if testing.Short() || raceDetector {
		return few
	}
	return many
}

// tally counts answers.
type tally struct {
	pass, fail, unknown int
	// unseen counts those answers Fail whose difference no request of the universe shows.
	unseen int
	open   map[string]int // the reasons of unknown answers
	wrong  int
}

// count adds an answer.
func (c *tally) count(answer analysis.Answer, seen bool) {
	switch answer.Verdict {
	case analysis.Pass:
		c.pass++
	case analysis.Fail:
		c.fail++
		if !seen {
			c.unseen++
		}
	case analysis.Unknown:
		c.unknown++
		if c.open == nil {
			c.open = map[string]int{}
		}
		for _, open := range answer.Open {
			c.open[open.Reason]++
		}
	}
}

// report logs the counts. It fails the test if too many answers are unknown, in percent, or if a verdict hardly occurs.
// Few answers show neither.
func (c *tally) report(t *testing.T, unknown int) {
	t.Helper()
	all := c.pass + c.fail + c.unknown
	t.Logf("%d pass, %d fail (%d of them outside the universe), %d unknown", c.pass, c.fail, c.unseen, c.unknown)
	reasons := slices.SortedFunc(maps.Keys(c.open), func(a, b string) int { return c.open[b] - c.open[a] })
	for _, reason := range reasons[:min(5, len(reasons))] {
		t.Logf("unknown %d times: %s", c.open[reason], reason)
	}
	if all < 50 {
		return
	}
	if c.unknown*100 > unknown*all {
		t.Errorf("%d of %d answers are unknown, more than %d %%", c.unknown, all, unknown)
	}
	if c.pass*50 < all || c.fail*50 < all {
		t.Errorf("%d pass and %d fail of %d answers are too few for a meaningful comparison", c.pass, c.fail, all)
	}
}

// complain reports a wrong answer, unless there were many before it.
func (c *tally) complain(t *testing.T, err error, what string) {
	t.Helper()
	if c.wrong++; c.wrong <= 3 {
		t.Errorf("%v\n%s", err, what)
	}
}

// judge checks an answer to whether every request that updated allows is allowed by existing.
func (s *space) judge(t testing.TB, answer analysis.Answer, existing, updated *brute) error {
	t.Helper()
	switch answer.Verdict {
	case analysis.Pass:
		if i := updated.allowed.firstNotIn(existing.allowed); i >= 0 {
			r, values := &s.requests[i], s.contexts[i]
			if !updated.access.referenceAllows(t, r, values) || existing.access.referenceAllows(t, r, values) {
				return fmt.Errorf("the evaluators disagree about %s", s.describe(i))
			}
			return fmt.Errorf("pass (%s), but only the new policy allows %s", answer.Message, s.describe(i))
		}
		if answer.Witness != nil || len(answer.Open) > 0 {
			return errors.New("a pass has neither a witness nor open reasons")
		}
	case analysis.Fail:
		if err := confirm(t, answer.Witness, updated.access, existing.access); err != nil {
			return fmt.Errorf("fail (%s), but %w", answer.Message, err)
		}
		return checkReasons(answer.Reasons)
	case analysis.Unknown:
		if len(answer.Open) == 0 {
			return errors.New("unknown without a reason")
		}
	default:
		return fmt.Errorf("verdict %d: %s", answer.Verdict, answer.Message)
	}
	return nil
}

// checkReasons checks that the statements that allow a witness are there, and allow.
func checkReasons(reasons []authz.StatementRef) error {
	if len(reasons) == 0 {
		return errors.New("a fail without a statement that allows the witness")
	}
	for _, ref := range reasons {
		if ref.Effect != policy.Allow {
			return fmt.Errorf("%s is a reason of a fail, but does not allow", ref)
		}
	}
	return nil
}

// panicked is the verdict of an answer that panicked. A wrong answer is reported with its policies, a panic is not.
const panicked analysis.Verdict = 99

// noNewAccess asks the question of two documents.
func (s *space) noNewAccess(t testing.TB, existing, updated document, o analysis.Options) (answer analysis.Answer) {
	t.Helper()
	defer func() {
		if message := recover(); message != nil {
			answer = analysis.Answer{Verdict: panicked, Message: fmt.Sprint(message)}
		}
	}()
	answer, err := analysis.NoNewAccess(s.kind, policiesOf(t, existing.String()), policiesOf(t, updated.String()), o)
	if err != nil {
		t.Fatalf("%v\nexisting %s\nnew      %s", err, existing, updated)
	}
	return answer
}

// shrink makes two documents smaller as long as they are wrong.
func shrink(existing, updated document, wrong func(existing, updated document) bool) (document, document) {
	for shrunk := true; shrunk; {
		shrunk = false
		for _, smaller := range smallerDocuments(existing) {
			if wrong(smaller, updated) {
				existing, shrunk = smaller, true
				break
			}
		}
		for _, smaller := range smallerDocuments(updated) {
			if wrong(existing, smaller) {
				updated, shrunk = smaller, true
				break
			}
		}
	}
	return existing, updated
}

// smallerDocuments returns documents with one part less.
func smallerDocuments(d document) []document {
	var all []document
	for i, s := range d.statements {
		if len(d.statements) > 1 {
			all = append(all, d.without(i))
		}
		for at := range s.conditions {
			smaller := s
			smaller.conditions = slices.Delete(slices.Clone(s.conditions), at, at+1)
			all = append(all, d.replace(i, smaller))
			for v := range s.conditions[at].values {
				if len(s.conditions[at].values) > 1 {
					smaller := s
					smaller.conditions = slices.Clone(s.conditions)
					smaller.conditions[at].values = slices.Delete(slices.Clone(s.conditions[at].values), v, v+1)
					all = append(all, d.replace(i, smaller))
				}
			}
		}
		for at := range s.actions {
			if len(s.actions) > 1 {
				smaller := s
				smaller.actions = slices.Delete(slices.Clone(s.actions), at, at+1)
				all = append(all, d.replace(i, smaller))
			}
		}
		for at := range s.resources {
			if len(s.resources) > 1 {
				smaller := s
				smaller.resources = slices.Delete(slices.Clone(s.resources), at, at+1)
				all = append(all, d.replace(i, smaller))
			}
		}
		if !s.notAction && !slices.Equal(s.actions, []string{"*"}) {
			smaller := s
			smaller.actions = []string{"*"}
			all = append(all, d.replace(i, smaller))
		}
		if !s.notResource && s.resources != nil && !slices.Equal(s.resources, []string{"*"}) {
			smaller := s
			smaller.resources = []string{"*"}
			all = append(all, d.replace(i, smaller))
		}
	}
	return all
}

// compare asks the question about two documents, and checks the answer.
func (s *space) compare(t *testing.T, existing, updated *brute, o analysis.Options, c *tally) {
	t.Helper()
	answer := s.noNewAccess(t, existing.document, updated.document, o)
	c.count(answer, updated.allowed.firstNotIn(existing.allowed) >= 0)
	err := s.judge(t, answer, existing, updated)
	if err == nil {
		return
	}
	if c.wrong >= 3 {
		c.wrong++
		return
	}
	small, smallNew := shrink(existing.document, updated.document, func(existing, updated document) bool {
		return s.judge(t, s.noNewAccess(t, existing, updated, o), s.measure(t, existing), s.measure(t, updated)) != nil
	})
	err = s.judge(t, s.noNewAccess(t, small, smallNew, o), s.measure(t, small), s.measure(t, smallNew))
	c.complain(t, err, fmt.Sprintf("%+v\nexisting %s\nnew      %s", o, small, smallNew))
}

// TestNoNewAccess_AgreesWithBruteForce asks about random pairs of small policies, most of which differ in a few places.
func TestNoNewAccess_AgreesWithBruteForce(t *testing.T) {
	for i, s := range allSpaces() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.enumerate(t)
			r := rand.New(rand.NewPCG(uint64(i), 1))
			var c tally
			for n := range caseCount(t, 150, 12) {
				one := s.document(r)
				two := s.change(r, one)
				if n%4 == 0 {
					two = s.document(r)
				}
				a, b := s.measure(t, one), s.measure(t, two)
				o := analysis.Options{AnyARN: n%2 == 0}
				s.compare(t, a, b, o, &c)
				s.compare(t, b, a, o, &c)
			}
			c.report(t, s.unknown)
		})
	}
}

// TestNoNewAccess_AgreesOnEveryPairOfConditions asks about pairs of policies with one condition each: allowed under the
// condition, or allowed except under it. IAM_CASES=0 asks about all pairs.
func TestNoNewAccess_AgreesOnEveryPairOfConditions(t *testing.T) {
	for i, f := range families {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			s := &space{name: f.name, kind: policy.Identity}
			s.actions, s.resources = []string{"x:a"}, []string{bareARN + "a"}
			s.keys = []bruteKey{{"x:k", f.values}}
			s.enumerate(t)
			var documents []*brute
			for _, c := range f.conditions("x:k") {
				one, all, other := allow(c), allow(), deny(c)
				for _, statement := range []*statement{&one, &all, &other} {
					statement.actions = []string{"x:*"} // takes less time than all actions of the catalog
				}
				documents = append(documents, s.measure(t, documentOf(one)), s.measure(t, documentOf(all, other)))
			}
			var c tally
			s.pairs(t, documents, rand.New(rand.NewPCG(uint64(i), 2)), caseCount(t, 1500, 100), &c)
			c.report(t, s.unknown)
		})
	}
}

// pairs compares pairs of the documents: all if there are at most n or n is 0, otherwise n random ones.
func (s *space) pairs(t *testing.T, documents []*brute, r *rand.Rand, n int, c *tally) {
	t.Helper()
	if all := len(documents) * len(documents); n == 0 || all <= n {
		for _, existing := range documents {
			for _, updated := range documents {
				s.compare(t, existing, updated, analysis.Options{}, c)
			}
		}
		return
	}
	for range n {
		s.compare(t, pick(r, documents), pick(r, documents), analysis.Options{}, c)
	}
}

// TestNoNewAccess_AgreesOnEveryPairOfPatterns asks about all pairs of single patterns of actions, and of resources.
func TestNoNewAccess_AgreesOnEveryPairOfPatterns(t *testing.T) {
	globs := wordsOver("ab*?", 3)[1:]
	for _, tc := range []struct {
		name               string
		actions, resources []string
		documents          func(pattern string, not bool) document
		patterns           []string
	}{
		{"actions", shortActions(), []string{bareARN + "a"}, func(pattern string, not bool) document {
			s := allow()
			s.actions, s.notAction = []string{"x:" + pattern}, not
			return documentOf(s)
		}, globs},
		{"resources", []string{"x:a"}, shortResources(), func(pattern string, not bool) document {
			s := allow()
			s.actions, s.resources, s.notResource = []string{"x:*"}, []string{pattern}, not
			return documentOf(s)
		}, slices.Concat(withPrefix(bareARN, globs), resourcePatterns)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := &space{name: tc.name, kind: policy.Identity}
			s.actions, s.resources = tc.actions, tc.resources
			s.enumerate(t)
			var documents []*brute
			for _, pattern := range tc.patterns {
				documents = append(documents, s.measure(t, tc.documents(pattern, false)), s.measure(t, tc.documents(pattern, true)))
			}
			var c tally
			s.pairs(t, documents, rand.New(rand.NewPCG(0, 3)), caseCount(t, 1500, 100), &c)
			c.report(t, 0)
		})
	}
}

// TestBruteForce_EvaluatorsAgree checks that both evaluators decide the requests of the universes alike, so that a
// difference found by one of them is one of the other.
func TestBruteForce_EvaluatorsAgree(t *testing.T) {
	for i, s := range allSpaces() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.enumerate(t)
			r := rand.New(rand.NewPCG(uint64(i), 4))
			allowed, total := 0, 0
			for range caseCount(t, 100, 10) {
				d := s.measure(t, s.document(r))
				for range 20 {
					n := r.IntN(len(s.requests))
					want := d.access.referenceAllows(t, &s.requests[n], s.contexts[n])
					if got := d.allowed.has(n); got != want {
						t.Fatalf("allowed: %v, but %v by the reference: %s\n%s", got, want, s.describe(n), d.document)
					}
					total++
					if want {
						allowed++
					}
				}
			}
			t.Logf("%d of %d requests are allowed; the universe has %d", allowed, total, len(s.requests))
			if allowed*20 < total || allowed*20 > total*19 {
				t.Errorf("%d of %d requests are allowed, which shows too little", allowed, total)
			}
		})
	}
}

// TestBruteForce_FindsWrongAnswers checks that the comparison can fail.
func TestBruteForce_FindsWrongAnswers(t *testing.T) {
	s := &space{kind: policy.Identity}
	s.actions, s.resources = []string{"x:a", "x:b"}, []string{bareARN + "a"}
	s.keys = []bruteKey{{"x:k", absentOr(single("a"))}}
	s.enumerate(t)
	wide := s.measure(t, documentOf(allow()))
	narrow := s.measure(t, documentOf(allow(condition{"StringEquals", "x:k", []string{"a"}})))
	witness := func(values ...string) *analysis.Witness {
		w := &analysis.Witness{Request: s.requests[0]}
		found := map[string]bruteValue{}
		if values != nil {
			w.Keys = []authz.ContextKey{{Name: "x:k", Values: values}}
			found["x:k"] = bruteValue{texts: values}
		}
		w.Request.Context = contextOf(t, found)
		return w
	}
	reasons := []authz.StatementRef{{Effect: policy.Allow}}
	for _, tc := range []struct {
		name              string
		answer            analysis.Answer
		existing, updated *brute
		want              string
	}{
		{"correct pass", analysis.Answer{Verdict: analysis.Pass}, wide, narrow, ""},
		{"wrong pass", analysis.Answer{Verdict: analysis.Pass}, narrow, wide, "only the new policy allows x:a"},
		{"correct fail", analysis.Answer{Verdict: analysis.Fail, Witness: witness(), Reasons: reasons}, narrow, wide, ""},
		{"no witness", analysis.Answer{Verdict: analysis.Fail, Reasons: reasons}, narrow, wide, "without a witness"},
		{"witness that both allow", analysis.Answer{Verdict: analysis.Fail, Witness: witness("a"), Reasons: reasons}, narrow,
			wide, "is allowed: true, want false"},
		{"wrong fail", analysis.Answer{Verdict: analysis.Fail, Witness: witness(), Reasons: reasons}, wide, narrow,
			"is allowed: false, want true"},
		{"no reasons", analysis.Answer{Verdict: analysis.Fail, Witness: witness()}, narrow, wide, "without a statement"},
		{"unknown without reason", analysis.Answer{}, narrow, wide, "unknown without a reason"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := s.judge(t, tc.answer, tc.existing, tc.updated)
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}
