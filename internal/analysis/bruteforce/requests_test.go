package bruteforce

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// TestRequests_AgreeWithBruteForce asks whether a principal with policies in several layers may make none, or all, of
// the requests of a pattern.
func TestRequests_AgreeWithBruteForce(t *testing.T) {
	t.Parallel()
	principals := withinPrincipals()
	var universes []*space
	for _, principal := range principals {
		s := withinSpace()
		s.principals = []authz.Principal{principal}
		s.enumerate(t)
		universes = append(universes, s)
	}
	r := rand.New(rand.NewPCG(0, 9))
	var none, all tally
	for range caseCount(t, 600, 60) {
		of := r.IntN(len(principals))
		s := universes[of]
		l := s.layers(r)
		own := &brute{access: l.access(t)}
		own.allowed = s.allowedBy(own.access)
		action, resource := pick(r, []string{"x:a", "x:*", "x:?b", "xy:b", "*:b", "*"}), pick(r, []string{"a", "a*", "*",
			"b?b", "ann", "bob", "bob/a", "*/a"})
		given := map[string]bruteValue{}
		if chance(r, 50) {
			given["x:k"] = pick(r, append(single("a", "b", "bob"), several("a", "b")...))
		}
		u := analysis.Subject{Principal: principals[of], Policies: own.access.policies}
		q := questionAbout{t, s, own.access, principals[of], action, bareARN + resource, given}
		what := fmt.Sprintf("%s on %s by %s with %v: %s", action, q.resource, u.Principal, given, l)

		answer := analysis.NoneAllowed(u, q.requests(), analysis.Options{AnyARN: true})
		seen := q.find(own.allowed, true, false)
		none.count(answer, seen >= 0)
		if err := q.judge(answer, seen, true); err != nil {
			none.complain(t, err, "none allowed: "+what)
		}
		answer = analysis.AllAllowed(u, q.requests(), analysis.Options{AnyARN: true})
		seen = q.find(own.allowed, false, true)
		all.count(answer, seen >= 0)
		if err := q.judge(answer, seen, false); err != nil {
			all.complain(t, err, "all allowed: "+what)
		}
	}
	none.report(t, 2)
	all.report(t, 2)
}

// questionAbout is a question about the requests of a pattern.
type questionAbout struct {
	t                testing.TB
	space            *space
	access           *access
	principal        authz.Principal
	action, resource string
	given            map[string]bruteValue
}

// requests returns the requests of the question.
func (q *questionAbout) requests() analysis.Requests {
	values := maps.Clone(q.given)
	for key, value := range q.principal.Keys() {
		values[key] = bruteValue{texts: []string{value}}
	}
	ctx := contextOf(q.t, values)
	if q.principal.Kind != authz.User {
		if err := ctx.SetMulti("aws:username", nil); err != nil {
			q.t.Fatal(err)
		}
	}
	resource := pattern.CutARN(pattern.Glob(q.resource))
	return analysis.Requests{Actions: []pattern.Pattern{pattern.Glob(q.action)},
		Resources: []pattern.Pattern{resource.Fieldwise()}, Context: ctx}
}

// find returns a request of the question that is allowed, or one that is not, or -1. exact says that the request has
// the given keys alone.
func (q *questionAbout) find(allowed requestSet, want, exact bool) int {
	action, resource := pattern.Glob(q.action), pattern.Glob(q.resource)
	for i := range q.space.requests {
		r, values := &q.space.requests[i], q.space.contexts[i]
		if allowed.has(i) == want && action.Match(r.Action.String()) && resource.Match(r.Resource) && q.fits(values, exact) {
			return i
		}
	}
	return -1
}

// fits reports whether a request of the universe has the given keys.
func (q *questionAbout) fits(values map[string]bruteValue, exact bool) bool {
	k, present := values["x:k"]
	given, fixed := q.given["x:k"]
	if !fixed {
		return !exact || !present
	}
	return present && k.multi == given.multi && fmt.Sprint(k.texts) == fmt.Sprint(given.texts)
}

// judge checks an answer. seen is a request of the universe that contradicts a pass, or -1. allowed says whether the
// witness must be allowed.
func (q *questionAbout) judge(answer analysis.Answer, seen int, allowed bool) error {
	switch answer.Verdict {
	case analysis.Pass:
		if seen >= 0 {
			return fmt.Errorf("pass (%s), but there is %s", answer.Message, q.space.describe(seen))
		}
	case analysis.Fail:
		r := answer.Witness.Request
		values := maps.Clone(q.given)
		maps.Copy(values, valuesOf(answer.Witness))
		for key, value := range q.principal.Keys() {
			values[key] = bruteValue{texts: []string{value}}
		}
		r.Context = contextOf(q.t, values)
		action, resource := pattern.Glob(q.action), pattern.Glob(q.resource)
		if !action.Match(r.Action.String()) || !resource.Match(r.Resource) || r.Principal != q.principal {
			return fmt.Errorf("fail (%s), but the witness is another request", answer.Message)
		}
		if q.access.allows(&r) != allowed || q.access.referenceAllows(q.t, &r, values) != allowed {
			return fmt.Errorf("fail (%s), but the evaluators do not confirm it: %s", answer.Message, describe(&r, values))
		}
	case analysis.Unknown:
		if len(answer.Open) == 0 {
			return errors.New("unknown without a reason")
		}
	}
	return nil
}
