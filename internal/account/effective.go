package account

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Effective is the policies that a principal has. The zero value is ready for
// [Account.Effective], any number of times; once it has grown to what principals
// have, that allocates nothing. It must not be copied, nor be filled while
// somebody still asks Policies.
type Effective struct {
	// Policies are set for the layers that an account knows: Identity, Group and
	// Boundary. The others are for the caller to add, and are taken out when the
	// value is filled again.
	Policies authz.Policies

	identity, group, boundary authz.Layer
	own, groups, limit        []authz.Part
}

// Policies are the policies that a principal of the account has: Identity, Group
// and Boundary. The caller adds the others, such as session policies.
//
// The principal must be one that the account has: a user or role by its ARN (and
// unique id, where the principal has one), a session of such a role, or the
// account's root user, whom none of these layers limits. A federated user has the
// policies of the user that issued its credentials, which its own ARN does not
// tell: ask for those of that user.
//
// Where something is attached that the account lacks, the error says so, as the
// principal's rights are then not known.
func (a *Account) Policies(principal authz.Principal) (authz.Policies, error) {
	var e Effective
	err := a.Effective(principal, &e)
	return e.Policies, err
}

// Effective is [Account.Policies] into a value that is used again and again.
func (a *Account) Effective(principal authz.Principal, into *Effective) error {
	into.Policies = authz.Policies{}
	if principal.Kind == authz.Root && principal.Account == a.id {
		return nil
	}
	i, err := a.find(principal)
	if err != nil {
		return err
	}
	return a.effective(principal, i, into)
}

// effective fills into with the policies of a user or role, which principal names in errors.
func (a *Account) effective(principal authz.Principal, i *identity, into *Effective) error {
	into.own, into.groups, into.limit = into.own[:0], into.groups[:0], into.limit[:0]
	if err := a.fill(i, into); err != nil {
		into.Policies = authz.Policies{}
		return fmt.Errorf("deciding what %s may do: %w", principal, err)
	}
	into.identity = authz.Unite(authz.Identity, into.own)
	into.Policies.Identity = &into.identity
	if len(into.groups) > 0 {
		into.group = authz.Unite(authz.Group, into.groups)
		into.Policies.Group = &into.group
	}
	if len(into.limit) > 0 {
		into.boundary = authz.Unite(authz.Boundary, into.limit)
		into.Policies.Boundary = &into.boundary
	}
	return nil
}

// find is the user or role of a principal.
func (a *Account) find(p authz.Principal) (*identity, error) {
	var i *identity
	kind := RoleKind
	switch {
	case p.Kind == authz.FederatedUser:
		return nil, fmt.Errorf("%s is a federated user, whose ARN does not say which user issued its credentials: ask for the policies of that user", p)
	case p.Kind != authz.User && p.Kind != authz.Role && p.Kind != authz.RoleSession || p.Account != a.id:
		return nil, fmt.Errorf("%s is no principal of the account %s", p, a.id)
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
		return nil, fmt.Errorf("the %s %s with the unique id %s no longer exists; the one of that name has the id %s", kind, i.name, id, i.id)
	}
	return i, nil
}

// isARNOf reports whether a principal's ARN is that of a user or role, to the
// letter: policies that name principals compare them so.
func (a *Account) isARNOf(p authz.Principal, i *identity) bool {
	rest, ok := p.String(), true
	take := func(text string) {
		ok = ok && strings.HasPrefix(rest, text)
		if ok {
			rest = rest[len(text):]
		}
	}
	take("arn:")
	take(a.partition)
	if p.Kind == authz.RoleSession { // its ARN lacks the role's path
		take(":sts::")
		take(a.id)
		take(":assumed-role/")
		take(i.name)
		take("/")
		return ok
	}
	take(":iam::")
	take(a.id)
	take(":")
	take(i.kind.String())
	take(i.path)
	take(i.name)
	return ok && rest == ""
}

// fill puts together what a user or role has.
func (a *Account) fill(i *identity, e *Effective) (err error) {
	if e.own, err = a.add(e.own, i, false); err != nil {
		return err
	}
	for _, s := range i.groups() {
		g, name := a.groups.at(s)
		if g == nil {
			return fmt.Errorf("it is in the group %s, which the account %s does not have", name, a.id)
		}
		if e.groups, err = a.add(e.groups, g, false); err != nil {
			return err
		}
	}
	more := i.rest()
	if more.unknown.Groups {
		e.groups = append(e.groups, unknownPart("policies of groups that "+i.String()+" may be in"))
	}
	if i.boundary != 0 {
		m, arn := a.policies.at(i.boundary)
		if m == nil {
			return fmt.Errorf("its permissions boundary is %s, which the account %s does not have", arn, a.id)
		}
		e.limit = append(e.limit, authz.Part{Compiled: m.compiled, Name: m})
	}
	if more.unknown.Boundary {
		unknownBoundary(i, e)
	}
	if len(a.pending) > 0 {
		return a.addPending(i, e)
	}
	return nil
}

