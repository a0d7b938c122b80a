// Package account holds one account as an immutable value: its users, groups,
// roles and managed policies, and the references between them.
//
// An [Account] does not change. [Account.With] returns a second account with some
// changes applied. Both share everything that did not change, so the cost depends
// on the number of changes and not on the size of the account. The engine updates
// its snapshot this way, and a [Plan] applies its edits this way.
//
// [Account.Access] finds the policies that apply to a principal, compiled for
// package authz: its own policies, those of its groups, its permissions boundary
// and its session policies. Accounts that come from one another share the compiled
// form of equal policy texts. If a principal refers to a policy or group that the
// account does not have, Access returns an error, because the right answer is
// unknown.
//
// [ReadAuthorizationDetails] and [Account.AuthorizationDetails] read and write
// accounts in the form of `aws iam get-account-authorization-details`.
//
// # Size
//
// The structures are made for accounts of 100,000 users and 10,000 managed policies,
// with about five policies for each user. Scenario d of the bench module measures
// decisions and memory at that size. BenchmarkWith measures one changed user among
// 1,000 and among 100,000 users.
//
// Users, roles and names are in immutable hash tries of 64 branches a node. A change
// copies only the nodes from the root to the changed value, about three of them
// for 100,000 values. Attachments and memberships are 32-bit numbers, and equal
// policy texts share one compiled form.
//
// # Unknown values
//
// Parts of a planned account may be unknown until Terraform applies the plan: a
// document or a part of one ([Tree]), further members of a list ([Unknown]), the
// user, group or role that receives a policy ([Pending]). Package authz then
// decides only if the decision is the same for every possible value.
//
// The package never reads a file, calls a service or writes anywhere, and knows
// neither a store nor an SDK.
package account
