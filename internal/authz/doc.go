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
//   - [Policies.Statements] shows what was compiled, for code that asks other questions. Such code
//     needs no second evaluator: patterns answer for themselves (package pattern), and a request
//     that it finds is put to Decide.
//
// The package never looks anything up: it has no clock, no account and no list of services. The
// caller passes everything in, and a context key that the caller does not give is absent. Compiling
// refuses whatever the package cannot decide about.
//
// # Unknown values
//
// A text of a policy, a part of the request or the value of a context key may be known only later,
// as in a Terraform plan. The answer is then definite only if every possible value leads to it.
// Otherwise it is Unknown.
//
// # Rules
//
// Comments cite the rules of the policy language by number, as in "rule 47". The cases of package
// reference, which tests compare this package with, bear the same numbers.
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
//   - A plain operator on a multivalued key compares nothing: it is false if positive and true if
//     negated. Explain notes it.
//   - A set operator or Null takes a key with no values, or with the empty string alone, as absent.
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
//   - A grant to "*" in the policy of a resource in the caller's account reaches the caller within
//     the limits of boundary and session policies.
//   - If a request within one account comes without a trust policy or a key's policy, that policy
//     counts as not given, rather than as silent.
//   - An account's root ARN names the account of its own partition only.
//   - What AWS itself owns (the account field of its ARN is `aws`) counts as the caller's own.
//   - Service control policies that are given as an empty list of levels, or with an empty level,
//     allow nothing.
//   - Resource control policies count for whatever service they are given for. The caller knows for
//     which services AWS enforces them.
package authz
