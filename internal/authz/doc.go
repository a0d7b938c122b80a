// Package authz decides one request. Its input is policies, layer by layer, and a request. Its
// output is Allowed, ExplicitlyDenied, ImplicitlyDenied, Denied or Unknown, with the statements
// that decided.
//
// Policies are compiled once. [CompileLayer] compiles those of one layer; [Compile], [CompileText]
// and [Unite] let several layers share a compiled policy. [Policies] combines the layers.
//
//   - [Policies.Decide] answers a request and allocates nothing.
//   - [Policies.Explain] gives the same answer with its reasons.
//   - [Policies.CouldAllow] answers whether a request is allowed for some values of the context
//     keys that it does not give.
//   - [Policies.Statements] returns the compiled statements, for code that asks other questions. Such
//     code needs no second evaluator: it compares patterns with package pattern, and passes the
//     requests that it finds to Decide.
//
// The package uses its input only: it has no clock, no account and no list of services. A context key
// that the caller does not set is absent. Compiling refuses every statement that the package cannot
// decide about.
//
// # Unknown values
//
// A text of a policy, a part of the request or the value of a context key may not be known yet,
// as in a Terraform plan. The answer is then definite only if every possible value leads to it.
// Otherwise it is Unknown.
//
// # Rules
//
// Comments cite the rules of the policy language by number, as in "rule 47". Tests compare this
// package with package reference; the names of its cases begin with the same numbers.
//
// # How contested rules are read
//
// AWS's documentation is silent or contradicts itself in some places. This package reads them as
// follows, for Allow and Deny alike.
//
//   - Resource: in the first five fields of an ARN, a `*` that ends its field may reach beyond the
//     colon; any other wildcard stays within its field. The sixth field matches freely. An ARN with
//     fewer fields is completed with `*` in identity, boundary and session policies, and refused
//     elsewhere.
//   - An operator without a set qualifier on a multivalued key compares nothing: it is false if
//     positive and true if negated. Explain adds a note.
//   - A set operator or Null treats a key with no values, or with only the empty string, as absent.
//     A set operator before Null changes nothing.
//   - A value that is not the number, date, address, boolean, binary or ARN that an operator
//     compares, in the policy or in the request, makes the comparison false, for negated operators
//     too. Numbers are exact decimals without exponent. Four digits are a year; more or fewer
//     digits are epoch seconds.
//   - Variables may stand in the last field of a resource's ARN, as the whole of its account field
//     (as in AWS's own managed policies), and under string, ARN and Bool operators. A multivalued
//     key cannot be a variable, and a default does not replace it.
//   - ArnLike cuts the pattern into fields at the colons that its author wrote. A pattern that is
//     an ARN only through its variables is cut after they have their values.
//   - NotPrincipal exempts a caller only if the whole chain is listed: a user and its account; a
//     session, its role and its account. A caller with a permissions boundary is never exempt.
//   - If the policy of a resource in the caller's account allows "*", boundary and session policies
//     still limit the caller.
//   - If a request within one account comes without a trust policy or a key's policy, that policy
//     is absent and does not count as a policy that allows nothing.
//   - An account's root ARN names the account of its own partition only.
//   - A resource of AWS itself (the account field of its ARN is `aws`) counts as a resource of the
//     caller's account.
//   - Service control policies that are given as an empty list of levels, or with an empty level,
//     allow nothing.
//   - Resource control policies apply to every service. AWS enforces them for some services only; the
//     caller decides when to pass them.
package authz
