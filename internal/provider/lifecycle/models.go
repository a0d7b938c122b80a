package lifecycle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
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
// the previous text, because the API does not distinguish an empty text from a missing one.
func OptionalText(previous types.String, current *string) types.String {
	if previous.ValueString() == "" && (current == nil || *current == "") {
		return previous
	}
	return types.StringPointerValue(current)
}
