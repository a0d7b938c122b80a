package escalation

import (
	"context"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// maxBranches limits the moves of a start that are tried on their own.
const maxBranches = 200

// branch tries the moves that may give permission and take some away: a group or a managed policy that also denies, an
// older version of a policy, a policy that allows and denies and is taken away, and tags. Each of them begins a search
// of its own, from the state in which all other moves are made. A path has at most one such move.
func (s *search) branch(ctx context.Context, st *state) (*state, *actor, error) {
	tried := 0
	for _, m := range s.risky(st) {
		if tried++; tried > maxBranches {
			s.open["more moves are possible than the search tries"] = true
			break
		}
		other := st.clone()
		reached, made, err := s.try(other, m)
		if err == nil && reached == nil && made {
			reached, err = s.saturate(ctx, other)
		}
		if err != nil || reached != nil {
			return other, reached, err
		}
	}
	return st, nil, nil
}

// clone returns a copy of the state that can change on its own.
func (st *state) clone() *state {
	out := &state{account: st.account, actors: map[string]*actor{}, log: slices.Clone(st.log), retagged: st.retagged}
	for _, a := range st.order {
		copied := *a
		out.add(&copied)
	}
	return out
}

// risky returns the moves that may give permission and take some away.
func (s *search) risky(st *state) (out []move) {
	for _, of := range st.order {
		if of.provider() {
			continue
		}
		for _, by := range st.order {
			if by.provider() || by.may&strengthening == 0 {
				continue
			}
			add := func(m move) bool {
				if m.actor = by.key(); by.may.has(m.action) {
					out = append(out, m)
				}
				return false
			}
			if by.may.has(setDefaultPolicyVersion) {
				s.riskyVersions(st, of, add)
			}
			if !of.full {
				s.riskyGrants(by, of, add)
				if by.may&removing != 0 {
					for _, p := range s.inspect(st.account, of) {
						if p.mayAllow {
							s.removeDenial(of, p, add)
						}
					}
				}
			}
			s.tags(st, by, of, add)
		}
	}
	for _, by := range st.order {
		if !by.provider() {
			s.targetTags(st, by, func(m move) { out = append(out, m) })
		}
	}
	return out
}

// riskyVersions adds the moves to other versions of the policies of an actor, its boundary among them.
func (s *search) riskyVersions(st *state, of *actor, add func(move) bool) {
	arns := []string{boundaryOf(st.account, of)}
	for _, p := range sourcesOf(st.account, of) {
		arns = append(arns, p.arn)
	}
	for _, arn := range arns {
		p, ok := st.account.Policy(arn)
		if !ok || strings.Contains(arn, ":aws:policy/") {
			continue
		}
		for _, v := range p.Versions {
			if v.ID != p.Default {
				add(move{action: setDefaultPolicyVersion, kind: account.PolicyKind, name: arn, arg: v.ID})
			}
		}
	}
}

// riskyGrants adds the groups and managed policies that deny something too.
func (s *search) riskyGrants(by, of *actor, add func(move) bool) {
	kind, name := of.kind(), of.principal.Name()
	if attach := actionFor(kind, attachUserPolicy, attachUserPolicy, attachRolePolicy); by.may.has(attach) {
		for _, p := range s.policyProbes() {
			if p.denies {
				add(move{action: attach, kind: kind, name: name, arg: p.name})
			}
		}
	}
	if kind != account.UserKind || !by.may.has(addUserToGroup) {
		return
	}
	for _, group := range s.groupProbes() {
		if group.denies && group.useful {
			add(move{action: addUserToGroup, kind: kind, name: name, arg: group.name})
		}
	}
}
