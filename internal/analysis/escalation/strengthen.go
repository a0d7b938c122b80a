package escalation

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// removing has the actions that take away policies, and strengthening all actions that give a user or role more
// permission.
var (
	removing = setOf(removeUserFromGroup, detachUserPolicy, detachGroupPolicy, detachRolePolicy, deleteUserPolicy,
		deleteGroupPolicy, deleteRolePolicy, createPolicyVersion)
	strengthening = removing | setOf(putUserPolicy, putGroupPolicy, putRolePolicy, attachUserPolicy, attachGroupPolicy,
		attachRolePolicy, setDefaultPolicyVersion, addUserToGroup, putUserBoundary, putRoleBoundary, deleteUserBoundary,
		deleteRoleBoundary, enableMFADevice, tagUser, tagRole)
)

// actionFor returns the action about a user, group or role out of three.
func actionFor(kind account.Kind, user, group, role authz.Action) authz.Action {
	switch kind {
	case account.UserKind:
		return user
	case account.GroupKind:
		return group
	}
	return role
}

// strengthen makes the moves of one actor that give another one, or itself, more permission and take none away.
func (s *search) strengthen(st *state, by, of *actor) (reached *actor, made bool, err error) {
	attempt := func(m move) bool {
		if err != nil || reached != nil || !by.may.has(m.action) {
			return false
		}
		m.actor = by.key()
		found, ok, failure := s.try(st, m)
		reached, err, made = found, failure, made || ok
		return ok
	}
	if !of.full {
		s.grant(st, by, of, attempt)
	}
	if boundary := boundaryOf(st.account, of); boundary != "" && reached == nil {
		s.removeBoundary(st, of, boundary, attempt)
	}
	if reached == nil && by.may&removing != 0 {
		s.removeDenials(st, of, attempt)
	}
	if of.kind() == account.UserKind && !of.mfa {
		attempt(move{action: enableMFADevice, kind: of.kind(), name: of.principal.Name()})
	}
	return reached, made, err
}

// grant tries to give an actor a policy that allows everything. It stops at the first move that does.
func (s *search) grant(st *state, by, of *actor, attempt func(move) bool) {
	kind, name := of.kind(), of.principal.Name()
	if attempt(move{action: actionFor(kind, putUserPolicy, putGroupPolicy, putRolePolicy), kind: kind, name: name}) ||
		s.attach(st, by, kind, name, attempt) {
		return
	}
	groups := groupsOf(st.account, of)
	for _, group := range groups {
		if attempt(move{action: putGroupPolicy, kind: account.GroupKind, name: group}) ||
			s.attach(st, by, account.GroupKind, group, attempt) {
			return
		}
	}
	for _, p := range sourcesOf(st.account, of) {
		if p.arn != "" && attempt(move{action: createPolicyVersion, kind: account.PolicyKind, name: p.arn}) {
			return
		}
	}
	if kind == account.UserKind && by.may.has(addUserToGroup) {
		s.join(st, by, of, attempt)
	}
}

// attach tries to attach a policy that allows everything and, if that is not allowed, the managed policies of the
// account that allow something a person can use.
func (s *search) attach(st *state, by *actor, kind account.Kind, name string, attempt func(move) bool) bool {
	m := move{action: actionFor(kind, attachUserPolicy, attachGroupPolicy, attachRolePolicy), kind: kind, name: name,
		arg: administratorAccess(st.account)}
	switch {
	case !by.may.has(m.action):
		return false
	case attempt(m):
		return true
	}
	c, ok := target(st.account, m.action, kind, name, true)
	c.anyKey = true
	if !ok {
		return false
	}
	if possible, _, _ := by.decide(st.account, &c); possible == authz.Never {
		return false // whatever the policy is
	}
	attached := 0
	for _, p := range s.policyProbes() {
		if attached == quota {
			break
		}
		if m.arg = p.name; !p.denies && attempt(m) {
			attached++
		}
	}
	return false
}

// mayPerform reports whether the policies of an actor may allow an action on some resource.
func mayPerform(a *actor, action authz.Action) bool {
	p := a.access.Policies()
	for _, layer := range []*authz.Layer{p.Identity, p.Group} {
		if layer != nil {
			if may, _ := layer.MayAllow(a.principal, action); may {
				return true
			}
		}
	}
	return false
}

// join tries to put a user in the groups that deny nothing and allow something that a person can use, or that one of
// the actors can change.
func (s *search) join(st *state, by, of *actor, attempt func(move) bool) {
	for _, group := range s.groupProbes() {
		if group.denies || !group.useful && !s.mayChange(st, by, group.name) {
			continue
		}
		attempt(move{action: addUserToGroup, kind: account.UserKind, name: of.principal.Name(), arg: group.name})
	}
}

// mayChange reports whether an actor could be allowed to give a group a policy.
func (s *search) mayChange(st *state, by *actor, group string) bool {
	for _, m := range []move{
		{action: putGroupPolicy, kind: account.GroupKind, name: group},
		{action: attachGroupPolicy, kind: account.GroupKind, name: group, arg: administratorAccess(st.account)},
	} {
		plan, ok := m.plan(st.account)
		if ok && by.may.has(m.action) && s.possible(st.account, by, &plan.calls[0]) {
			return true
		}
	}
	return false
}

// removeBoundary tries to take away the permissions boundary of an actor, or to make it allow everything.
func (s *search) removeBoundary(st *state, of *actor, boundary string, attempt func(move) bool) {
	kind, name := of.kind(), of.principal.Name()
	_ = attempt(move{action: actionFor(kind, deleteUserBoundary, deleteUserBoundary, deleteRoleBoundary), kind: kind,
		name: name}) ||
		attempt(move{action: actionFor(kind, putUserBoundary, putUserBoundary, putRoleBoundary), kind: kind, name: name,
			arg: administratorAccess(st.account)}) ||
		attempt(move{action: createPolicyVersion, kind: account.PolicyKind, name: boundary})
}

// removeDenials tries to take away the policies of an actor that deny something. A policy that also allows something is
// taken away only from an actor with a policy that allows everything.
func (s *search) removeDenials(st *state, of *actor, attempt func(move) bool) {
	for _, p := range s.inspect(st.account, of) {
		if p.mayAllow && !of.full {
			continue
		}
		s.removeDenial(of, p, attempt)
	}
}

// removeDenial tries to take away one policy that denies something.
func (s *search) removeDenial(of *actor, p source, attempt func(move) bool) bool {
	if p.arn != "" {
		if attempt(move{action: actionFor(p.owner, detachUserPolicy, detachGroupPolicy, detachRolePolicy), kind: p.owner,
			name: p.name, arg: p.arn}) ||
			attempt(move{action: createPolicyVersion, kind: account.PolicyKind, name: p.arn}) {
			return true
		}
	} else if attempt(move{action: actionFor(p.owner, deleteUserPolicy, deleteGroupPolicy, deleteRolePolicy),
		kind: p.owner, name: p.name, arg: p.inline}) {
		return true
	}
	return p.owner == account.GroupKind && attempt(move{action: removeUserFromGroup, kind: account.UserKind,
		name: of.principal.Name(), arg: p.name})
}
