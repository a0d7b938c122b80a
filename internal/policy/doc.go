// Package policy implements the AWS IAM JSON policy language. It parses documents
// with positions, checks the rules for each kind of policy, converts documents to
// a canonical form, and writes them as JSON.
//
// [Parse] reads a document from text, and [Decode] from a tree, such as a converted
// Terraform value. Both return a [Document], in which any string may be unknown
// until a plan is applied. Parse a text once and pass the Document on.
//
// Errors are [Findings], each with a code, a JSON path and, for a document from
// text, a line and a column. Parse and Decode refuse a document that no evaluator
// could understand; [Check] reports violations of the other rules of a [Kind] of
// policy.
//
// Comments cite the rules of the language by number, as in "rule 14". The names of
// the test cases begin with the same numbers.
//
// The package never reads a file, never decides a request, and knows neither
// Terraform nor a store.
package policy
