package engine

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// PolicyUse is the purpose of a policy document, which determines its quota.
type PolicyUse uint8

// The purposes of policy documents.
const (
	ManagedPolicy PolicyUse = iota
	UserPolicy              // an inline policy
	GroupPolicy
	RolePolicy
	TrustPolicy
)

// CheckPolicy refuses a document that every account with these limits would refuse, for its content
// or size. Callers use it to check a document before they send it. The errors are those of the
// operations.
func (l Limits) CheckPolicy(document string, use PolicyUse) error {
	if use == ManagedPolicy {
		doc, err := checkDocument(document, policy.Identity)
		if err != nil {
			return err
		}
		return checkManagedDocument(doc, l)
	}
	kind := policy.Identity
	if use == TrustPolicy {
		kind = policy.Trust
	}
	doc, err := checkDocument(document, kind)
	if err != nil {
		return err
	}
	most := map[PolicyUse]int{UserPolicy: l.UserPolicySize, GroupPolicy: l.GroupPolicySize, RolePolicy: l.RolePolicySize, TrustPolicy: l.AssumeRolePolicySize}[use]
	if doc.Compact > most {
		return limitExceeded("The document has %d characters without white space, and the account allows %d.", doc.Compact, most)
	}
	return nil
}
