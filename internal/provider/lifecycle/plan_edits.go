package lifecycle

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planvalue"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// planEdits adds the edits of a planned change to the planned account. before and after are the
// values of the resource; one of them may be null. config is its configuration.
func (m *Base) planEdits(ctx context.Context, typeName string, before, after, config tftypes.Value, replaced bool,
	diags *diag.Diagnostics) {
	unchanged := !before.IsNull() && !replaced && before.Equal(after)
	change, err := changeOf(typeName, before, after, replaced, unchanged)
	var key string
	var edits []account.Edit
	if err == nil {
		key, edits, err = planned.Edits(change)
	}
	if err == nil {
		var arguments tree.Node
		if arguments, err = planvalue.Node(config); err == nil {
			found := m.Planned.PlanObjects(change, arguments)
			m.planObjects(ctx, change, found, diags)
			edits, err = m.Planned.HandOver(ctx, found.HandedOver, change, edits)
		}
	}
	if err == nil && key != "" {
		m.Planned.Share(change)
	}
	switch {
	case err != nil:
		diags.AddError("Planned change of "+typeName+" cannot be evaluated", fmt.Sprintf("Translating the change into "+
			"edits of the planned account failed: %s. This is a bug in the provider.", err))
	case key == "": // the type has no effect on access
	case after.IsNull():
		diags.Append(m.Planned.Remove(ctx, key, edits...)...)
	default:
		diags.Append(m.Planned.Put(ctx, key, !before.IsNull(), unchanged, edits...)...)
		m.refuseLosses(ctx, edits, diags)
	}
	if err == nil && !diags.HasError() {
		m.checkPlanned(ctx, change, key, edits, diags)
	}
}

// refuseLosses adds an error if the edits replace a user, group or role, and the plan keeps something that belongs to
// it. Terraform plans everything that refers to an object after the object, and the provider then replaces it too. It
// has planned the lost objects before, because they name their owner by a literal.
func (m *Base) refuseLosses(ctx context.Context, edits []account.Edit, diags *diag.Diagnostics) {
	for _, e := range edits {
		owner, ok := e.(account.PlanIdentity)
		if !ok || owner.From != "" {
			continue
		}
		lost, err := m.Planned.LostWith(ctx, owner.Kind, owner.Name)
		if err != nil {
			m.Store.AddError(diags, err)
		}
		if len(lost) > 0 {
			diags.AddError(fmt.Sprintf("Replacing the %s %q would lose what belongs to it", owner.Kind, owner.Name),
				fmt.Sprintf("Terraform has planned to keep these objects, and replacing the %[1]s removes them:\n\n  - "+
					"%[2]s\n\nThey do not refer to the resource of the %[1]s. Write iam_%[1]s.LABEL.name instead of %[3]q in their "+
					"configuration. LABEL is the label of this resource. Terraform then replaces them together with the %[1]s.",
					owner.Kind, strings.Join(lost, "\n  - "), owner.Name))
		}
	}
}

// changes counts the planned changes of this process.
var changes atomic.Int32

// changeOf returns a planned change for package planned.
func changeOf(typeName string, before, after tftypes.Value, replaced, unchanged bool) (c planned.Change, err error) {
	c = planned.Change{Type: typeName, Replaced: replaced, Unchanged: unchanged, Number: int(changes.Add(1))}
	if c.Before, err = planvalue.Node(before); err != nil {
		return c, err
	}
	c.After, err = planvalue.Node(after)
	return c, err
}
