// Package planned turns a planned Terraform resource into edits of the account.
//
// [Edits] takes the type of an `iam_*` or `aws_iam_*` resource and its values before and after the change, as trees in
// which a value may be unknown until apply. It returns the edits that the change makes to the account, under a key that
// stays the same whenever the same object is planned again. The provider calls it with the values that Terraform plans;
// a reader of plan files calls it with the values in the file.
//
// The resources of the AWS provider differ in three ways. A new one has no known ARN: [Predict] fills in what follows
// from the name, the account and the region. Some read more from AWS than the configuration says, so that only the
// difference between the values counts. And other resources than roles have policies, which [ResourcePolicies] finds.
//
// A part of a text that is known only after apply is a [Hole].
//
// The package does not import the plugin framework and does not read the account. It refuses a type that it does not
// know, and a value whose kind does not fit the attribute.
package planned
