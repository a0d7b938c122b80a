// Package account holds one account as an immutable value: its users, groups,
// roles and managed policies, and the references between them.
//
// An [Account] does not change. [Account.With] returns a second account with some
// changes applied. Both share everything that did not change, so the cost depends
// on the number of changes and not on the size of the account. The engine brings
// its snapshot up to date this way, and a plan lays its edits over the account
// this way.
//
// [Account.Access] finds the policies that decide about a principal, compiled for
// package authz: its own policies, those of its groups, its permissions boundary
// and its session policies. Each distinct policy text is compiled once. A
// reference to a policy or a group that the account does not have is an error of
// the question about it, because the right answer is not known.
//
// [ReadAuthorizationDetails] and [Account.AuthorizationDetails] read and write
// accounts in the form of `aws iam get-account-authorization-details`.
//
// # Size
//
// The structures are made for accounts of 100,000 users with 10,000 managed
// policies; the benchmarks measure them at that size. Users and policies are small
// records, references are numbers, and equal policy texts share one compiled form.
//
// # Unknown values
//
// Parts of a planned account may be unknown until Terraform applies the plan: a
// document or a part of one ([Tree]), further members of a list ([Unknown]), the
// user, group or role that receives a policy ([Pending]). Package authz then
// answers only if the answer is the same for every possible value.
//
// The package never reads a file, calls a service or writes anywhere, and knows
// neither a store nor an SDK.
package account
