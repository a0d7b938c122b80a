package review

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// accounts are the account before and after the plan.
type accounts struct {
	before, after *account.Account
	// outside has the ARNs of users and roles that neither the plan nor the account has. They have only the policies that
	// the plan gives them.
	outside map[string]bool
	// missing has the ARNs of managed policies whose text is not known.
	missing map[string]bool
}

// accounts returns the account before the plan, with all objects that Terraform found, and the account after the plan.
func (r *review) accounts() (*accounts, error) {
	out := &accounts{outside: map[string]bool{}, missing: map[string]bool{}}
	base := r.in.Account
	if base != nil {
		if err := checkLiterals(base); err != nil {
			return nil, err
		}
	} else {
		base = account.NewIn(r.partition, r.accountID).WithAWSPolicies(r.in.AWSPolicies)
	}
	edits := r.edits()
	base, err := out.addMissing(base, edits)
	if err != nil {
		return nil, err
	}
	before := func(e *edit) planned.Change {
		return planned.Change{Type: e.change.Type, Before: e.before, After: e.before, Unchanged: true}
	}
	if out.before, err = r.plan(base, edits, func(e *edit) (planned.Change, bool) {
		return before(e), e.before.Kind != tree.Null
	}).Whole(); err != nil {
		return nil, err
	}
	changed := func(e *edit) (planned.Change, bool) {
		c := planned.Change{Type: e.change.Type, Before: e.before, After: e.after,
			Replaced: e.change.Action == planfile.Replace}
		if e.change.CreateFirst && removesItself(&c) {
			c.After, c.Replaced = tree.Node{}, false
		}
		return c, e.change.Action != planfile.NoOp && e.change.Action != planfile.Forget
	}
	r.addConflicts(r.plan(out.before, edits, func(e *edit) (planned.Change, bool) {
		if c, ok := changed(e); ok {
			return c, true
		}
		return before(e), true
	}), edits)
	out.after, err = r.plan(out.before, edits, changed).Whole()
	return out, err
}
