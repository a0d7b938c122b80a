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
// Actions and resources may be patterns, which stand for all requests that they match. The answer of Check is about all
// of them: without a finding, it is a proof, and each violation has a request as its witness. A question is undecided
// if neither the search nor the proof below answers it.
//
// # Search
//
// Check decides a few requests with package authz, chosen by the patterns of the statements (file region.go):
//
//   - For requests that must never be allowed, it starts with the part of the pattern that a statement allows. If the
//     request that it decides is denied, it goes on with the parts to which the denying statement does not apply, until
//     a request is allowed or no part is left.
//   - For requests that must be allowed, it decides one request of each part that a statement denies, and looks for a
//     part that no statement allows.
//
// The search is exact if the resources of the statements have no policy variable without a known value. Then whether a
// statement applies to a request depends on the patterns that its action and its resource match, and on the context:
//
//   - Never allowed: a request that is allowed lies in the part of a statement that allows it, and of one of the
//     permissions boundary. Let the request that stands for this part be denied for every context. With the context of
//     the first request, a statement denies the second one and not the first one, so the first request lies in a part
//     that this statement does not match. The search goes on with this part. It ends, because each step excludes a
//     statement.
//   - Allowed: with a fixed context, each statement applies to all requests that match its patterns, or to none. If one
//     request in the part of each denial is allowed, no denial applies. If the request that stands for a part is
//     allowed, so are all that match the patterns of the statement that allows it. The search goes on with the others.
//
// The requests about a role of the account are few. Check decides each of them with the trust policy of the role.
//
// # Proof
//
// The other questions are put to package analysis, which searches all requests at once (file proof.go):
//
//   - A resource has a policy variable without a known value. Conditions may compare this value, and one request does
//     not stand for others.
//   - The patterns overlap in more ways than the search may try.
//   - Authz can neither find a context with which a request is allowed, nor rule out that there is one.
//   - A request that must be allowed depends on values that are not known, but another one may be denied for certain.
//
// A proof costs about a hundred times as much as a decision, so the search comes first. The requests of the proof have
// any ARN, as those of the search do; a witness has an action and a resource that exist on AWS, if there is one.
//
// Requests and answers in a result name the texts of the block and of the statements, so that they stay the same when
// something else in a policy changes.
//
// The package reads no file and no database, and it does not depend on Terraform.
package assertion
