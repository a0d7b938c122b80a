// Package simulation is an access question with everything that bears on it,
// decoded from a tree and put to package authz.
//
// A question ([Case]) names the caller, the action and the resource, and holds
// the policies of every layer. It is written as one object, whether in JSON, in
// YAML or as a Terraform value; all three reach [Decode] as a [policy.Node], so
// that there is one reading of them:
//
//	principal: arn:aws:iam::123456789012:user/ana
//	action: s3:GetObject
//	resource: arn:aws:s3:::reports/2026.csv
//	identity: [{Version: 2012-10-17, Statement: […]}]
//	context: {aws:SourceIp: 203.0.113.7}
//	expect: Allowed
//
// The fields are
//
//   - identity, group, session: policies of the caller, of its groups, of its
//     session; boundary, resource_policy (a trust policy too), vpce: one policy;
//   - scps, rcps: a list of levels from the organization's root to the account,
//     each with its policies. scps that are not given are not in use; an empty
//     list of levels, or an empty level, allows nothing;
//   - principal, principal_id, service_linked_role: the caller, as
//     [authz.ParsePrincipal] reads it. Without one the caller is some principal
//     of the resource's account;
//   - action, resource ("*" where it is not given), resource_account,
//     management_account;
//   - context: key → one value, or a list for a multivalued key;
//     unknown_context_keys: keys that are there with a value nobody knows;
//   - id, note, expect: of an access test, for [Case.Check].
//
// A policy is an object, or a string that holds JSON. A set of policies is one
// policy, a list of them, or an object of name → policy. A field that is null
// counts as not given; a name that is no field is an error.
//
// Where something is known only later (a [policy.UnknownNode]), the answer is
// definite only if it is the same whatever the unknown turns out to be. Ask the
// Case itself, with [Case.Outcome], [Case.Explain] or [Case.CouldAllow]: it
// knows of unknowns that its Request and Policies cannot express.
package simulation
