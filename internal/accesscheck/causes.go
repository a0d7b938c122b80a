package accesscheck

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// causes returns the differing parts of the account that concern statements and principals, the most specific first:
// the policies of the statements with their attachments and memberships, then the other parts of the principals. If
// there are none, it returns all differing parts.
func (c *comparison) causes(statements []cited, involved ...authz.Principal) []Object {
	var out []Object
	add := func(matches func(Object) bool) {
		for _, part := range c.parts {
			if matches(part) && !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	for _, s := range statements {
		add(func(part Object) bool { return c.leadsTo(part, s) })
	}
	var of []owner
	for _, p := range involved {
		of = append(of, ownerOfPrincipal(p))
	}
	for _, s := range statements {
		of = append(of, ownerOfPrincipal(s.by))
		if s.role != "" {
			of = append(of, ownerOf(account.RoleKind, s.role))
		}
	}
	add(func(part Object) bool { return slices.Contains(of, ownerOf(part.Kind, part.Name)) })
	policies := map[owner]bool{}
	for _, key := range of {
		for _, next := range c.belonging(key) {
			policies[next] = true
		}
	}
	add(func(part Object) bool { return policies[ownerOf(part.Kind, part.Name)] })
	if len(out) == 0 {
		return slices.Clone(c.parts)
	}
	return out
}

// leadsTo reports whether a part that differs has a statement, or gives its policy to the principal.
func (c *comparison) leadsTo(part Object, s cited) bool {
	key, by := ownerOf(part.Kind, part.Name), ownerOfPrincipal(s.by)
	name := readPolicyName(s.ref.Policy)
	inGroup := s.ref.Layer == authz.Group
	switch {
	case name.trust:
		return part.Trust && key == ownerOf(account.RoleKind, name.owner)
	case name.inline != "":
		holder := ownerOf(name.kind, name.owner)
		return key == holder && ownerOf(account.UserKind, part.Inline) == ownerOf(account.UserKind, name.inline) ||
			inGroup && key == by && part.Group != "" && ownerOf(account.GroupKind, part.Group) == holder
	case name.arn == "":
		return false
	case s.ref.Layer == authz.Boundary:
		return key == owner{account.PolicyKind, name.arn}
	case part.Kind == account.PolicyKind:
		return part.Name == name.arn
	case !inGroup:
		return key == by && part.Attached == name.arn
	case part.Kind == account.GroupKind:
		return part.Attached == name.arn && c.isMember(by, part.Name)
	}
	if key != by || part.Group == "" {
		return false
	}
	g, _ := c.after.Group(part.Group)
	return slices.Contains(g.Attached, name.arn)
}

func (c *comparison) isMember(user owner, group string) bool {
	return c.after.IsMember(user.name, group) || c.before.IsMember(user.name, group)
}

// belonging returns the groups and managed policies that decide about the access of a user or role before or after the
// change.
func (c *comparison) belonging(key owner) (out []owner) {
	for _, acc := range []*account.Account{c.before, c.after} {
		add := func(attached []string, boundary string) {
			for _, arn := range attached {
				out = append(out, owner{account.PolicyKind, arn})
			}
			if boundary != "" {
				out = append(out, owner{account.PolicyKind, boundary})
			}
		}
		switch key.kind {
		case account.UserKind:
			u, _ := acc.User(key.name)
			add(u.Attached, u.Boundary)
			for _, name := range u.Groups {
				g, _ := acc.Group(name)
				out = append(out, ownerOf(account.GroupKind, name))
				add(g.Attached, "")
			}
		case account.RoleKind:
			r, _ := acc.Role(key.name)
			add(r.Attached, r.Boundary)
		}
	}
	return out
}

func ownerOfPrincipal(p authz.Principal) owner {
	switch p.Kind {
	case authz.User:
		return ownerOf(account.UserKind, p.Name())
	case authz.Role, authz.RoleSession:
		return ownerOf(account.RoleKind, p.Name())
	}
	return owner{}
}
