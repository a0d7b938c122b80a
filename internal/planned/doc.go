// Package planned turns a planned Terraform resource into edits of the account.
//
// [Edits] takes the type of an `iam_*` resource and its values before and after the change, as
// trees in which a value may be unknown until apply. It returns the edits that the change makes to
// the account, under a key that stays the same whenever the same object is planned again. The
// provider calls it with the values that Terraform plans; a reader of plan files calls it with the
// values in the file.
//
// The package does not import the plugin framework and does not read the account. It refuses a type
// that it does not know, and a value whose kind does not fit the attribute.
package planned
