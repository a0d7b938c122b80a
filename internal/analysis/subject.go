package analysis

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// layerRules are the rules of a subject, layer by layer.
type layerRules struct {
	identity, boundary, session     []*rule
	direct, wide, account, endpoint []*rule
	levels                          [][]*rule // of service control policies
	denies                          []*rule
	certain                         bool
}

// rules adds the statements of a subject to a solver. allow and deny say how to read the parts that are not known.
func (u *Subject) rules(s *solver, allow, deny bound) layerRules {
	out := layerRules{certain: !u.Policies.BoundaryUncertain}
	if s.several && u.Principal.Kind != authz.Unnamed { // the keys of an unnamed principal are free
		s.home = s.newHome(u.Principal)
	}
	limited := u.Policies.Boundary != nil
	for range u.Policies.ServiceControl {
		out.levels = append(out.levels, nil)
	}
	for view := range u.Policies.Statements() {
		if !u.applies(view.Ref.Layer) {
			continue
		}
		direct, wide, account := true, true, true
		if view.Principal != nil {
			direct, wide, account = view.Names(u.Principal, limited)
		}
		unknownName := view.Unknown || view.Principal != nil && view.Principal.Unknown
		out.certain = out.certain && !unknownName
		if view.Ref.Effect != policy.Deny && view.Ref.Layer != authz.ResourceControl {
			r, exists, certain := s.rule(view, allow)
			out.certain = out.certain && certain
			if exists {
				r.named = true
				if unknownName && allow == most {
					direct, wide, account = true, true, true
				}
				out.add(r, view.Ref, direct, wide, account)
			}
		}
		if view.Ref.Effect != policy.Allow {
			r, exists, certain := s.rule(view, deny)
			out.certain = out.certain && certain
			if exists && (direct || wide || account || unknownName && deny == most) {
				r.named = true
				out.denies = append(out.denies, r)
			}
		}
	}
	u.addOpaque(s, &out, allow, deny)
	s.home = nil
	return out
}

// add adds a rule of a statement that allows to its layer.
func (l *layerRules) add(r *rule, ref authz.StatementRef, direct, wide, account bool) {
	switch ref.Layer {
	case authz.Identity, authz.Group:
		l.identity = append(l.identity, r)
	case authz.Boundary:
		l.boundary = append(l.boundary, r)
	case authz.Session:
		l.session = append(l.session, r)
	case authz.ServiceControl:
		l.levels[ref.Level] = append(l.levels[ref.Level], r)
	case authz.Endpoint:
		if direct || wide || account {
			l.endpoint = append(l.endpoint, r)
		}
	case authz.ResourcePolicy:
		if direct {
			l.direct = append(l.direct, r)
		}
		if wide {
			l.wide = append(l.wide, r)
		}
		if account {
			l.account = append(l.account, r)
		}
	}
}

// addOpaque adds the statements that policies may have beside the known ones.
func (u *Subject) addOpaque(s *solver, out *layerRules, allow, deny bound) {
	visit := func(l *authz.Layer, kind authz.LayerKind, level int) {
		if l == nil || !u.applies(kind) {
			return
		}
		if _, unknown := l.Principals(); !unknown {
			return
		}
		out.certain = false
		r := everyRequest()
		r.named = true
		s.add(r)
		if allow == most && kind != authz.ResourceControl {
			out.add(r, authz.StatementRef{Layer: kind, Level: level}, true, true, true)
		}
		if deny == most {
			out.denies = append(out.denies, r)
		}
	}
	p := &u.Policies
	visit(p.Identity, authz.Identity, 0)
	visit(p.Group, authz.Group, 0)
	visit(p.Boundary, authz.Boundary, 0)
	visit(p.Session, authz.Session, 0)
	visit(p.ResourcePolicy, authz.ResourcePolicy, 0)
	visit(p.Endpoint, authz.Endpoint, 0)
	for i, l := range p.ServiceControl {
		visit(l, authz.ServiceControl, i)
	}
	for i, l := range p.ResourceControl {
		visit(l, authz.ResourceControl, i)
	}
}

// hasIdentity reports whether the principal belongs to an account.
func (u *Subject) hasIdentity() bool {
	k := u.Principal.Kind
	return k != authz.Service && k != authz.FederatedProvider && k != authz.Anonymous
}

// applies reports whether the policies of a layer count for the principal, as package authz decides it.
func (u *Subject) applies(kind authz.LayerKind) bool {
	switch kind {
	case authz.Identity, authz.Group, authz.Boundary, authz.Session:
		return u.hasIdentity() && u.Principal.Kind != authz.Root
	case authz.ServiceControl:
		return u.hasIdentity() && !u.Principal.ServiceLinked
	case authz.ResourceControl:
		return !u.Principal.ServiceLinked
	case authz.Endpoint:
		return u.Principal.Kind != authz.Service
	}
	return true
}

// allowed returns when the layers allow a request, without regard to denials. It combines them as package authz does.
// allow is the reading of what is not known; special matches the actions that the resource's policy must allow.
func (u *Subject) allowed(l *layerRules, sameAccount bool, allow bound, special *rule) formula {
	truth := func(yes bool) formula {
		if yes {
			return formula{op: always}
		}
		return formula{op: never}
	}
	kind := u.Principal.Kind
	boundary, session, identity := truth(true), truth(true), someOf(l.identity)
	if kind == authz.Root {
		identity = truth(true)
	} else {
		switch {
		case u.Policies.BoundaryUncertain:
			boundary = truth(allow == most)
		case u.Policies.Boundary != nil:
			boundary = someOf(l.boundary)
		}
		switch {
		case u.Policies.Session != nil:
			session = someOf(l.session)
		default:
			session = truth(kind != authz.FederatedUser)
		}
	}
	identity = and(identity, boundary, session)
	named := or(someOf(l.direct), someOf(l.wide), someOf(l.account))
	var granted formula
	switch {
	case !u.hasIdentity():
		granted = named
	case !sameAccount:
		granted = and(identity, named)
	case u.Policies.ResourcePolicy == nil:
		granted = identity
	default:
		direct := someOf(l.direct)
		if kind == authz.User || kind == authz.Unnamed {
			direct = and(direct, session)
		}
		own := or(direct, and(someOf(l.wide), boundary, session))
		granted = or(own, and(someOf(l.account), identity), and(formula{op: no, rules: []*rule{special}}, identity))
	}
	all := []formula{granted}
	if u.Policies.ServiceControl != nil && u.applies(authz.ServiceControl) {
		if len(l.levels) == 0 {
			all = append(all, truth(false))
		}
		for _, level := range l.levels {
			all = append(all, someOf(level))
		}
	}
	if u.Policies.Endpoint != nil && u.applies(authz.Endpoint) {
		all = append(all, someOf(l.endpoint))
	}
	return and(all...)
}

// ownResources matches the resources that belong to the account of a principal.
func ownResources(s *solver, account string) *rule {
	return s.add(&rule{actions: element{every: true}, resources: element{patterns: s.resourcesOf(account)}})
}
