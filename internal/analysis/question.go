package analysis

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// question asks for an example.
type question struct {
	options Options
	// query makes the query. more is the reading of unknown parts of statements that makes examples more likely, and
	// less the opposite one. certain is set if everything is known.
	query func(s *solver, more, less bound) (q *query, certain bool)
}

// answer searches an example. Unknown parts of statements are first read so that examples are as likely as possible.
// Without an example, the proof is for all values of the unknown parts. Otherwise they are read the other way around,
// so that an example is one for all their values.
func (q *question) answer() (*query, status) {
	s := newSolver(q.options)
	first, certain := q.query(s, most, least)
	first.stop = !certain
	st := first.run()
	if certain || st == none || st == found {
		return first, st
	}
	s = newSolver(q.options)
	second, _ := q.query(s, least, most)
	if second.run() == found {
		return second, found
	}
	first.undecided = true
	return first, st
}

// reply makes the answer from the status of a search: pass, or fail with the request that was found. views are the
// statements that may allow it.
func (q *query) reply(st status, pass string, views []authz.StatementView,
	fail func(w *Witness) (string, []authz.StatementRef)) Answer {
	switch st {
	case none:
		return Answer{Verdict: Pass, Message: pass}
	case found:
		a := Answer{Verdict: Fail, Witness: q.witness}
		a.Message, a.Reasons = fail(q.witness)
		a.Witness.Condition = conditionOf(a.Reasons, views)
		return a
	}
	return Answer{Verdict: Unknown, Message: "The question was not decided.", Open: q.reasons(st)}
}

// reasons returns the reasons for an unknown answer.
func (q *query) reasons(st status) []Open {
	out := Open{Reason: "The answer depends on the values of policy variables, or on operators of several types " +
		"for one key."}
	switch {
	case q.disagreed:
		out.Reason = "Package authz did not confirm the request that the search found."
	case q.undecided:
		out.Reason = "The answer depends on parts of the policies or on context keys that are not known."
	case q.s.partial:
		out.Reason = "The answer depends on conditions that match account ids by a part of their digits."
	case st == exhausted:
		out.Reason = "The analysis took more steps than its limit."
	}
	if q.blame != nil {
		out.Statement, out.Pos = q.blame.ref, q.blame.ref.Pos
	}
	return []Open{out}
}

// fixedAction reports whether no policy can change the answer to a call.
func fixedAction(p authz.Principal, action authz.Action) bool {
	switch ascii.Fold(action.String()) {
	case "sts:getcalleridentity", "sts:getsessiontoken":
		return true
	}
	return refusedAction(p, action)
}

// refusedAction reports whether the caller can never make a call.
func refusedAction(p authz.Principal, action authz.Action) bool {
	switch ascii.Fold(action.String()) {
	case "sts:getcalleridentity":
		return p.Kind == authz.Anonymous
	case "sts:getsessiontoken":
		return p.Kind != authz.User && p.Kind != authz.Root && p.Kind != authz.Unnamed
	case "sts:assumerole":
		return p.Kind == authz.Root
	}
	return false
}

// callersOf returns the callers that the documents tell apart. All rules must be known.
func (s *solver) callersOf(d *documents) []caller {
	if d.hasCallers() {
		return s.callers()
	}
	return []caller{s.unnamed()}
}

func concat(a, b []*rule) []*rule { return append(a[:len(a):len(a)], b...) }
