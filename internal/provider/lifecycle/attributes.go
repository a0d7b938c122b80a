package lifecycle

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// attributes is a plan, a state or a configuration whose attributes can be read.
type attributes interface {
	GetAttribute(ctx context.Context, p path.Path, target any) diag.Diagnostics
}

// setter is a plan or a state whose attributes can be written.
type setter interface {
	SetAttribute(ctx context.Context, p path.Path, value any) diag.Diagnostics
}

// TextOf returns a string attribute.
func TextOf(ctx context.Context, from attributes, name string, diags *diag.Diagnostics) (value types.String) {
	diags.Append(from.GetAttribute(ctx, path.Root(name), &value)...)
	return value
}

// Put writes an attribute.
func Put(ctx context.Context, to setter, name string, value attr.Value, diags *diag.Diagnostics) {
	diags.Append(to.SetAttribute(ctx, path.Root(name), value)...)
}

// JoinID returns the id of an object that belongs to an owner. The id is unknown while the owner or
// the name is unknown.
func JoinID(owner types.String, separator string, name types.String) types.String {
	if owner.IsUnknown() || name.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(owner.ValueString() + separator + name.ValueString())
}

// SplitAt returns a function that splits an id at the first separator, into the name of the owner
// and the rest. Its error contains the example.
func SplitAt(separator, example string) func(id string) ([]string, error) {
	return func(id string) ([]string, error) {
		before, after, found := strings.Cut(id, separator)
		if !found || before == "" || after == "" {
			return nil, fmt.Errorf("%q is not of the form %s", id, example)
		}
		return []string{before, after}, nil
	}
}
