package escalation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// holder is a user, group or role as the edits change it.
type holder struct {
	user  *account.User
	group *account.Group
	role  *account.Role
}

func newHolder(acc *account.Account, kind account.Kind, name string) (h holder, ok bool) {
	switch kind {
	case account.UserKind:
		u, found := acc.User(name)
		return holder{user: &u}, found
	case account.GroupKind:
		g, found := acc.Group(name)
		return holder{group: &g}, found
	case account.RoleKind:
		r, found := acc.Role(name)
		return holder{role: &r}, found
	}
	return h, false
}

func (h holder) change() account.Change {
	switch {
	case h.user != nil:
		return *h.user
	case h.group != nil:
		return *h.group
	}
	return *h.role
}

func (h holder) inline() *[]account.InlinePolicy {
	switch {
	case h.user != nil:
		return &h.user.Inline
	case h.group != nil:
		return &h.group.Inline
	}
	return &h.role.Inline
}

func (h holder) attached() *[]string {
	switch {
	case h.user != nil:
		return &h.user.Attached
	case h.group != nil:
		return &h.group.Attached
	}
	return &h.role.Attached
}

// boundary returns the boundary of a user or role, and nil for a group.
func (h holder) boundary() *string {
	switch {
	case h.user != nil:
		return &h.user.Boundary
	case h.role != nil:
		return &h.role.Boundary
	}
	return nil
}

func (h holder) tags() *[]account.Tag {
	switch {
	case h.user != nil:
		return &h.user.Tags
	case h.role != nil:
		return &h.role.Tags
	}
	return nil
}

// quota is AWS's quota of managed policies of a user, group or role, and of groups of a user. AWS raises some quotas.
const quota = 10

// planEdit plans a move that changes the policies, groups, tags or boundary of a user, group or role.
func (m *move) planEdit(acc *account.Account) (out planned, ok bool) {
	h, ok := newHolder(acc, m.kind, m.name)
	if !ok {
		return out, false
	}
	withBoundary := m.action != putUserBoundary && m.action != putRoleBoundary && m.action != tagUser &&
		m.action != tagRole
	c, ok := target(acc, m.action, m.kind, m.name, withBoundary)
	if !ok {
		return out, false
	}
	owner := "the " + m.kind.String() + " " + m.name
	switch m.action {
	case putUserPolicy, putGroupPolicy, putRolePolicy:
		list := h.inline()
		*list = append(slices.Clone(*list), account.InlinePolicy{Name: freeName(*list), Document: account.Text(everything)})
		out.grants, out.result = true, "gives "+owner+" an inline policy that allows everything"
	case attachUserPolicy, attachGroupPolicy, attachRolePolicy:
		list := h.attached()
		if slices.Contains(*list, m.arg) {
			return out, false
		}
		if len(*list) >= quota {
			out.assumes = fmt.Sprintf("The quota of managed policies of %s is higher than %d", owner, len(*list))
		}
		*list = append(slices.Clone(*list), m.arg)
		c = c.with(key("iam:PolicyARN", m.arg))
		out.result = "attaches " + m.arg + " to " + owner
		if m.arg == administratorAccess(acc) {
			out.grants = true
			out.changes = append(out.changes, administratorPolicy(acc)...)
		}
	case detachUserPolicy, detachGroupPolicy, detachRolePolicy:
		list := h.attached()
		if !slices.Contains(*list, m.arg) {
			return out, false
		}
		*list = slices.DeleteFunc(slices.Clone(*list), func(arn string) bool { return arn == m.arg })
		c = c.with(key("iam:PolicyARN", m.arg))
		out.result = "detaches " + m.arg + " from " + owner
	case deleteUserPolicy, deleteGroupPolicy, deleteRolePolicy:
		list := h.inline()
		size := len(*list)
		*list = slices.DeleteFunc(slices.Clone(*list), func(p account.InlinePolicy) bool { return p.Name == m.arg })
		if len(*list) == size {
			return out, false
		}
		out.result = "deletes the inline policy " + m.arg + " of " + owner
	case deleteUserBoundary, deleteRoleBoundary:
		if *h.boundary() == "" {
			return out, false
		}
		*h.boundary() = ""
		out.result = "deletes the permissions boundary of " + owner
	case putUserBoundary, putRoleBoundary:
		if *h.boundary() == m.arg {
			return out, false
		}
		*h.boundary() = m.arg
		c = c.with(key("iam:PermissionsBoundary", m.arg))
		out.result = "makes " + m.arg + " the permissions boundary of " + owner
		if m.arg == administratorAccess(acc) {
			out.changes = append(out.changes, administratorPolicy(acc)...)
		}
	case tagUser, tagRole:
		list := h.tags()
		*list = slices.DeleteFunc(slices.Clone(*list),
			func(t account.Tag) bool { return ascii.EqualFold(t.Key, m.arg) })
		*list = append(*list, account.Tag{Key: m.arg, Value: m.value})
		c = c.with(key("aws:RequestTag/"+m.arg, m.value),
			authz.ContextKey{Name: "aws:TagKeys", Values: []string{m.arg}, Multivalued: true})
		out.result = fmt.Sprintf("gives %s the tag %s with the value %q", owner, m.arg, m.value)
	case addUserToGroup, removeUserFromGroup:
		return m.planMembership(acc, h.user)
	default:
		return out, false
	}
	out.calls, out.changes = []call{c}, append(out.changes, h.change())
	return out, true
}

// planMembership plans a move that puts a user in a group or removes it. The request is about the group.
func (m *move) planMembership(acc *account.Account, u *account.User) (out planned, ok bool) {
	isIn := slices.ContainsFunc(u.Groups, func(g string) bool { return ascii.EqualFold(g, m.arg) })
	c, ok := target(acc, m.action, account.GroupKind, m.arg, false)
	if !ok || isIn == (m.action == addUserToGroup) {
		return out, false
	}
	if isIn {
		u.Groups = slices.DeleteFunc(slices.Clone(u.Groups), func(g string) bool { return ascii.EqualFold(g, m.arg) })
		out.result = "removes the user " + m.name + " from the group " + m.arg
	} else {
		if len(u.Groups) >= quota {
			out.assumes = fmt.Sprintf("The quota of groups of the user %s is higher than %d", m.name, len(u.Groups))
		}
		u.Groups = append(slices.Clone(u.Groups), m.arg)
		out.result = "puts the user " + m.name + " in the group " + m.arg
	}
	out.calls, out.changes = []call{c}, []account.Change{*u}
	return out, true
}

// freeName returns the name of an inline policy that does not exist yet.
func freeName(list []account.InlinePolicy) string {
	for i := 1; ; i++ {
		name := fmt.Sprintf("everything-%d", i)
		if !slices.ContainsFunc(list, func(p account.InlinePolicy) bool { return ascii.EqualFold(p.Name, name) }) {
			return name
		}
	}
}

// administratorAccess returns the ARN of AWS's policy that allows everything, which every account has.
func administratorAccess(acc *account.Account) string {
	prefix, _, _ := strings.Cut(acc.RootARN(), "::")
	return prefix + "::aws:policy/AdministratorAccess"
}

// administratorPolicy returns the change that adds AWS's policy to an account that does not use it yet.
func administratorPolicy(acc *account.Account) []account.Change {
	arn := administratorAccess(acc)
	if _, ok := acc.Policy(arn); ok {
		return nil
	}
	if p, ok := acc.AWSPolicy(arn); ok {
		return []account.Change{p}
	}
	return []account.Change{account.Policy{ARN: arn, Default: "v1",
		Versions: []account.Version{{ID: "v1", Document: account.Text(everything)}}}}
}
