package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// getter is a plan, a state or a configuration.
type getter interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}

var (
	_ getter = tfsdk.Plan{}
	_ getter = tfsdk.State{}
)

// Read reads a plan, a state or a configuration into a model. ok is false after an error.
func Read[M any](ctx context.Context, from getter, diags *diag.Diagnostics) (model M, ok bool) {
	found := from.Get(ctx, &model)
	diags.Append(found...)
	return model, !found.HasError()
}

// Int32Of converts a number for the API. The validators of the schemas keep all numbers far below
// the limit of int32.
func Int32Of(n types.Int64) *int32 {
	number := int32(n.ValueInt64()) // #nosec G115 -- see above
	return &number
}

// OptionalText returns an optional text from the API. If it and the previous text are both empty, OptionalText returns
// the previous text, because the API does not distinguish an empty text from a missing one. After an import it returns
// an empty text, which suits a configuration with an empty text as well as one without the argument.
func OptionalText(previous types.String, imported bool, current *string) types.String {
	switch {
	case current != nil && *current != "" || previous.ValueString() != "":
		return types.StringPointerValue(current)
	case imported:
		return types.StringValue("")
	}
	return previous
}

// KeepEmptyText is the plan modifier of an optional text that [OptionalText] reads. For a configuration without the
// argument, it plans the empty text of the state, which is what an import or a move from the AWS provider leaves, or
// null. The argument must also be computed: Terraform allows no other plan than null for other arguments.
func KeepEmptyText() planmodifier.String { return keepEmptyText{} }

type keepEmptyText struct{}

// Description describes the modifier.
func (keepEmptyText) Description(context.Context) string { return "Keeps an empty text." }

// MarkdownDescription describes the modifier.
func (m keepEmptyText) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyString plans the empty text of the state, or null, if the configuration has no text.
func (keepEmptyText) PlanModifyString(_ context.Context, req planmodifier.StringRequest,
	resp *planmodifier.StringResponse) {
	if !req.ConfigValue.IsNull() {
		return
	}
	resp.PlanValue = types.StringNull()
	if !req.StateValue.IsNull() && req.StateValue.ValueString() == "" {
		resp.PlanValue = req.StateValue
	}
}
