package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planvalue"
)

// planEdits adds the edits of a planned change to the planned account. before and after are the
// values of the resource; one of them may be null.
func (m *Base) planEdits(ctx context.Context, typeName string, before, after tftypes.Value, replaced bool, diags *diag.Diagnostics) {
	key, edits, err := editsOf(typeName, before, after, replaced)
	switch {
	case err != nil:
		diags.AddError("Planned change of "+typeName+" cannot be evaluated", fmt.Sprintf("Translating the change into "+
			"edits of the planned account failed: %s. This is a bug in the provider.", err))
	case key == "": // the type has no effect on access
	case after.IsNull():
		diags.Append(m.Planned.Remove(ctx, key, edits...)...)
	default:
		diags.Append(m.Planned.Put(ctx, key, !before.IsNull(), edits...)...)
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
