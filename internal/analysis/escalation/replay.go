package escalation

import (
	"errors"
	"fmt"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// errNotConfirmed reports that a request of a path is not allowed on the account that the steps before leave.
var errNotConfirmed = errors.New("the steps that were found are not allowed one after another")

// replay makes the moves one after another, from the account before them, and confirms every request. It returns the
// path to the target.
func (s *search) replay(start authz.Principal, moves []move) (*Path, error) {
	st, err := s.newState(start)
	if err != nil {
		return nil, err
	}
	steps, err := s.confirmMoves(st, moves)
	if err != nil {
		return nil, err
	}
	for _, actor := range st.order {
		if s.fulfils(st, actor) && s.isConfirmed(st, actor) {
			return &Path{From: start, Steps: steps, Reaches: actor.principal}, nil
		}
	}
	return nil, errNotConfirmed
}

// confirmMoves makes the moves one after another in a state, and confirms every request.
func (s *search) confirmMoves(st *state, moves []move) (steps []Step, err error) {
	for i := range moves {
		m := &moves[i]
		actor := st.actors[m.actor]
		plan, ok := m.plan(st.account)
		if actor == nil || !ok {
			return nil, errNotConfirmed
		}
		step := Step{Actor: actor.principal, Result: plan.result, Assumes: plan.assumes}
		for j := range plan.calls {
			request, ok := s.confirm(st, actor, &plan.calls[j])
			if !ok {
				return nil, errNotConfirmed
			}
			step.Requests = append(step.Requests, request)
		}
		if plan.spare != nil {
			if _, ok := s.confirm(st, actor, plan.spare); ok {
				step.Assumes += ", or the actor deletes one of them first, which " + plan.spare.action.String() + " allows"
			}
		}
		if err := st.apply(m, &plan); err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// confirm decides a request with known values for all keys, and returns it with the statements that allow it.
func (s *search) confirm(st *state, a *actor, c *call) (Request, bool) {
	out := Request{Action: c.action, Resource: c.resource, Given: c.keys}
	_, policies, r := a.decide(st.account, c)
	keys, with, ok := policies.Witness(&r)
	if !ok || policies.Decide(&with) != authz.Allowed {
		return out, false
	}
	out.If = keys
	for _, ref := range policies.Explain(&with).Deciding {
		if ref.Layer == authz.Identity || ref.Layer == authz.Group || ref.Layer == authz.ResourcePolicy {
			out.Statements = append(out.Statements, ref)
		}
	}
	return out, true
}

// isConfirmed reports whether an actor is allowed the requests of the target, each with known values for all keys.
func (s *search) isConfirmed(st *state, a *actor) bool {
	calls := s.target.requests(st.account)
	for i := range calls {
		_, policies, r := a.decide(st.account, &calls[i])
		if policies.AlwaysAllows(&r) {
			continue
		}
		if _, _, ok := policies.Witness(&r); !ok {
			return false
		}
	}
	return true
}

// shorten returns the path without the moves that it does not need.
func (s *search) shorten(start authz.Principal, moves []move) (*Path, error) {
	path, err := s.replay(start, moves)
	if err != nil {
		return nil, err
	}
	for i := len(moves) - 1; i >= 0; i-- {
		fewer := slices.Delete(slices.Clone(moves), i, i+1)
		if shorter, err := s.replay(start, fewer); err == nil {
			path, moves = shorter, fewer
			i = min(i, len(moves))
		}
	}
	return path, nil
}

// state is an account with the steps so far, and the actors that the person acts as.
type state struct {
	account *account.Account
	actors  map[string]*actor
	order   []*actor
	log     []entry
	// retagged is set once a move changed the tags of a user or role.
	retagged bool
}

// entry is a move that was made, with the entries that it depends on.
type entry struct {
	move    move
	depends []int
}

// newState returns the state in which a person acts as a principal.
func (s *search) newState(start authz.Principal) (*state, error) {
	st := &state{account: s.account, actors: map[string]*actor{}}
	first, err := s.newActor(start, s.account)
	if err != nil {
		return nil, err
	}
	first.own, first.mfa = true, true
	st.add(first)
	return st, nil
}

func (st *state) add(a *actor) {
	st.actors[a.key()] = a
	st.order = append(st.order, a)
}

// apply makes a move whose requests are allowed.
func (st *state) apply(m *move, plan *planned) error {
	if len(plan.changes) > 0 {
		next, err := st.account.With(plan.changes...)
		if err != nil {
			return fmt.Errorf("%s: %w", plan.result, err)
		}
		st.account = next
		st.retagged = st.retagged || m.action == tagUser || m.action == tagRole
		for _, a := range st.order {
			if a.concernedBy(next, m) {
				if err := a.refresh(next); err != nil {
					return err
				}
				a.version++
				a.full = a.full || plan.grants && (m.kind != account.PolicyKind || a.hasPolicy(next, m.name))
			}
		}
	}
	if plan.mfa {
		user, err := st.account.Principal(m.name)
		if err == nil && st.actors[user.String()] != nil {
			st.actors[user.String()].mfa = true
			st.actors[user.String()].version++
		}
	}
	if plan.gains == "" || st.actors[plan.gains] != nil {
		return nil
	}
	gained := &actor{principal: authz.IdentityProvider(plan.gains)}
	if p, err := st.account.Principal(plan.gains); err == nil {
		gained.principal = p
		gained.mfa = p.Kind == authz.Role && st.actors[m.actor].mfa && m.action == assumeRole
		if err := gained.refresh(st.account); err != nil {
			return err
		}
	} else {
		gained.mfa = true
	}
	st.add(gained)
	return nil
}

// concernedBy reports whether a move changes the access of the actor.
func (a *actor) concernedBy(acc *account.Account, m *move) bool {
	if a.provider() || m.action == updateAssumeRolePolicy {
		return false
	}
	switch m.kind {
	case account.GroupKind:
		return slices.Contains(groupsOf(acc, a), m.name)
	case account.PolicyKind:
		return boundaryOf(acc, a) == m.name || a.hasPolicy(acc, m.name)
	}
	return a.kind() == m.kind && a.principal.Name() == m.name
}

// hasPolicy reports whether a managed policy is attached to the actor or to one of its groups.
func (a *actor) hasPolicy(acc *account.Account, arn string) bool {
	return slices.ContainsFunc(sourcesOf(acc, a), func(p source) bool { return p.arn == arn })
}
