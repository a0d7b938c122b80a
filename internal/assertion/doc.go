// Package assertion checks requirements on a principal's access: requests that must be allowed, and requests that must
// never be allowed. [Assertion.Check] decides these requests with package authz, for the current or a planned account.
// It returns the violated requirements and the statement that is responsible for each.
//
// # Who makes the requests
//
// A requirement that something must never be allowed follows every role that the principal may assume, through any
// number of roles, and the federated user whose credentials a user may get. [Reach] returns the chains of roles. A
// session of a role has the keys of the role; file keys.go says which keys of a block concern which request of a chain.
// Roles of other accounts, and roles that a service assumes for the principal (iam:PassRole), are not followed.
//
// A principal outside the account has only the access that the account's resource policies give it: it may assume roles
// whose trust policies allow it.
//
// # Patterns
//
// Actions and resources may be patterns, which stand for all requests that they match. Check decides a few of these
// requests, chosen by the patterns of the statements (file region.go):
//
//   - For requests that must never be allowed, it starts with the part of the pattern that a statement allows. If the
//     request that it decides is denied, it goes on with the parts to which the denying statement does not apply, until
//     a request is allowed or no part is left.
//   - For requests that must be allowed, it decides one request of each part that a statement denies, and looks for a
//     part that no statement allows.
//
// The answer is therefore about all requests, except where a resource pattern contains a policy variable without a
// known value. The number of decisions is bounded; beyond it, the block is undecided. Findings and answers name the
// texts of the block and of the statements, not the requests that Check decided.
//
// The package reads no file and no database, and it does not depend on Terraform.
package assertion
