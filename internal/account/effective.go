package account

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// effectivePolicies collects the policies of a user or role by layer. A second use reuses its slices.
type effectivePolicies struct {
	// policies has the layers that an account knows: Identity, Group, Boundary and Session.
	policies authz.Policies

	identity, group, boundary, session authz.Layer

	identityParts, groupParts, boundaryParts []authz.Part
}

// collect replaces the content of e with the policies of the user or role i. Its errors name principal.
func (e *effectivePolicies) collect(a *Account, principal authz.Principal, i *identity) error {
	e.policies = authz.Policies{}
	e.identityParts, e.groupParts, e.boundaryParts = e.identityParts[:0], e.groupParts[:0], e.boundaryParts[:0]
	if err := a.collectParts(i, e); err != nil {
		e.policies = authz.Policies{}
		return fmt.Errorf("finding the policies of %s: %w", principal, err)
	}
	e.identity = authz.Unite(authz.Identity, e.identityParts)
	e.policies.Identity = &e.identity
	if len(e.groupParts) > 0 {
		e.group = authz.Unite(authz.Group, e.groupParts)
		e.policies.Group = &e.group
	}
	if len(e.boundaryParts) > 0 {
		e.boundary = authz.Unite(authz.Boundary, e.boundaryParts)
		e.policies.Boundary = &e.boundary
	}
	return nil
}

// find returns the user or role of a principal.
func (a *Account) find(p authz.Principal) (*identity, error) {
	var i *identity
	kind := RoleKind
	switch {
	case p.Kind == authz.FederatedUser:
		return nil,
			fmt.Errorf("%s is a federated user, and its ARN does not name the user that issued its credentials; use the ARN "+
				"of that user", p)
	case p.Kind != authz.User && p.Kind != authz.Role && p.Kind != authz.RoleSession || p.Account != a.id:
		return nil, fmt.Errorf("%s is not a user, role or session of the account %s", p, a.id)
	case p.Kind == authz.User:
		kind = UserKind
		i, _ = a.users.get(p.Name())
	default:
		i, _ = a.roles.get(p.Name())
	}
	if i == nil {
		return nil, fmt.Errorf("the account %s has no %s %s", a.id, kind, p)
	}
	if !a.isARNOf(p, i) {
		return nil, fmt.Errorf("the account %s has no %s %s; it has %s", a.id, kind, p, a.arn(i))
	}
	if id, _, _ := strings.Cut(p.ID, ":"); id != "" && i.id != "" && id != i.id {
		return nil,
			fmt.Errorf("the %s %s with the unique id %s no longer exists; the present one has the unique id %s", kind, i.name,
				id, i.id)
	}
	return i, nil
}

// isARNOf reports whether the principal's ARN belongs to the user or role i. Upper and
// lower case differ, as they do where a policy names a principal.
func (a *Account) isARNOf(p authz.Principal, i *identity) bool {
	rest, ok := p.String(), true
	consume := func(text string) {
		ok = ok && strings.HasPrefix(rest, text)
		if ok {
			rest = rest[len(text):]
		}
	}
	consume("arn:")
	consume(a.partition)
	if p.Kind == authz.RoleSession { // its ARN lacks the role's path
		consume(":sts::")
		consume(a.id)
		consume(":assumed-role/")
		consume(i.name)
		consume("/")
		return ok
	}
	consume(":iam::")
	consume(a.id)
	consume(":")
	consume(i.kind.String())
	consume(i.path)
	consume(i.name)
	return ok && rest == ""
}

// collectParts appends the policies of a user or role to the parts of e.
func (a *Account) collectParts(i *identity, e *effectivePolicies) (err error) {
	if e.identityParts, err = a.appendPolicies(e.identityParts, i, false); err != nil {
		return err
	}
	for _, s := range i.groups() {
		g, name := a.groups.at(s)
		if g == nil {
			return fmt.Errorf("it is in the group %s, which the account %s does not have", name, a.id)
		}
		if e.groupParts, err = a.appendPolicies(e.groupParts, g, false); err != nil {
			return err
		}
	}
	extras := i.extraFields()
	if extras.unknown.Groups {
		e.groupParts = append(e.groupParts, unknownPart("policies of groups that "+i.String()+" may be in"))
	}
	if i.boundary != 0 {
		m, arn := a.policies.at(i.boundary)
		if m == nil {
			return fmt.Errorf("its permissions boundary is %s, which the account %s does not have", arn, a.id)
		}
		e.boundaryParts = append(e.boundaryParts, authz.Part{Compiled: m.compiled, Name: m})
	}
	if extras.unknown.Boundary {
		setUnknownBoundary(i, e)
	}
	if len(a.pending) > 0 {
		return a.addPending(i, e)
	}
	return nil
}

