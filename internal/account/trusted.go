package account

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// TrustedAs returns the principals as which the principal of x may be named by a trust policy: itself, and for a role
// also the sessions of the role that the policy names. It omits those to which the policy allows nothing. delegated
// says whether the principal's own policies may allow it to assume a role; otherwise a policy that names only the
// principal's account does not count.
func (x *Access) TrustedAs(trust *authz.Layer, delegated bool) []*Access {
	if x.principal.Kind == authz.FederatedUser {
		return nil // its credentials cannot assume a role
	}
	var out []*Access
	if may, delegates := trust.MayAllow(x.principal, authz.Action{}); may || delegates && delegated {
		out = append(out, x)
	}
	if x.principal.Kind != authz.Role {
		return out
	}
	// A role stands for all its sessions, and the policy may name one of them.
	names, _ := trust.Principals()
	for _, name := range names {
		if name.Form != policy.SessionPrincipal || !ascii.EqualFold(name.Name, x.principal.Name()) {
			continue
		}
		session, err := x.account.Principal(name.Text)
		if err != nil || session.ID != x.principal.ID {
			continue // a session of another account or partition
		}
		if access, err := x.account.Access(session, Credentials{}); err == nil {
			out = append(out, access)
		}
	}
	return out
}
