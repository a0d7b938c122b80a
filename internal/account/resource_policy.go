package account

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// ResourcePolicy is the policy that a request's resource has in the account: the trust policy of a role that is to be assumed.
// It is nil for all else, of which an account knows no policies.
func (a *Account) ResourcePolicy(action authz.Action, resource string) (*authz.Layer, error) {
	if !strings.HasPrefix(strings.ToLower(action.String()), "sts:") {
		return nil, nil
	}
	p, err := authz.ParsePrincipal(resource)
	if err != nil || p.Kind != authz.Role || p.Account != a.id {
		return nil, nil //nolint:nilerr // what is no role has no trust policy
	}
	return a.Trust(resource)
}
