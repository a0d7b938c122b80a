// Package account is one account as a value: its users, groups, roles and
// managed policies, and how they hang together.
//
// An [Account] does not change. [Account.With] gives another one that has some
// changes and shares the rest, at a cost that follows the changes rather than
// the account. It serves to bring an account up to date, and to lay planned
// changes over it.
//
// [Account.Policies] answers which policies bear on a principal, compiled for
// package authz: its own, those of its groups, its boundary. Each distinct text
// is compiled once. What names a policy or a group that the account lacks is an
// error when it is asked about, as the right answer is not known.
//
// The form in which an account is written is the output of `aws iam
// get-account-authorization-details`: [ReadAuthorizationDetails] and
// [Account.AuthorizationDetails].
//
// # Unknown values
//
// Of a planned entry, some things may be known only later: a document or a part
// of it ([Tree]), what else a list holds ([Unknown]), to whom something is
// attached ([Pending]). Policies then say so to package authz, which answers
// only what holds however that turns out.
//
// The package never reads a file, asks a service, or writes anywhere, and knows
// neither a store nor an SDK.
package account
