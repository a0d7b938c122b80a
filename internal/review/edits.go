package review

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// edit is a resource of the plan that makes edits of an account.
type edit struct {
	change *planfile.Change
	// before and after have the attributes, without references to policies that are not known.
	before, after tree.Node
}

// edits returns the resources of the plan that concern an account.
func (r *review) edits() []edit {
	var out []edit
	for i := range r.in.Plan.Changes {
		c := &r.in.Plan.Changes[i]
		if c.IsData || !isIAM(c.Type) {
			continue
		}
		if id, yes := r.otherAccount(c); yes {
			if c.Action != planfile.NoOp {
				r.notJudged(c, "It belongs to the account "+id+", and this review is about the account "+r.accountID+
					". Review each account of the plan, with --account-id or --account-file.")
			}
			continue
		}
		if r.in.Plan.MayBeElsewhere(c) {
			if c.Action != planfile.NoOp {
				r.notJudged(c, "Its provider configuration may manage another account than the others of the plan, and the plan "+
					"does not tell which. Give it allowed_account_ids.")
			}
			continue
		}
		err := r.tryEdits(c)
		switch {
		case err == nil:
			out = append(out, edit{change: c, before: c.Before, after: c.After})
		case c.Action == planfile.NoOp && errors.Is(err, planned.ErrUnknownType): // whatever it does, it does already
		default:
			r.notJudged(c, "Its effect on access is not known: "+err.Error()+".")
		}
	}
	return out
}

// tryEdits returns an error if the effect of a resource on an account is not known, or if it has a document that cannot
// be evaluated. One such resource would make the whole account unusable.
func (r *review) tryEdits(c *planfile.Change) error {
	for _, value := range []tree.Node{c.Before, c.After} {
		if value.Kind == tree.Null {
			continue
		}
		_, made, err := planned.Edits(planned.Change{Type: c.Type, After: value})
		if err != nil {
			return err
		}
		if err := account.NewPlan(account.NewIn(r.partition, r.accountID)).Check(made...); err != nil {
			return err
		}
	}
	return nil
}

// isIAM reports whether a type of resource may change an account.
func isIAM(typeName string) bool {
	return strings.HasPrefix(typeName, "iam_") || strings.HasPrefix(typeName, "aws_iam_")
}

// plan plans changes of resources of an account. A resource that cannot be planned is left out and not judged.
func (r *review) plan(of *account.Account, edits []edit, change func(*edit) (planned.Change, bool)) *account.Plan {
	plan := account.NewPlan(of)
	for i := range edits {
		e := &edits[i]
		c, ok := change(e)
		if !ok {
			continue
		}
		c.Number = i
		_, made, err := planned.Edits(c)
		if err != nil {
			r.notJudged(e.change, "Its effect on access is not known: "+err.Error()+".")
			continue
		}
		if !c.Unchanged {
			// What stays must not undo the change of another resource, such as the removal of a second attachment of the
			// same policy.
			made = slices.DeleteFunc(made, account.IsKept)
		}
		// An object that is forgotten and created again has two changes with one address.
		plan.Put(editKey(e.change, i), made...)
	}
	return plan
}

// removesItself reports whether a resource is replaced by one that stands for the same attachment or inline policy. If
// Terraform creates the new one first, which changes nothing, then destroying the old one removes both.
func removesItself(c *planned.Change) bool {
	switch strings.TrimPrefix(c.Type, "aws_") {
	case "iam_user_policy", "iam_group_policy", "iam_role_policy", "iam_user_policy_attachment",
		"iam_group_policy_attachment", "iam_role_policy_attachment":
		before, after := planned.Objects(c.Type, c.Before), planned.Objects(c.Type, c.After)
		return len(before) > 0 && slices.Equal(before, after)
	}
	return false
}

func editKey(c *planfile.Change, number int) string { return fmt.Sprintf("%s %d", c.Address, number) }

// addConflicts adds the resources that set the same thing to different values. The last one that Terraform applies
// wins, and the account has any one of them.
func (r *review) addConflicts(plan *account.Plan, edits []edit) {
	changes := map[string]*planfile.Change{}
	for i := range edits {
		changes[editKey(edits[i].change, i)] = edits[i].change
	}
	for _, conflict := range plan.Conflicts() {
		isChanged := func(key string) bool { return changes[key].Action != planfile.NoOp }
		if !slices.ContainsFunc(conflict.Keys, isChanged) {
			continue
		}
		var addresses []string
		for _, key := range conflict.Keys {
			addresses = append(addresses, changes[key].Address)
		}
		for _, key := range conflict.Keys {
			r.notJudged(changes[key], fmt.Sprintf("The resources %s of this plan set the %s. The one that Terraform applies "+
				"last takes effect.", strings.Join(addresses, " and "), conflict.What))
		}
	}
}

func deposed(c *planfile.Change) string {
	if c.Deposed {
		return " (deposed)"
	}
	return ""
}
