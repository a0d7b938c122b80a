// Package document writes policy documents from the arguments of aws_iam_policy_document, with the same
// text byte for byte, so that moving from the AWS provider to this one changes no plan.
//
// Build builds a document from statement blocks. Parse reads a document for merging, Merge merges
// one document into another, and JSON writes the result. A document is a tree (package tree) whose
// members are in the order of the AWS provider. An unknown value is an unknown node. Package policy
// checks the document; this package maps the findings to the arguments that caused them.
package document
