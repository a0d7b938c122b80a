package escalation

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Takeover is a way in which a principal can act as another one on the account as it is.
type Takeover struct {
	// By is a user or role, or an identity provider that a trust policy names.
	By authz.Principal
	// Steps are one step, or two if the principal first changes whom a role trusts.
	Steps []Step
	// Gains is the user, role or identity provider that the principal acts as after the steps.
	Gains authz.Principal
}

// Takeovers returns the takeovers of all users and roles of an account that are not administrators, and of the identity
// providers in its trust policies. An administrator can act as anybody. progress is called after each principal; it may
// be nil.
func Takeovers(ctx context.Context, acc *account.Account, progress func(done, total int)) (found []Takeover,
	open []Open, err error) {
	s := newSearch(acc, Administrator())
	principals, err := everybody(acc)
	if err != nil {
		return nil, nil, err
	}
	for _, provider := range slices.Sorted(maps.Keys(s.providers)) {
		principals = append(principals, authz.IdentityProvider(provider))
	}
	for i, p := range principals {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		s.open = map[string]bool{}
		of, err := s.takeoversBy(p)
		if err != nil {
			s.open[err.Error()] = true
		}
		found = append(found, of...)
		open = s.appendOpen(open, p)
		if progress != nil {
			progress(i+1, len(principals))
		}
	}
	return found, open, nil
}

// takeoversBy returns the takeovers of one principal.
func (s *search) takeoversBy(p authz.Principal) (found []Takeover, err error) {
	st, err := s.stateOf(p)
	if err != nil {
		return nil, err
	}
	by := st.order[0]
	if s.fulfils(st, by) {
		return nil, nil
	}
	trusting := map[string]move{} // the changes of trust policies, by role
	for _, m := range s.takeoversOf(st, by) {
		if m.action == updateAssumeRolePolicy {
			trusting[m.name] = m
			continue
		}
		moves := []move{m}
		if trust, ok := trusting[m.name]; ok && m.action == assumeRole {
			moves = []move{trust, m}
		}
		after, err := s.stateOf(p)
		if err != nil {
			return found, err
		}
		steps, err := s.confirmMoves(after, moves)
		if errors.Is(err, errNotConfirmed) {
			continue // each request could be allowed by itself, and they are not one after another
		}
		if err != nil {
			return found, err
		}
		found = append(found, Takeover{By: p, Steps: steps, Gains: after.order[len(after.order)-1].principal})
	}
	return found, nil
}

// stateOf returns the state in which a person acts as a user, a role or an identity provider.
func (s *search) stateOf(p authz.Principal) (*state, error) {
	if p.Kind != authz.FederatedProvider {
		return s.newState(p)
	}
	st := &state{account: s.account, actors: map[string]*actor{}}
	st.add(&actor{principal: p, own: true, mfa: true})
	return st, nil
}
