package analysis

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// ineffective finds the statements that change nothing.
//
// A statement that denies counts as effective if some request matches it and no other statement denies the request: the
// policies of other layers, or later ones of this layer, may allow the request.
type ineffective struct {
	s       *solver
	options Options
	callers []caller
	scope   []*rule
	classes []actionClass
	// complete is set if the classes have all actions.
	complete bool
}

// effects returns the statements without an effect.
func (d *documents) effects(o Options) (all []Ineffective, undecided []Open) {
	s := newSolver(o)
	search := ineffective{s: s, options: o, scope: d.scope(s)}
	// Of the statement in question everything that it may be about counts, and of the others what they are certainly
	// about.
	own := make([]*rule, len(d.views))
	others := make([]*rule, len(d.views))
	for i, view := range d.views {
		own[i], _, _ = s.rule(view, most)
		others[i], _, _ = s.rule(view, least)
	}
	s.depth = 1 + len(search.scope)
	for _, r := range s.rules {
		if r.actions.not {
			s.depth++
		}
	}
	search.callers = s.callersOf(d)
	search.classes, search.complete = s.classify()
	for i, view := range d.views {
		if view.Unknown || view.Ref.Effect == "" {
			continue // it is not known what it would change
		}
		var allows, denies []*rule
		for j, r := range others {
			switch {
			case j == i || r == nil:
			case d.views[j].Ref.Effect == policy.Allow:
				allows = append(allows, r)
			default:
				denies = append(denies, r)
			}
		}
		// A statement may take a third of the steps, so that those for the others remain.
		share := s.steps / min(3, len(d.views)-i)
		rest := s.steps - share
		s.steps = share
		one, st := search.effect(own[i], view.Ref.Effect == policy.Allow, allows, denies)
		s.steps = rest + max(s.steps, 0)
		switch {
		case one != nil:
			all = append(all, *one)
		case st != found:
			undecided = append(undecided, Open{
				Reason:    "The analysis did not decide whether other statements cover the statement.",
				Statement: view.Ref, Pos: view.Ref.Pos,
			})
		}
	}
	return all, undecided
}

// effect returns why a statement changes nothing, or nil.
func (e *ineffective) effect(own *rule, allow bool, allows, denies []*rule) (*Ineffective, status) {
	result := found
	holds := func(avoided []*rule) bool {
		st := e.run(own, avoided)
		if st != none && st != found {
			result = st
		}
		return st == none
	}
	out := &Ineffective{Statement: own.ref}
	switch {
	case holds(nil):
		out.Effect = NeverApplies
	case holds(denies):
		out.Effect = Shadowed
		if !allow {
			out.Effect = Redundant
		}
		out.Because = e.core(denies, holds)
	case allow && holds(concat(allows, denies)):
		out.Effect = Redundant
		out.Because = e.core(concat(allows, denies), holds)
	default:
		return nil, result
	}
	return out, found
}

// core returns statements of a list that together suffice, and that do not without each of them.
func (e *ineffective) core(rules []*rule, holds func([]*rule) bool) (refs []authz.StatementRef) {
	for _, r := range rules {
		if holds([]*rule{r}) {
			return []authz.StatementRef{r.ref}
		}
	}
	for i := 0; i < len(rules); {
		if fewer := slices.Concat(rules[:i], rules[i+1:]); holds(fewer) {
			rules = fewer
			continue
		}
		i++
	}
	for _, r := range rules {
		refs = append(refs, r.ref)
	}
	return refs
}

// run searches a request that a rule matches and others do not.
func (e *ineffective) run(own *rule, avoided []*rule) status {
	q := &query{s: e.s, callers: e.callers, anyARN: e.options.AnyARN,
		skip:    func(authz.Principal, authz.Action) bool { return false },
		answers: func(*authz.Request) (bool, bool) { return true, true },
		clauses: []clause{{wanted: concat(e.scope, []*rule{own}), avoided: avoided}}}
	return q.search(e.classes, e.complete)
}
