package analysis

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// newAccess searches a request that after allows and before does not. The texts name the sides in the message.
func newAccess(before, after *documents, o Options, nameBefore, nameAfter string) Answer {
	ask := question{o, func(s *solver, more, less bound) (*query, bool) {
		a, b := after.rules(s, more, less), before.rules(s, less, more)
		scope := after.scope(s)
		q := &query{s: s, anyARN: o.AnyARN, skip: fixedAction, callers: s.callersOf(after)}
		for _, wanted := range a.allows {
			q.clauses = append(q.clauses, clause{wanted: concat(scope, []*rule{wanted}), avoided: concat(a.denies, b.allows)})
			for _, deny := range b.denies {
				q.clauses = append(q.clauses, clause{wanted: concat(scope, []*rule{wanted, deny}), avoided: a.denies})
			}
		}
		q.answers = func(r *authz.Request) (bool, bool) {
			allowed, was := after.decide(r), before.decide(r)
			if allowed == authz.Undecided || was == authz.Undecided {
				return false, false
			}
			return allowed == authz.Allowed && was.IsDenied(), true
		}
		return q, a.certain && b.certain
	}}
	q, st := ask.answer()
	return q.reply(st, fmt.Sprintf("The %s policies allow no request that the %s policies do not allow.", nameAfter,
		nameBefore),
		after.views, func(w *Witness) (string, []authz.StatementRef) {
			return fmt.Sprintf("The %s policies allow %s, which the %s policies do not allow.", nameAfter, w, nameBefore),
				after.allowing(&w.Request)
		})
}
