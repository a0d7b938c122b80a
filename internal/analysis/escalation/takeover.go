package escalation

import (
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// gained returns the key of the actor that the person acts as after a move. It is empty for a move without one.
func (s *search) gained(m *move) string {
	switch m.action {
	case createAccessKey, updateAccessKey, createLoginProfile, updateLoginProfile:
		return s.arns[account.UserKind][m.name]
	case assumeRole, assumeRoleWithSAML, assumeRoleWithToken, passRole:
		return s.arns[account.RoleKind][m.name]
	case updateSAMLProvider, addClientID:
		return m.name
	}
	return ""
}

// credentialActions are the actions that give the person credentials of a user, the plainest first.
var credentialActions = []authz.Action{createAccessKey, createLoginProfile, updateLoginProfile, updateAccessKey}

// takeoversOf returns the moves by which an actor takes over another user, role or identity provider. Their requests
// could be allowed, or an earlier move of the list makes them possible.
func (s *search) takeoversOf(st *state, by *actor) []move {
	acc, shared := st.account, by.version == 0 && !st.retagged
	if shared {
		if moves, ok := s.takeovers[by.cacheKey()]; ok {
			return moves
		}
		acc = s.account // the changes are about others, so several starts can share the moves
	}
	var out []move
	possible := func(m move) bool {
		plan, ok := m.plan(acc)
		for i := range plan.calls {
			ok = ok && s.possible(acc, by, &plan.calls[i])
		}
		if ok {
			out = append(out, m)
		}
		return ok
	}
	if by.provider() {
		for _, role := range s.providers[by.key()] {
			for _, action := range []authz.Action{assumeRoleWithSAML, assumeRoleWithToken} {
				if possible(move{action: action, actor: by.key(), kind: account.RoleKind, name: role}) {
					break
				}
			}
		}
	} else {
		s.takeUsers(by, possible)
		s.takeRoles(acc, by, possible, &out)
	}
	if shared {
		s.takeovers[by.cacheKey()] = out
	}
	return out
}

func (s *search) takeUsers(by *actor, possible func(move) bool) {
	may := slices.DeleteFunc(slices.Clone(credentialActions), func(a authz.Action) bool { return !by.may.has(a) })
	if len(may) == 0 {
		return
	}
	for _, user := range s.users {
		if by.kind() == account.UserKind && by.principal.Name() == user {
			continue
		}
		for _, action := range may {
			if possible(move{action: action, actor: by.key(), kind: account.UserKind, name: user}) {
				break
			}
		}
	}
}

func (s *search) takeRoles(acc *account.Account, by *actor, possible func(move) bool, out *[]move) {
	for _, role := range s.roles {
		if by.kind() == account.RoleKind && by.principal.Name() == role {
			continue
		}
		m := move{action: assumeRole, actor: by.key(), kind: account.RoleKind, name: role}
		if len(by.access.TrustedAs(s.trusts[role].Layer(), by.may.has(assumeRole))) > 0 && possible(m) {
			continue
		}
		if by.may.has(updateAssumeRolePolicy) {
			trust := m
			trust.action, trust.arg = updateAssumeRolePolicy, by.key()
			if possible(trust) {
				*out = append(*out, m)
			}
		}
	}
	for _, provider := range slices.Sorted(maps.Keys(s.providers)) {
		action := addClientID
		if strings.Contains(provider, ":saml-provider/") {
			action = updateSAMLProvider
		}
		if by.may.has(action) {
			possible(move{action: action, actor: by.key(), name: provider})
		}
	}
	if by.may.has(passRole) {
		s.passRoles(acc, by, out)
	}
}

// passRoles adds the moves by which the actor lets a service act as a role.
func (s *search) passRoles(acc *account.Account, by *actor, out *[]move) {
	for _, service := range services {
		resources := s.serviceResources(acc, by, service)
		if resources == nil {
			continue
		}
		for _, role := range s.roles {
			if may, _ := s.trusts[role].Layer().MayAllow(authz.MustPrincipal(service.principal), assumeRole); may {
				*out = append(*out, move{action: passRole, actor: by.key(), kind: account.RoleKind, name: role,
					service: service, resources: resources})
			}
		}
	}
}

// providersOf returns the identity providers that a trust policy names by their ARN.
func providersOf(trust account.TrustPolicy) (out []string) {
	names, _ := trust.Layer().Principals()
	for _, name := range names {
		if name.Form == policy.FederatedPrincipal && strings.HasPrefix(name.Text, "arn:") {
			out = append(out, name.Text)
		}
	}
	return out
}
