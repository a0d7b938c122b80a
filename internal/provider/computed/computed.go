// Package computed builds the computed attributes of data sources: their schemas, and their values from Go
// values.
package computed

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// String returns the schema of a computed string.
func String(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// Strings returns the schema of a computed list of strings.
func Strings(description string) schema.ListAttribute {
	return schema.ListAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: description}
}

// Tags returns the schema of the tags of an object.
func Tags() schema.MapAttribute {
	return schema.MapAttribute{
		ElementType: types.StringType, Computed: true, MarkdownDescription: "The tags, by key.",
	}
}

// Rows returns the schema of a list of objects whose attributes are strings. columns describes them by name.
func Rows(description string, columns map[string]string) schema.ListNestedAttribute {
	attributes := map[string]schema.Attribute{}
	for name, text := range columns {
		attributes[name] = String(text)
	}
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}

// RowType returns the type of an object whose attributes are strings with these names.
func RowType(names ...string) types.ObjectType {
	out := types.ObjectType{AttrTypes: map[string]attr.Type{}}
	for _, name := range names {
		out.AttrTypes[name] = types.StringType
	}
	return out
}

// RowList returns a list of objects of a type, from Go structs with tfsdk tags.
func RowList[T any](ctx context.Context, of types.ObjectType, from []T, diags *diag.Diagnostics) types.List {
	if from == nil {
		from = []T{}
	}
	list, found := types.ListValueFrom(ctx, of, from)
	diags.Append(found...)
	return list
}

// StringList returns a list of strings, which is empty rather than null for nil.
func StringList(texts []string) types.List {
	values := make([]attr.Value, 0, len(texts))
	for _, text := range texts {
		values = append(values, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, values)
}

// StringOrNull returns a string, or null for an empty text.
func StringOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// NumberMap returns a map of numbers.
func NumberMap[N int32 | int64](numbers map[string]N) types.Map {
	values := make(map[string]attr.Value, len(numbers))
	for name, number := range numbers {
		values[name] = types.Int64Value(int64(number))
	}
	return types.MapValueMust(types.Int64Type, values)
}
