package escalation

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// tags adds the moves that give an actor the tags with which it could make a request that it cannot make now. The tags
// come from the conditions of the policies.
func (s *search) tags(st *state, by, of *actor, add func(move) bool) {
	action := actionFor(of.kind(), tagUser, tagUser, tagRole)
	if !by.may.has(action) {
		return
	}
	seen := map[string]bool{}
	for _, c := range s.wanted(st, of) {
		if possible, _, _ := of.decide(st.account, &c); possible == authz.Possible {
			continue
		}
		possible, policies, r := of.decide(st.account, &c, principalTag)
		if possible != authz.Possible {
			continue
		}
		keys, _, ok := policies.Witness(&r)
		if !ok {
			continue
		}
		for _, k := range keys {
			name, isTag := cutPrefixFold(k.Name, principalTag)
			if !isTag || k.Multivalued || seen[k.String()] {
				continue
			}
			seen[k.String()] = true
			add(move{action: action, kind: of.kind(), name: of.principal.Name(), arg: name, value: k.Values[0]})
		}
	}
}

// wanted returns requests that help an actor: those of the target, those that give it more permission, and those by
// which it assumes roles.
func (s *search) wanted(st *state, of *actor) []call {
	out := s.target.requests(st.account)
	kind, name := of.kind(), of.principal.Name()
	for _, action := range []authz.Action{
		actionFor(kind, putUserPolicy, putUserPolicy, putRolePolicy),
	} {
		m := move{action: action, kind: kind, name: name}
		if plan, ok := m.plan(st.account); ok {
			out = append(out, plan.calls...)
		}
	}
	for _, role := range s.roles {
		if len(of.access.TrustedAs(s.trusts[role].Layer(), of.may.has(assumeRole))) == 0 {
			continue
		}
		m := move{action: assumeRole, kind: account.RoleKind, name: role}
		if plan, ok := m.plan(st.account); ok {
			out = append(out, plan.calls...)
		}
	}
	return out
}

// targetTags adds the moves that give a user or role the tags with which an actor could take it over.
func (s *search) targetTags(st *state, by *actor, add func(move)) {
	if !by.may.has(tagUser) && !by.may.has(tagRole) || !s.readsResourceTags(by) {
		return
	}
	for _, user := range s.users {
		for _, action := range credentialActions {
			s.targetTag(st, by, move{action: action, actor: by.key(), kind: account.UserKind, name: user}, tagUser, add)
		}
	}
	for _, role := range s.roles {
		for _, action := range []authz.Action{assumeRole, updateAssumeRolePolicy} {
			m := move{action: action, actor: by.key(), kind: account.RoleKind, name: role, arg: by.key()}
			s.targetTag(st, by, m, tagRole, add)
		}
	}
}

// readsResourceTags reports whether a statement of an actor has a condition on the tags of the resource.
func (s *search) readsResourceTags(a *actor) bool {
	policies := a.access.Policies()
	outlines := policies.Outlines()
	for i := range outlines {
		view := s.sources.View(&outlines[i])
		for _, c := range view.Conditions {
			if _, ok := cutTagKey(c.Key); ok {
				return true
			}
		}
	}
	return false
}

// targetTag adds the moves that give the target of a move the tags with which the move is possible.
func (s *search) targetTag(st *state, by *actor, m move, action authz.Action, add func(move)) {
	plan, ok := m.plan(st.account)
	if !ok || !by.may.has(m.action) || !by.may.has(action) || s.possible(st.account, by, &plan.calls[0]) {
		return
	}
	c := plan.calls[0]
	c.keys = slices.DeleteFunc(slices.Clone(c.keys), func(k authz.ContextKey) bool {
		_, isTag := cutTagKey(k.Name)
		return isTag
	})
	possible, policies, r := by.decide(st.account, &c, resourceTagKeys...)
	if possible != authz.Possible {
		return
	}
	keys, _, _ := policies.Witness(&r)
	for _, k := range keys {
		if name, isTag := cutTagKey(k.Name); isTag && !k.Multivalued {
			add(move{action: action, actor: by.key(), kind: m.kind, name: m.name, arg: name, value: k.Values[0]})
		}
	}
}

var resourceTagKeys = []string{"aws:ResourceTag/", "iam:ResourceTag/"}

// cutTagKey returns the tag of a key about the tags of a resource.
func cutTagKey(key string) (tag string, ok bool) {
	for _, prefix := range resourceTagKeys {
		if tag, ok := cutPrefixFold(key, prefix); ok {
			return tag, true
		}
	}
	return "", false
}

func cutPrefixFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !ascii.EqualFold(text[:len(prefix)], prefix) {
		return "", false
	}
	return text[len(prefix):], true
}
