// Package planned turns a planned Terraform resource into edits of the account.
//
// [Edits] takes the type of an `iam_*` resource and its values before and after the change, as
// trees in which a value may be unknown until apply. It returns the edits that the change makes to
// the account, under a key that stays the same whenever the same object is planned again. The
// provider calls it with the values that Terraform plans; a reader of plan files calls it with the
// values in the file.
//
// The package knows no plugin framework and reads no account. It refuses what it does not
// understand: a type it does not know, or a value of another kind than the type has.
package planned
