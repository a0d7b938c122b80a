// Package authz decides one request: policies, layer by layer, and a request
// in; Allowed, ExplicitlyDenied, ImplicitlyDenied, Denied or Unknown out, with the
// statements that decided.
//
// Policies are compiled once, each layer by [CompileLayer], and put together in
// [Policies]. [Policies.Decide] answers and allocates nothing;
// [Policies.Explain] gives the same answer with its reasons;
// [Policies.CouldAllow] asks whether a request is allowed for some values of
// the context keys that it does not give.
//
// The package never looks anything up: no clock, no account, no list of
// services. All it needs is handed in, and a context key that is not given is
// absent. What it does not understand it refuses when it compiles.
//
// # Unknown values
//
// A text of a policy, a part of the request or the value of a context key may
// be known only later, as in a Terraform plan. The answer is then given only
// where every value would give it, else it is Unknown.
//
// # Rules
//
// Comments cite the rules of the language by number, as in "point 47". The
// cases of package reference, which this package is tested with, bear the same
// numbers: a rule's cases show what it says.
//
// # How contested rules are read
//
// Where AWS's documentation is silent or contradicts itself, this package
// reads it as follows, for Allow and Deny alike.
//
//   - Resource: in the first five fields of an ARN, a `*` that ends its field may
//     reach beyond the colon; any other wildcard stays within its field. The
//     sixth field matches freely. An ARN with fewer fields is completed with
//     `*` in identity, boundary and session policies, and refused elsewhere.
//   - A plain operator on a multivalued key compares nothing: it is false if
//     positive and true if negated. Explain notes it.
//   - A set operator or Null takes a key with no values, or with the empty
//     string alone, as absent. A set operator before Null changes nothing.
//   - A value that cannot be read as the number, date, address, boolean, binary
//     or ARN that an operator compares, in the policy or in the request, makes
//     the comparison false, for negated operators too. Numbers are exact
//     decimals without exponent; four digits are a year, more or fewer are
//     epoch seconds.
//   - Variables have their place in the last field of a resource's ARN (or as
//     the whole of its account field, as in AWS's own managed policies) and
//     under string, ARN and Bool operators. A multivalued key is no variable,
//     and a default does not serve for it.
//   - ArnLike cuts the pattern into fields at the colons that its author wrote;
//     a pattern that is an ARN only through its variables is cut after they
//     have their values.
//   - NotPrincipal exempts a caller only if the whole chain is listed: a user
//     and its account; a session, its role and its account. A caller with a
//     permissions boundary is never exempt.
//   - A grant to "*" in the policy of a resource in the caller's account is one
//     to the caller that boundary and session policies limit.
//   - A trust policy or a key's policy counts as not given, rather than as
//     silent, where a request in one account does not hand one in.
//   - An account's root ARN names the account of its own partition only.
//   - What AWS itself owns (the account field of its ARN is `aws`) is taken for
//     the caller's own.
//   - Service control policies that are given as an empty list of levels, or
//     with an empty level, allow nothing.
//   - Resource control policies count for whatever service they are handed in
//     with; which services AWS enforces them for is not this package's to know.
package authz
