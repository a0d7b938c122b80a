// Package simulation decodes an access question with everything that its answer depends on. Package
// authz answers it.
//
// A question ([Case]) names the caller, the action and the resource, and contains the policies of
// every layer. It is one object, written in JSON, in YAML or as a Terraform value. [Decode] reads all
// three forms as a [tree.Node], so every entry point reads questions the same way:
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
//   - identity, group, session: the policies of the caller, of its groups and of its session;
//   - boundary, resource_policy (also a trust policy), vpce: one policy each;
//   - scps, rcps: a list of levels from the organization's root to the account, each with its
//     policies. A list of two or more policies without levels is an error. Without scps, service
//     control policies are not in use; an empty list of levels, or an empty level, allows nothing;
//   - principal, principal_id, service_linked_role: the caller, as [authz.ParsePrincipal] reads it.
//     Without a principal, the caller is some principal of the resource's account;
//   - action, resource ("*" by default), resource_account, management_account;
//   - context: key → one value, or a list for a multivalued key. The keys that follow from the
//     principal are set unless the context has them; an empty list says that the request lacks a key;
//   - unknown_context_keys: keys that the request has with an unknown value;
//   - unknown_resource_policy: whether the resource has a policy that is not known;
//   - id, note, expect: for an access test, read by [Case.Check].
//
// A policy is an object, or a string of JSON. A set of policies is one policy, a list of
// policies, or an object of name → policy. A field that is null counts as absent. An unknown
// field is an error.
//
// If a value is not known yet (a node of kind [tree.Unknown]), the answer is definite only if every
// possible value leads to it. Ask the Case itself, with [Case.Outcome], [Case.Explain] or
// [Case.CouldAllow]: its Request and Policies cannot express every unknown.
//
// The package reads no files and no account, and evaluates no policy by itself.
package simulation
