package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planvalue"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// planEdits adds the edits of a planned change to the planned account. before and after are the
// values of the resource; one of them may be null.
func (m *Base) planEdits(ctx context.Context, typeName string, before, after tftypes.Value, replaced bool,
	diags *diag.Diagnostics) {
	unchanged := !before.IsNull() && !replaced && before.Equal(after)
	change, err := changeOf(typeName, before, after, replaced, unchanged)
	var key string
	var edits []account.Edit
	if err == nil {
		key, edits, err = planned.Edits(change)
	}
	if err == nil && unchanged {
		m.warnIfLost(ctx, typeName, change.After, diags)
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
	}
}

// warnIfLost warns that an unchanged resource loses its object in apply, because the plan replaces the user, group or
// role that the object belongs to. Terraform plans a resource with replace_triggered_by first as unchanged too, so the
// warning says what it depends on.
func (m *Base) warnIfLost(ctx context.Context, typeName string, value tree.Node, diags *diag.Diagnostics) {
	for _, owner := range planned.Owners(typeName, value) {
		replaced, err := m.Planned.Replaces(ctx, owner.Kind, owner.Name)
		switch {
		case err != nil:
			m.Store.AddError(diags, err)
			return
		case replaced:
			diags.AddWarning(fmt.Sprintf("The %s %q is replaced, and this %s is lost unless it is replaced too", owner.Kind,
				owner.Name, typeName), fmt.Sprintf("Replacing the %[1]s removes everything that belongs to it. The next apply "+
				"would add this object again. To add it in the same apply, write in this resource:\n\n  lifecycle {\n    "+
				"replace_triggered_by = [iam_%[1]s.LABEL.unique_id]\n  }\n\nLABEL is the label of the resource iam_%[1]s that "+
				"manages %[2]q.", owner.Kind, owner.Name))
		}
	}
}

// changeOf returns a planned change for package planned.
func changeOf(typeName string, before, after tftypes.Value, replaced, unchanged bool) (c planned.Change, err error) {
	c = planned.Change{Type: typeName, Replaced: replaced, Unchanged: unchanged}
	if c.Before, err = planvalue.Node(before); err != nil {
		return c, err
	}
	c.After, err = planvalue.Node(after)
	return c, err
}