// add adds the policies of a user, group or role.
func (a *Account) add(parts []authz.Part, i *identity, uncertain bool) ([]authz.Part, error) {
	parts, err := a.addAttached(parts, i.policies(), uncertain)
	if err != nil {
		return nil, fmt.Errorf("%w, attached to %s", err, i)
	}
	if i.more == nil {
		return parts, nil
	}
	for k := range i.more.inline {
		p := &i.more.inline[k]
		parts = append(parts, authz.Part{Compiled: p.document.compiled, Name: p, Uncertain: uncertain})
	}
	if i.more.unknown.Attached {
		parts = append(parts, unknownPart("policies that may be attached to "+i.String()))
	}
	if i.more.unknown.Inline {
		parts = append(parts, unknownPart("inline policies that "+i.String()+" may have"))
	}
	return parts, nil
}

func (a *Account) addAttached(parts []authz.Part, slots []slot, uncertain bool) ([]authz.Part, error) {
	for _, s := range slots {
		m, arn := a.policies.at(s)
		if m == nil {
			return nil, fmt.Errorf("the account %s does not have the policy %s", a.id, arn)
		}
		parts = append(parts, authz.Part{Compiled: m.compiled, Name: m, Uncertain: uncertain})
	}
	return parts, nil
}

// unknownBoundary says that there may be another boundary than the known one, or
// none.
func unknownBoundary(i *identity, e *Effective) {
	e.limit = append(e.limit[:0], unknownPart("permissions boundary that "+i.String()+" may have"))
	e.Policies.BoundaryUncertain = true
}

// addPending adds what the user or role, or one of its groups, may turn out to
// have.
func (a *Account) addPending(i *identity, e *Effective) (err error) {
	inGroup := len(i.groups()) > 0 || i.rest().unknown.Groups
	for _, p := range a.pending {
		if p.given.To != AnyKind && p.given.To != i.kind {
			continue
		}
		if e.own, err = a.addGiven(e.own, p); err != nil {
			return err
		}
		if p.given.Boundary || p.given.Unknown.Boundary {
			unknownBoundary(i, e)
		}
		if e.groups, err = a.addMembership(e.groups, i, p); err != nil {
			return err
		}
		inGroup = inGroup || len(p.groups) > 0 || p.given.Unknown.Groups
	}
	for _, p := range a.pending {
		if inGroup && (p.given.To == AnyKind || p.given.To == GroupKind) {
			if e.groups, err = a.addGiven(e.groups, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// addMembership adds the policies of the groups that a user may turn out to be in.
func (a *Account) addMembership(parts []authz.Part, i *identity, p *pending) ([]authz.Part, error) {
	for _, s := range p.groups {
		g, name := a.groups.at(s)
		if g == nil {
			return nil, fmt.Errorf("it may turn out to be in the group %s, which the account %s does not have", name, a.id)
		}
		var err error
		if parts, err = a.add(parts, g, true); err != nil {
			return nil, err
		}
	}
	if p.given.Unknown.Groups {
		parts = append(parts, unknownPart("policies of groups that "+i.String()+" may be in"))
	}
	return parts, nil
}

// addGiven adds the policies of a pending entry.
func (a *Account) addGiven(parts []authz.Part, p *pending) ([]authz.Part, error) {
	parts, err := a.addAttached(parts, p.attached, true)
	if err != nil {
		return nil, fmt.Errorf("%w, which is to be attached to some %s", err, p.given.To)
	}
	for k := range p.inline {
		parts = append(parts, authz.Part{Compiled: p.inline[k].document.compiled, Name: &p.inline[k], Uncertain: true})
	}
	if p.given.Unknown.Attached || p.given.Unknown.Inline {
		parts = append(parts, unknownPart("policies that some "+p.given.To.String()+" will have"))
	}
	return parts, nil
}

// String names the thing in messages.
func (i *identity) String() string { return i.kind.String() + " " + i.name }

// citation is a name by which decisions cite something.
type citation string

// String is the name.
func (c citation) String() string { return string(c) }

// anything is a policy of which nothing is known.
var anything = func() *authz.Compiled {
	c, err := authz.Compile(authz.Identity, authz.Policy{Document: &policy.Document{Unknown: true}})
	if err != nil {
		panic(err)
	}
	return c
}()

func unknownPart(name string) authz.Part {
	return authz.Part{Compiled: anything, Name: citation(name)}
}
