package analysis

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// newAccess searches a request that after allows and before does not. The texts name the sides in the message.
func newAccess(before, after *documents, o Options, afterAllows, beforeDoesNot string) Answer {
	ask := func(unknownAllows bool) (*query, status, bool) {
		// For a proof, unknown parts of after allow as much as possible, and those of before as little as possible.
		// For an example it is the other way around.
		more, less := most, least
		if !unknownAllows {
			more, less = least, most
		}
		s := newSolver(o)
		a := after.rules(s, more, less)
		b := before.rules(s, less, more)
		q := &query{s: s, bound: more, anyARN: o.AnyARN, skip: fixedAction}
		for _, wanted := range a.allows {
			q.clauses = append(q.clauses, clause{[]*rule{wanted}, concat(a.denies, b.allows)})
			for _, deny := range b.denies {
				q.clauses = append(q.clauses, clause{[]*rule{wanted, deny}, a.denies})
			}
		}
		q.callers = s.callersOf(after)
		q.answers = func(r *authz.Request) (bool, bool) {
			allowed, was := after.decide(r), before.decide(r)
			if allowed == authz.Undecided || was == authz.Undecided {
				return false, false
			}
			return allowed == authz.Allowed && was.IsDenied(), true
		}
		return q, q.run(), a.certain && b.certain
	}
	q, st, certain := ask(true)
	if st != none && st != found && !certain || st == open && q.undecided {
		if other, again, _ := ask(false); again == found {
			q, st = other, again
		}
	}
	switch st {
	case none:
		return Answer{Verdict: Pass, Message: fmt.Sprintf("There is no request that %s and %s.", afterAllows, beforeDoesNot)}
	case found:
		return Answer{
			Verdict: Fail, Witness: q.witness, Reasons: after.allowing(&q.witness.Request),
			Message: fmt.Sprintf("%s %s on %q, which %s.", upperFirst(afterAllows), q.witness.Request.Action,
				q.witness.Request.Resource, beforeDoesNot),
		}
	}
	return Answer{Verdict: Unknown, Message: "The question was not decided.", Open: q.reasons(st)}
}

// fixedAction reports whether no policy can change the answer to a call.
func fixedAction(p authz.Principal, action authz.Action) bool {
	switch ascii.Fold(action.String()) {
	case "sts:getcalleridentity", "sts:getsessiontoken":
		return true
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

// allowing returns the statements that allow a request.
func (d *documents) allowing(r *authz.Request) (out []authz.StatementRef) {
	for _, ref := range d.policies.Explain(r).Deciding {
		if ref.Policy != "everything" {
			out = append(out, ref)
		}
	}
	return out
}

// reasons returns the reasons for an unknown answer.
func (q *query) reasons(st status) []Open {
	switch {
	case q.disagreed:
		return []Open{{Reason: "Package authz did not confirm the request that the search found."}}
	case q.undecided:
		return []Open{{Reason: "The answer depends on parts of the policies that are not known yet."}}
	case st == exhausted:
		return []Open{{Reason: "The analysis took more steps than the limit."}}
	}
	return []Open{{Reason: "The answer depends on the values of policy variables, or on several types of operator for one key."}}
}

func concat(a, b []*rule) []*rule { return append(a[:len(a):len(a)], b...) }

func upperFirst(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}
