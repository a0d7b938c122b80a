package escalation

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// probe tells what a managed policy or a group gives to a user who has nothing else.
type probe struct {
	name string // of the group, or the ARN of the policy
	// useful says that it allows an action of a step, or one of the target's. all says that it may allow everything.
	useful, all bool
	// denies says that it may deny something.
	denies bool
}

// probeName is the name of a user that exists only to ask what a policy or a group allows.
const probeName = "probe-a7x"

// groupProbes returns the groups of the unchanged account.
func (s *search) groupProbes() []probe {
	if s.groupProbe == nil {
		s.groupProbe = []probe{}
		for _, group := range s.groups {
			if p, ok := s.probe(account.User{Name: probeName, Groups: []string{group}}); ok {
				p.name = group
				s.groupProbe = append(s.groupProbe, p)
			}
		}
	}
	return s.groupProbe
}

// policyProbes returns the useful managed policies of the unchanged account. Those that may allow everything come
// first.
func (s *search) policyProbes() []probe {
	if s.policyProbe == nil {
		s.policyProbe = []probe{}
		for _, arn := range s.account.ARNs(account.PolicyKind) {
			if p, ok := s.probe(account.User{Name: probeName, Attached: []string{arn}}); ok && p.useful {
				p.name = arn
				s.policyProbe = append(s.policyProbe, p)
			}
		}
		slices.SortStableFunc(s.policyProbe, func(a, b probe) int {
			switch {
			case a.all == b.all:
				return 0
			case a.all:
				return -1
			}
			return 1
		})
	}
	return s.policyProbe
}

// probe returns what a user may do. ok is false if that is not known, as for a group with a policy that is missing.
func (s *search) probe(u account.User) (out probe, ok bool) {
	acc, err := s.account.With(u)
	if err != nil {
		return out, false
	}
	p, err := acc.Principal(acc.ARN(account.UserKind, "/", u.Name))
	if err != nil {
		return out, false
	}
	a := &actor{principal: p}
	if a.refresh(acc) != nil {
		return out, false
	}
	out.all = mayPerform(a, freshAction)
	out.useful = a.may != 0 || out.all
	for _, c := range s.target.requests(s.account) {
		out.useful = out.useful || mayPerform(a, c.action)
	}
	policies := a.access.Policies()
	out.denies = slices.ContainsFunc(policies.Outlines(), func(o authz.Outline) bool { return o.MayDeny })
	return out, true
}
