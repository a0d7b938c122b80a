// Package document writes policy documents from the arguments of aws_iam_policy_document, with the same
// text byte for byte, so that moving from the AWS provider to this one changes no plan.
//
// Build makes a document of statement blocks, Parse reads one that is to be merged, Merge lays one over
// another, and JSON writes the result. A document is a tree (package tree) whose members stand in the
// order of the AWS provider; unknown values stay unknown nodes in it. Package policy judges what the
// document means; this package only leads its findings back to the arguments.
package document