// appendPolicies appends the policies of a user, group or role to parts. uncertain marks them as policies that may not
// apply.
func (a *Account) appendPolicies(parts []authz.Part, i *identity, uncertain bool) ([]authz.Part, error) {
	parts, err := a.appendAttached(parts, i.policies(), uncertain)
	if err != nil {
		return nil, fmt.Errorf("%w, attached to %s", err, i)
	}
	if i.extras == nil {
		return parts, nil
	}
	for k := range i.extras.inline {
		p := &i.extras.inline[k]
		parts = append(parts, authz.Part{Compiled: p.document.compiled, Name: p, Uncertain: uncertain})
	}
	if i.extras.unknown.Attached {
		parts = append(parts, unknownPart("policies that may be attached to "+i.String()))
	}
	if i.extras.unknown.Inline {
		parts = append(parts, unknownPart("inline policies that "+i.String()+" may have"))
	}
	return parts, nil
}

func (a *Account) appendAttached(parts []authz.Part, slots []slot, uncertain bool) ([]authz.Part, error) {
	for _, s := range slots {
		m, arn := a.policies.at(s)
		if m == nil {
			return nil, fmt.Errorf("the account %s does not have the policy %s", a.id, arn)
		}
		parts = append(parts, authz.Part{Compiled: m.compiled, Name: m, Uncertain: uncertain})
	}
	return parts, nil
}

// setUnknownBoundary marks the permissions boundary as unknown. The identity may have any boundary or none.
func setUnknownBoundary(i *identity, e *effectivePolicies) {
	e.boundaryParts = append(e.boundaryParts[:0], unknownPart("permissions boundary that "+i.String()+" may have"))
	e.policies.BoundaryUncertain = true
}

// addPending appends the policies of pending entries that the user or role, or one of
// its groups, may receive.
func (a *Account) addPending(i *identity, e *effectivePolicies) (err error) {
	inGroup := len(i.groups()) > 0 || i.extraFields().unknown.Groups
	for _, p := range a.pending {
		if p.entry.To != AnyKind && p.entry.To != i.kind {
			continue
		}
		if e.identityParts, err = a.appendPendingPolicies(e.identityParts, p); err != nil {
			return err
		}
		if p.entry.Boundary || p.entry.Unknown.Boundary {
			setUnknownBoundary(i, e)
		}
		if e.groupParts, err = a.appendMemberships(e.groupParts, i, p); err != nil {
			return err
		}
		inGroup = inGroup || len(p.groups) > 0 || p.entry.Unknown.Groups
	}
	for _, p := range a.pending {
		if inGroup && (p.entry.To == AnyKind || p.entry.To == GroupKind) {
			if e.groupParts, err = a.appendPendingPolicies(e.groupParts, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendMemberships appends the policies of the groups that the pending entry may put the user in.
func (a *Account) appendMemberships(parts []authz.Part, i *identity, p *pending) ([]authz.Part, error) {
	for _, s := range p.groups {
		g, name := a.groups.at(s)
		if g == nil {
			return nil, fmt.Errorf("it may be put in the group %s, which the account %s does not have", name, a.id)
		}
		var err error
		if parts, err = a.appendPolicies(parts, g, true); err != nil {
			return nil, err
		}
	}
	if p.entry.Unknown.Groups {
		parts = append(parts, unknownPart("policies of groups that "+i.String()+" may be in"))
	}
	return parts, nil
}

// appendPendingPolicies appends the policies of a pending entry to parts.
func (a *Account) appendPendingPolicies(parts []authz.Part, p *pending) ([]authz.Part, error) {
	parts, err := a.appendAttached(parts, p.attached, true)
	if err != nil {
		return nil, fmt.Errorf("%w, which the plan attaches to an unknown %s", err, p.entry.To)
	}
	for k := range p.inline {
		parts = append(parts, authz.Part{Compiled: p.inline[k].document.compiled, Name: &p.inline[k], Uncertain: true})
	}
	if p.entry.Unknown.Attached || p.entry.Unknown.Inline {
		parts = append(parts, unknownPart("policies of an unknown "+p.entry.To.String()))
	}
	return parts, nil
}

// String returns the kind and name, for messages.
func (i *identity) String() string { return i.kind.String() + " " + i.name }

// citation is the name of a policy in a decision.
type citation string

// String returns the name.
func (c citation) String() string { return string(c) }

// unknownPolicy is a policy with an unknown document.
var unknownPolicy = func() *authz.Compiled {
	c, err := authz.Compile(authz.Identity, authz.Policy{Document: &policy.Document{Unknown: true}})
	if err != nil {
		panic(err)
	}
	return c
}()

func unknownPart(name string) authz.Part {
	return authz.Part{Compiled: unknownPolicy, Name: citation(name)}
}
