// Package policy is the AWS IAM JSON policy language as text and as a value:
// it parses a document token by token with positions, holds the rules for each
// kind of policy, brings documents into one canonical form and writes them.
//
// A document reaches the package as text ([Parse]) or as a tree ([Decode])
// that something else, such as a Terraform value, was turned into. Either way
// it becomes a [Document], in which any string may be unknown: not known until
// a plan is applied.
//
// Errors come as [Findings], each with a code, a JSON path and, where the
// document came from text, a line and a column. Parse and Decode refuse what a
// decision could not understand; [Check] reports everything else that the
// rules of a [Kind] of policy ask for.
//
// Comments cite the rules of the language by number, as in "rule 14"; the
// tests' cases bear the same numbers.
//
// The package never reads a file, never decides about a request and knows
// neither Terraform nor a store.
package policy
