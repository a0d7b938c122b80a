package assertion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Chain is a shortest way in which a principal may assume a role: the roles that it assumes one after another.
type Chain struct {
	// Roles are the ARNs of the roles. The last one is the role reached.
	Roles []string
	// Unclear is set if the chain depends on values that are not known yet.
	Unclear bool
}

// String returns the chain as a clause, such as "may assume role a, which may assume role b".
func (c Chain) String() string {
	steps := make([]string, len(c.Roles))
	for i, arn := range c.Roles {
		steps[i] = "may assume role " + roleName(arn)
	}
	return strings.Join(steps, ", which ")
}

func roleName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// Reach returns a chain for each role that a principal, named as in [Assertion], may assume for some values of the
// context: directly or as a session of another role. The chains are sorted by the ARN of the role reached.
func Reach(acc *account.Account, principal string) ([]Chain, error) {
	start, err := findCaller(acc, principal)
	if err != nil {
		return nil, err
	}
	reached, err := reach(acc, start, nil)
	if err != nil {
		return nil, err
	}
	chains := make([]Chain, len(reached))
	for i, r := range reached {
		chains[i] = r.chain
	}
	return chains, nil
}

// MayReach reports whether the principal of the assertion, or one of the roles that it reached before, may assume the
// role with a name, or whether this is unknown. It also reports true if the actions of a block are about trust
// policies, and the trust policy of the role may allow the principal one of them. A caller uses it to find the
// assertions that a changed trust policy concerns; reached is [Result.Reached].
func (a Assertion) MayReach(acc *account.Account, reached []string, roleName string) (bool, error) {
	trust, ok := acc.TrustPolicy(roleName)
	if !ok {
		return false, nil
	}
	start, err := findCaller(acc, a.Principal)
	if err != nil {
		return false, err
	}
	callers := []caller{start}
	if !a.DirectOnly {
		for _, arn := range reached {
			principal, err := acc.Principal(arn)
			if err != nil || ascii.EqualFold(principal.Name(), roleName) {
				continue // the role is renamed or removed, and leads nowhere
			}
			role, err := newInsider(acc, principal)
			if err != nil {
				return false, err
			}
			callers = append(callers, role)
		}
	}
	for _, action := range roleActions {
		if a.concerns(action) && slices.ContainsFunc(callers, func(c caller) bool {
			return slices.ContainsFunc(c.candidates(trust.Layer()),
				func(c candidate) bool { return mayAllow(trust.Layer(), c.principal, action) })
		}) {
			return true, nil
		}
	}
	if a.DirectOnly {
		return false, nil
	}
	contexts := [][]Key{nil}
	for _, b := range a.Blocks {
		if len(b.Context) > 0 {
			contexts = append(contexts, b.Context)
		}
	}
	w := walk{account: acc}
	for i, c := range callers {
		for _, keys := range contexts {
			ofStep := access.FirstStepKeys(keys)
			if i > 0 {
				ofStep = access.LaterStepKeys(keys)
			}
			w.context = nil
			if may, _, err := w.mayAssume(c, trust, ofStep); err != nil || may != authz.Never {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// concerns reports whether a block asks about an action.
func (a Assertion) concerns(action authz.Action) bool {
	for _, b := range a.Blocks {
		if b.concerns(action) {
			return true
		}
	}
	return false
}

// reachedRole is a role that the first caller may assume, as a caller of further requests, or its federated user.
type reachedRole struct {
	insider
	chain Chain
	// steps are the requests of the chain.
	steps []step
	// federated is set for a federated user. It has the tags of its user only if ownTags is set.
	federated, ownTags bool
}

// step is a request that assumes a role, and the policies that decide it.
type step struct {
	policies authz.Policies
	request  authz.Request
}

// walk finds the roles that a caller may assume.
type walk struct {
	account *account.Account
	visited map[string]bool // by ARN
	found   []*reachedRole
	unclear []unclearStep
	// context is that of the requests of an insider, once one is made.
	context *authz.Context
}

type unclearStep struct {
	from  *reachedRole // nil for the first caller
	trust account.TrustPolicy
	step  step
}

// reach returns the roles that a caller may assume, sorted by ARN. The keys are those of the last request. A chain that
// does not depend on unknown values is preferred to one that does.
func reach(acc *account.Account, start caller, keys []Key) ([]*reachedRole, error) {
	w := &walk{account: acc, visited: map[string]bool{}}
	if i, ok := start.(insider); ok {
		w.visited[i.principal.String()] = true
	}
	first, later := access.FirstStepKeys(keys), access.LaterStepKeys(keys)
	if err := w.from(start, nil, first); err != nil {
		return nil, err
	}
	done := 0
	for {
		for ; done < len(w.found); done++ {
			if err := w.from(w.found[done], w.found[done], later); err != nil {
				return nil, err
			}
		}
		if len(w.unclear) == 0 {
			break
		}
		next := w.unclear[0]
		w.unclear = w.unclear[1:]
		if err := w.add(next.from, next.trust, next.step, true); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(w.found, func(a, b *reachedRole) int {
		return strings.Compare(a.principal.String(), b.principal.String())
	})
	return w.found, nil
}

// from adds the roles that a caller may assume; via is the caller if it is a role.
func (w *walk) from(c caller, via *reachedRole, keys []Key) error {
	type edge struct {
		trust account.TrustPolicy
		step  step
	}
	var edges []edge
	w.context = nil
	for trust := range w.account.TrustPolicies() {
		switch may, taken, err := w.mayAssume(c, trust, keys); {
		case err != nil:
			return err
		case may == authz.Possible:
			edges = append(edges, edge{trust, taken})
		case may == authz.Unclear:
			w.unclear = append(w.unclear, unclearStep{via, trust, taken})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int {
		return strings.Compare(a.step.request.Resource, b.step.request.Resource)
	})
	slices.SortFunc(w.unclear, func(a, b unclearStep) int {
		return strings.Compare(a.step.request.Resource, b.step.request.Resource)
	})
	for _, e := range edges {
		if err := w.add(via, e.trust, e.step, false); err != nil {
			return err
		}
	}
	return nil
}

// add adds a role unless it was reached before.
func (w *walk) add(from *reachedRole, trust account.TrustPolicy, taken step, unclear bool) error {
	arn := taken.request.Resource
	if w.visited[arn] {
		return nil
	}
	w.visited[arn] = true
	principal, err := trust.Role()
	if err != nil {
		return err
	}
	role := &reachedRole{chain: Chain{Roles: []string{arn}, Unclear: unclear}, steps: []step{taken}}
	if from != nil {
		role.chain.Roles = append(slices.Clone(from.chain.Roles), arn)
		role.chain.Unclear = unclear || from.chain.Unclear
		role.steps = append(slices.Clone(from.steps), taken)
	}
	if role.insider, err = newInsider(w.account, principal); err != nil {
		return fmt.Errorf("the principal %s: %w", role.chain, err)
	}
	w.found = append(w.found, role)
	return nil
}

// mayAssume returns whether a caller may assume a role for some values of the context, and the request with which it
// does.
func (w *walk) mayAssume(c caller, trust account.TrustPolicy, keys []Key) (authz.Possibility, step, error) {
	layer := trust.Layer()
	best, taken := authz.Never, step{}
	for _, candidate := range c.candidates(layer) {
		for _, action := range candidate.actions {
			if !mayAllow(layer, candidate.principal, action) {
				continue
			}
			role, err := trust.Role()
			if err != nil {
				return authz.Never, step{}, err
			}
			context, err := w.contextOf(&candidate, keys)
			if err != nil {
				return authz.Never, step{}, err
			}
			s := step{candidate.policies, authz.Request{
				Principal: candidate.principal, Action: action, Resource: role.String(), Context: context,
			}}
			s.policies.ResourcePolicy = layer
			switch s.policies.CouldAllow(&s.request) {
			case authz.Possible:
				return authz.Possible, s, nil
			case authz.Unclear:
				best, taken = authz.Unclear, s
			}
		}
	}
	return best, taken, nil
}

// contextOf returns the context of a request of a candidate. An insider makes all its requests with one context.
func (w *walk) contextOf(c *candidate, keys []Key) (*authz.Context, error) {
	if c.insider && w.context != nil {
		return w.context, nil
	}
	context, err := access.NewContext(keys)
	if err != nil {
		return nil, err
	}
	c.setKeys(context)
	if c.insider {
		w.context = context
	}
	return context, nil
}
