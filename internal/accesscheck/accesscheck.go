// Package accesscheck finds the dangers in a change of an account.
//
// [Find] compares the account before and after the change, and returns findings: new paths to more privilege,
// administrators, public and cross-account trust, new access. The provider calls it while Terraform plans, and the
// review calls it for a plan file. The package decides with packages authz and analysis, and knows neither Terraform
// nor a store.
package accesscheck

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Check is a kind of finding.
type Check string

// The checks.
const (
	// PrivilegeEscalation finds principals that could rise to administrator after the change and could not before.
	PrivilegeEscalation Check = "privilege_escalation"
	// AdminGrant finds principals that are administrators after the change and were not before.
	AdminGrant Check = "admin_grant"
	// PublicTrust finds roles that anybody may assume after the change and could not before: any principal of any account,
	// an anonymous caller, or every identity of an identity provider that serves everybody under one URL, such as GitHub
	// Actions, because no condition limits the subject.
	PublicTrust Check = "public_trust"
	// CrossAccountTrust finds roles that a principal of another account, or an identity provider, may assume after the
	// change and could not before, or could only under other conditions. Everybody of an organization counts as one such
	// principal. Services of AWS, such as ec2.amazonaws.com, do not count: they act for an account, and the policies of
	// the account decide who may let them act as a role. If the check PublicTrust runs as well, it alone judges public
	// roles.
	CrossAccountTrust Check = "cross_account_trust"
	// NewAccess finds principals that gain access.
	NewAccess Check = "new_access"
)

// Checks returns all checks.
func Checks() []Check {
	return []Check{PrivilegeEscalation, AdminGrant, PublicTrust, CrossAccountTrust, NewAccess}
}

// Object is a part of the account that causes a finding.
type Object struct {
	// Kind is the kind of the user, group, role or managed policy.
	Kind account.Kind
	// Name is its name, and for a managed policy its ARN.
	Name string
	// Inline is the name of an inline policy of it, Trust is its trust policy, Attached is the ARN of an attached policy,
	// Group is the group that it joins. At most one of them is set.
	Inline, Attached, Group string
	Trust                   bool
}

// Step is a step of a path, for a graph.
type Step struct{ From, To, Text string }

// Finding is one dangerous difference.
type Finding struct {
	// ID identifies the finding: "<check>/<user|role>/<name>/<16 hexadecimal digits>". The digits are the beginning of a
	// SHA-256 hash over the check, the ARN of the principal and the parts that an acceptance of the finding covers:
	//
	//   - PrivilegeEscalation: each step of the path with its actor, its requests (action, resource, context keys) and the
	//     statements that allow them, with the names of their policies, and the administrator at the end
	//   - AdminGrant: the statements that allow everything, with the names of their policies
	//   - PublicTrust: the principals that may assume the role, and all statements of the trust policy that name
	//     everybody or a shared identity provider, or deny something
	//   - CrossAccountTrust: the principal outside the account, and the statements that concern it without the other
	//     principals that they name
	//   - NewAccess: the class, the roles that can be assumed with the statements of their trust policies, all statements
	//     of the principal's policies that only one of the accounts has and that may concern the class, and its new tags
	//
	// A statement is hashed without its Sid, its place in the policy, and the order and spelling of its elements. A part
	// that is not known yet is hashed as such, and a hole as its name. The id therefore stays the same when the plan is
	// made again, when statements or policies are reordered, and when something else changes.
	ID    string
	Check Check
	// Summary is one sentence with all facts. Details are further sentences: the path step by step, or the request that
	// shows the access.
	Summary string
	Details []string
	// Principal is the ARN of the user or role that rises or gains, or of the role whose trust policy is at fault.
	Principal string
	// Path is set for PrivilegeEscalation. The last step leads to [Administrator] if the actor itself becomes
	// administrator.
	Path []Step
	// Request and Keys are an example, if there is one.
	Request *authz.Request
	Keys    []authz.ContextKey
	// Statements are the statements that allow it. A statement that exists only after a step of a path is among them.
	Statements []authz.StatementRef
	// Causes are the parts of the account that differ between before and after and that cause the finding, the most
	// specific first.
	Causes []Object
}

// Open is a question that could not be decided.
type Open struct {
	Check     Check
	Principal string
	Reason    string // one sentence
}

// Result is the result of the checks.
type Result struct {
	Findings []Finding
	Open     []Open
}
