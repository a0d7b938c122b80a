package analysis

import (
	"fmt"
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// Requests are the requests of a [Subject] that a question is about.
type Requests struct {
	// Actions are patterns in lower case. Resources are patterns without variables.
	Actions, Resources []pattern.Pattern
	// Context has the keys of the requests. [NoneAllowed] asks about all values of the other keys, and of those that
	// [authz.Policies.CouldAllow] may choose. For [AllAllowed], every other key is absent.
	Context *authz.Context
	// Foreign says that the resources belong to another account than the principal.
	Foreign bool
	// Without are pairs of actions and resources that do not count.
	Without []Pair
	// Statement limits the requests to those that this statement matches, unless it is nil.
	Statement *authz.StatementRef
}

// Pair is every action of a list on every resource of another list.
type Pair struct{ Actions, Resources []pattern.Pattern }

// NoneAllowed answers whether the policies of a principal allow none of the requests. The principal makes them with the
// keys of the context, and the analysis derives no key from the principal.
func NoneAllowed(u Subject, of Requests, o Options) Answer {
	return of.ask(&u, o, &goal{
		open: true,
		formula: func(l *layerRules, allow bound, special *rule) formula {
			return and(u.allowed(l, !of.Foreign, allow, special), formula{op: no, rules: l.denies})
		},
		answers: func(r *authz.Request) (bool, bool) {
			switch u.Policies.CouldAllow(r) {
			case authz.Never:
				return false, true
			case authz.Unclear:
				return false, false
			}
			_, _, ok := u.Policies.Witness(r)
			return ok, true
		},
		pass: "The policies allow none of the requests.",
		fail: func(w *Witness) string { return fmt.Sprintf("The policies allow %s.", w) },
	})
}

// AllAllowed answers whether the policies of a principal allow all of the requests. The keys are as in [NoneAllowed].
func AllAllowed(u Subject, of Requests, o Options) Answer {
	return of.ask(&u, o, &goal{
		formula: func(l *layerRules, allow bound, special *rule) formula {
			may := and(u.allowed(l, !of.Foreign, allow, special), formula{op: no, rules: l.denies})
			return may.not()
		},
		answers: func(r *authz.Request) (bool, bool) {
			outcome := u.Policies.Decide(r)
			return outcome.IsDenied(), outcome != authz.Undecided
		},
		pass: "The policies allow all of the requests.",
		fail: func(w *Witness) string { return fmt.Sprintf("The policies do not allow %s.", w) },
	})
}

// goal is what a question about requests searches.
type goal struct {
	// open says that keys which the context does not have may have any value.
	open bool
	// formula says which rules match a request that is searched. allow is the reading of what is not known.
	formula func(l *layerRules, allow bound, special *rule) formula
	answers func(*authz.Request) (yes, definite bool)
	pass    string
	fail    func(*Witness) string
}

// ask searches one of the requests.
func (of *Requests) ask(u *Subject, o Options, g *goal) Answer {
	ask := question{o, func(s *solver, more, less bound) (*query, bool) {
		allow, deny := more, less
		if !g.open {
			allow, deny = less, more // a request is denied if fewer statements allow it
		}
		rules := u.rules(s, allow, deny)
		special := &rule{resources: element{every: true}}
		for _, action := range authz.ResourcePolicyActions() {
			special.actions.patterns = append(special.actions.patterns, s.actionPattern(pattern.Glob(action)))
		}
		s.add(special)
		asked := clause{wanted: []*rule{s.pair(of.Actions, of.Resources)}}
		for _, p := range of.Without {
			asked.avoided = append(asked.avoided, s.pair(p.Actions, p.Resources))
		}
		if of.Statement != nil {
			var matching []*rule
			for _, r := range s.rules {
				if r.view != nil && r.ref == *of.Statement {
					matching = append(matching, r)
				}
			}
			asked.choices = [][]*rule{matching}
		}
		q := &query{s: s, anyARN: o.AnyARN, skip: func(_ authz.Principal, action authz.Action) bool {
			return fixedAction(u.Principal, action)
		}}
		found := g.formula(&rules, allow, special)
		for _, t := range found.terms() {
			q.clauses = append(q.clauses, clause{wanted: asked.wanted, choices: slices.Concat(asked.choices, t.choices),
				avoided: slices.Concat(asked.avoided, t.avoided)})
		}
		q.callers = []caller{{world: s.worldOf(of.Context, g.open),
			principal: func(map[string]string) authz.Principal { return authz.Principal{} }}}
		q.answers = func(r *authz.Request) (bool, bool) { return g.answers(of.request(u, r)) }
		q.finish = func(w *Witness) {
			w.Request = *of.request(u, &w.Request)
			if keys, _, ok := u.Policies.Witness(&w.Request); ok && g.open {
				w.Keys = append(w.Keys, keys...) // those that the principal leaves open
			}
		}
		return q, rules.certain
	}}
	q, st := ask.answer()
	return q.reply(st, g.pass, slices.Collect(u.Policies.Statements()), func(w *Witness) (string,
		[]authz.StatementRef) {
		return g.fail(w), u.Policies.Explain(&w.Request).Deciding
	})
}

// pair adds the rule that matches actions on resources.
func (s *solver) pair(actions, resources []pattern.Pattern) *rule {
	r := &rule{}
	for _, p := range actions {
		r.actions.every = r.actions.every || p.IsEverything()
		r.actions.patterns = append(r.actions.patterns, s.actionPattern(p))
	}
	for _, p := range resources {
		r.resources.every = r.resources.every || p.IsEverything()
		r.resources.patterns = append(r.resources.patterns, s.pattern(p))
	}
	return s.add(r)
}

// request returns a request as the principal makes it: with the keys of the context, and those that the search chose.
// Every other key is absent, apart from those that the principal leaves open.
func (of *Requests) request(u *Subject, r *authz.Request) *authz.Request {
	own := *r
	own.Principal, own.Context = u.Principal, of.Context.Clone()
	for _, k := range r.Context.Given() {
		if own.Context.Has(k.Name) {
			continue
		}
		if k.Multivalued {
			_ = own.Context.SetMulti(k.Name, k.Values)
		} else {
			_ = own.Context.Set(k.Name, k.Values[0])
		}
	}
	own.Context.LimitChoice()
	return &own
}

// worldOf returns the world in which the keys of a context are settled, among those that the rules read. All rules must
// be known. open says that the other keys are free; otherwise they are absent.
func (s *solver) worldOf(ctx *authz.Context, open bool) *world {
	names := map[string]bool{resourceAccountKey: true, tagKeysKey: true}
	for _, key := range s.keys {
		names[key] = true
	}
	for i := range s.atoms {
		for _, key := range s.atoms[i].variables {
			names[key] = true
		}
	}
	for i := range s.patterns {
		for t := range s.patterns[i].Variables() {
			names[t.Text] = true
		}
	}
	own, settled, within := authz.NewContext(), map[string]bool{}, map[string]pattern.Set{}
	for _, k := range ctx.Given() {
		if k.Multivalued {
			_ = own.SetMulti(k.Name, k.Values)
		} else {
			_ = own.Set(k.Name, k.Values[0])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(names)) {
		known := ctx.Settled(key)
		if !open {
			_, presence := ctx.Value(key)
			known = presence != pattern.Unknown
		}
		if known {
			settled[key] = true
		} else if sets := ctx.Choices(key); len(sets) == 1 {
			within[key] = sets[0]
		}
	}
	return s.world(own, settled, within)
}
