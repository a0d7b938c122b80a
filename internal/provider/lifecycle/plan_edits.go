package lifecycle

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planvalue"
)

// planEdits lays the edits of a planned change over the planned account. before and after are the
// values of the resource; one of them may be null.
func (m *Base) planEdits(typeName string, before, after tftypes.Value, replaced bool, diags *diag.Diagnostics) {
	key, edits, err := editsOf(typeName, before, after, replaced)
	switch {
	case err != nil:
		diags.AddError("Planned change cannot be applied to the planned account", fmt.Sprintf("Translating the "+
			"planned change: %s. This is a bug in the provider.", err))
	case key == "": // a type without effect on access
	case after.IsNull():
		diags.Append(m.Planned.Remove(key, edits...)...)
	default:
		diags.Append(m.Planned.Put(key, !before.IsNull(), edits...)...)
	}
}

func editsOf(typeName string, before, after tftypes.Value, replaced bool) (key string, edits []account.Edit,
	err error) {
	c := planned.Change{Type: typeName, Replaced: replaced}
	if c.Before, err = planvalue.Node(before); err != nil {
		return "", nil, err
	}
	if c.After, err = planvalue.Node(after); err != nil {
		return "", nil, err
	}
	return planned.Edits(c)
}
