package authz

import (
	"fmt"
	"strings"
)

// missingPolicyNote returns a note if the answer ignores a policy that the resource always has and that must allow
// the request: the trust policy of a role, or the policy of a key (rule 60).
func (p *Policies) missingPolicyNote(r *Request, outcome Outcome) []string {
	if p.ResourcePolicy != nil || needsResourcePolicy(r) != yes || r.sameAccount() == no ||
		outcome == ExplicitlyDenied || r.fixedAnswer().refused == yes {
		return nil
	}
	kind, of := "trust policy", "the role"
	if strings.HasPrefix(r.Action.folded, "kms:") {
		if r.Resource == "*" {
			return nil // a call that concerns no key
		}
		kind, of = "key policy", "the key"
	}
	if r.Resource != "*" && !r.Unknown.Resource {
		of = abbreviate(r.Resource)
	}
	return []string{fmt.Sprintf("The answer ignores the %s of %s, because it was not given. On AWS, this policy must "+
		"allow the request, or leave the decision to the account.", kind, of)}
}
