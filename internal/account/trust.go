package account

import (
	"iter"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// TrustPolicy is the trust policy of a role.
type TrustPolicy struct {
	account *Account
	role    *identity
}

// TrustPolicies iterates over the trust policies of all roles, in no particular order.
func (a *Account) TrustPolicies() iter.Seq[TrustPolicy] {
	return func(yield func(TrustPolicy) bool) {
		for i := range a.roles.all() {
			if !yield(TrustPolicy{a, i}) {
				return
			}
		}
	}
}

// TrustPolicy returns the trust policy of the role with a name.
func (a *Account) TrustPolicy(roleName string) (TrustPolicy, bool) {
	i, ok := a.roles.get(roleName)
	return TrustPolicy{a, i}, ok
}

// Role returns the role, with its unique id.
func (t TrustPolicy) Role() (authz.Principal, error) { return t.account.principal(t.role) }

// Layer returns the policy as a resource policy for decisions.
func (t TrustPolicy) Layer() *authz.Layer { return &t.role.extras.role.trustLayer }
