package analysis

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// rule is a statement as the search uses it: the requests that it is about, whatever its effect is.
type rule struct {
	ref authz.StatementRef
	// view is nil for a rule that is no statement, such as an [Access].
	view *authz.StatementView
	// actions and resources are the elements. An element that is absent applies to everything.
	actions   element
	resources element
	// atoms are the conditions, all of which must be true.
	atoms []int
	// named is set if it is settled that the rule is about the principal.
	named bool
	// bound is the reading of the parts that are not known.
	bound bound
	// index is the place of the rule in the list of the solver.
	index int
}

// element is an Action, NotAction, Resource or NotResource element. For resources the patterns are the numbers that
// the solver gave them.
type element struct {
	patterns []int
	not      bool
	// every is set if the element applies to everything.
	every bool
}

// bound says which reading of the parts that are not known yet a rule has.
type bound uint8

const (
	// most reads unknown parts so that the statement applies to as many requests as possible.
	most bound = iota
	// least reads them so that it applies to as few as possible.
	least
)

// rule returns the statement as a rule. exists is false if the reading of its unknown parts leaves no request.
// certain is false if a part is not known.
func (s *solver) rule(view authz.StatementView, b bound) (r *rule, exists, certain bool) {
	r = &rule{ref: view.Ref, view: &view, bound: b}
	certain = !view.Unknown && !view.Uncertain && view.Ref.Effect != ""
	if !certain && b == least {
		return nil, false, false
	}
	if view.Unknown {
		r.actions.every, r.resources.every = true, true
		return s.add(r), true, false
	}
	part := func(e authz.ElementView, intern func(pattern.Pattern) int) (out element, ok bool) {
		if e.Absent {
			return element{every: true}, true
		}
		out = element{not: e.Not}
		certain = certain && !e.Unknown
		switch {
		case !e.Unknown || e.Not == (b == most):
			// More entries of NotAction and NotResource make a statement apply to less.
		case b == most:
			out.every = true
		case e.Not:
			return out, false
		}
		for _, p := range e.Patterns {
			if s.home != nil {
				var result pattern.Filled
				if p, result = p.FillGiven(s.home); result == pattern.NoValue {
					continue // the entry matches nothing
				}
			}
			if p.IsEverything() {
				out.every = true
			}
			out.patterns = append(out.patterns, intern(p))
		}
		return out, true
	}
	var ok bool
	if r.actions, ok = part(view.Action, s.actionPattern); !ok {
		return nil, false, false
	}
	if r.resources, ok = part(view.Resource, s.pattern); !ok {
		return nil, false, false
	}
	if p := view.Principal; p != nil && p.Unknown {
		// Names reports certain matches only, so the most is unknown.
		certain = false
		if b == least && p.Not {
			return nil, false, false
		}
	}
	if view.ConditionsUnknown {
		certain = false
		if b == least {
			return nil, false, false
		}
	}
	for _, c := range view.Conditions {
		if conditionUnknown(&c) {
			certain = false
			if b == least {
				return nil, false, false
			}
			continue
		}
		r.atoms = append(r.atoms, s.atom(c))
	}
	return s.add(r), true, certain
}

func conditionUnknown(c *authz.ConditionView) bool {
	if c.Unknown {
		return true
	}
	for i := range c.Values {
		if c.Values[i].Unknown {
			return true
		}
	}
	return false
}

// names reports whether the rule is about a caller.
func (r *rule) names(p authz.Principal) bool {
	if r.view == nil || r.view.Principal == nil || r.named {
		return true
	}
	if r.bound == most && r.view.Principal.Unknown {
		return true
	}
	direct, wide, account := r.view.Names(p, false)
	return direct || wide || account
}

// add appends a rule to the list of the solver.
func (s *solver) add(r *rule) *rule {
	r.index = len(s.rules)
	s.rules = append(s.rules, r)
	return r
}

// layerKind returns the layer for which package authz compiles policies of a kind.
func layerKind(kind policy.Kind) authz.LayerKind {
	switch kind {
	case policy.Resource, policy.Trust:
		return authz.ResourcePolicy
	case policy.Boundary:
		return authz.Boundary
	case policy.Session:
		return authz.Session
	case policy.ServiceControl:
		return authz.ServiceControl
	case policy.ResourceControl:
		return authz.ResourceControl
	}
	return authz.Identity
}
