package engine

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// PolicyUse is the purpose of a policy document. It determines which quota limits the document's
// size.
type PolicyUse uint8

// The purposes of policy documents.
const (
	ManagedPolicy PolicyUse = iota
	UserPolicy              // an inline policy of a user
	GroupPolicy             // an inline policy of a group
	RolePolicy              // an inline policy of a role
	TrustPolicy
)

// CheckPolicy returns an error if an account with these limits would refuse the policy because of
// its content or size. Callers use it to check a document before they send it. The operations that
// store a document return the same errors.
func (l Limits) CheckPolicy(doc *policy.Document, use PolicyUse) error {
	kind := policy.Identity
	if use == TrustPolicy {
		kind = policy.Trust
	}
	if err := policyErrors(policy.Check(doc, kind).Refusals()); err != nil {
		return err
	}
	if use == ManagedPolicy {
		return checkManagedDocument(doc, l)
	}
	limit := map[PolicyUse]int{
		UserPolicy: l.UserPolicySize, GroupPolicy: l.GroupPolicySize, RolePolicy: l.RolePolicySize,
		TrustPolicy: l.AssumeRolePolicySize,
	}[use]
	if doc.Compact > limit {
		return limitExceeded("The document has %d characters without white space, and the account allows %d.",
			doc.Compact, limit)
	}
	return nil
}
