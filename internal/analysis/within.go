package analysis

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// foreignAccount owns the resources of the requests across accounts.
const foreignAccount = "999999999999"

// within searches a request that a may make and b may not.
func within(a, b *Subject, o Options) Answer {
	pass := fmt.Sprintf("%s may do everything that %s may do.", b.Principal, a.Principal)
	fail := func(w *Witness) (string, []authz.StatementRef) {
		return fmt.Sprintf("%s may call %s, and %s may not.", a.Principal, w.call(), b.Principal),
			a.Policies.Explain(&w.Request).Deciding
	}
	owners := []string{a.Principal.Account}
	if a.Policies.ResourcePolicy != nil {
		owners = append(owners, foreignAccount)
	}
	views := slices.Collect(a.Policies.Statements())
	var undecided *query
	var reason status
	for _, owner := range owners {
		ask := question{o, func(s *solver, more, less bound) (*query, bool) {
			return withinAccount(s, a, b, owner, o, more,
				less)
		}}
		q, st := ask.answer()
		if st == found {
			return q.reply(st, pass, views, fail)
		}
		if st != none && undecided == nil {
			undecided, reason = q, st
		}
	}
	if undecided != nil {
		return undecided.reply(reason, pass, views, fail)
	}
	return Answer{Verdict: Pass, Message: pass}
}

// withinAccount makes the query for the resources of one account.
func withinAccount(s *solver, a, b *Subject, owner string, o Options, more, less bound) (*query, bool) {
	s.several = true
	one, other := a.rules(s, more, less), b.rules(s, less, more)
	special := &rule{resources: element{every: true}}
	for _, action := range authz.ResourcePolicyActions() {
		special.actions.patterns = append(special.actions.patterns, s.actionPattern(pattern.Glob(action)))
	}
	s.add(special)
	q := &query{s: s, anyARN: o.AnyARN, skip: func(_ authz.Principal, action authz.Action) bool {
		return fixedAction(a.Principal, action)
	}}
	var wanted []*rule
	if a.Policies.ResourcePolicy == nil && owner != "" {
		wanted = append(wanted, ownResources(s, owner))
	}
	may := a.allowed(&one, owner == a.Principal.Account, more, special)
	mayToo := b.allowed(&other, owner == b.Principal.Account, less, special)
	if refusedAction(b.Principal, authz.MustAction("sts:AssumeRole")) {
		assume := &rule{resources: element{every: true}}
		assume.actions.patterns = []int{s.actionPattern(pattern.Literal("sts:assumerole"))}
		mayToo = and(mayToo, formula{op: no, rules: []*rule{s.add(assume)}})
	}
	mayToo = and(mayToo, formula{op: no, rules: other.denies})
	mayNot := mayToo.not()
	for _, is := range may.terms() {
		for _, isNot := range mayNot.terms() {
			q.clauses = append(q.clauses, clause{
				wanted: wanted, choices: slices.Concat(is.choices, isNot.choices),
				avoided: slices.Concat(is.avoided, isNot.avoided, one.denies),
			})
		}
	}
	q.callers = []caller{s.unnamed()}
	q.answers = func(r *authz.Request) (bool, bool) {
		first, second := a.decide(r, owner), b.decide(r, owner)
		if first == authz.Undecided || second == authz.Undecided {
			return false, false
		}
		return first == authz.Allowed && second.IsDenied(), true
	}
	q.finish = func(w *Witness) {
		w.Request = *a.request(&w.Request, owner)
		views := slices.AppendSeq(slices.Collect(a.Policies.Statements()), b.Policies.Statements())
		w.Keys = append(w.Keys, a.principalKeysOf(w.Request.Context, views)...)
		slices.SortFunc(w.Keys, func(x, y authz.ContextKey) int { return strings.Compare(x.Name, y.Name) })
	}
	return q, one.certain && other.certain
}

// request returns the request as the subject makes it.
func (u *Subject) request(r *authz.Request, owner string) *authz.Request {
	own := *r
	own.Principal, own.ResourceAccount = u.Principal, owner
	own.Context = r.Context.Clone()
	if u.Principal.Kind != authz.Unnamed {
		own.Context.SetPrincipal(u.Principal)
	}
	return &own
}

func (u *Subject) decide(r *authz.Request, owner string) authz.Outcome {
	return u.Policies.Decide(u.request(r, owner))
}

// principalKeysOf returns the keys that follow from the principal and that the statements read, with their values.
func (u *Subject) principalKeysOf(ctx *authz.Context, views []authz.StatementView) (out []authz.ContextKey) {
	written := map[string]string{}
	variables := func(p *pattern.Pattern) {
		for t := range p.Variables() {
			if written[t.Text] == "" {
				written[t.Text] = spelling(t.Text)
			}
		}
	}
	for i := range views {
		for j := range views[i].Resource.Patterns {
			variables(&views[i].Resource.Patterns[j])
		}
		for j := range views[i].Conditions {
			c := &views[i].Conditions[j]
			written[c.Key] = c.Written
			for k := range c.Values {
				variables(&c.Values[k].Text)
			}
		}
	}
	for _, key := range principalKeys {
		if text, presence := ctx.Value(key); presence == pattern.Given && written[key] != "" {
			out = append(out, authz.ContextKey{Name: written[key], Values: []string{text}})
		}
	}
	return out
}
