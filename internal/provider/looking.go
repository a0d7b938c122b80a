package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// What data sources have in common.

// openIfExists opens the account. It returns nil if there is none yet, so that there is nothing in it.
func (d *dataSourceBase) openIfExists(ctx context.Context, diags *diag.Diagnostics) *engine.Engine {
	e, err := d.store.existing(ctx)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		storeError(diags, d.store, err)
	}
	if err != nil {
		return nil
	}
	return e
}

// openExisting opens the account to read something that must exist. what names it, such as `user "alice"`.
func (d *dataSourceBase) openExisting(ctx context.Context, what string, diags *diag.Diagnostics) (*engine.Client, bool) {
	e := d.openIfExists(ctx, diags)
	if diags.HasError() {
		return nil, false
	}
	if e == nil {
		diags.AddError("Not found: "+what, fmt.Sprintf("There is no account at %s yet: it is made when something is first created in it. If another file was meant, name it with the provider's argument store or with %s.",
			d.store.options.Path, storeVariable))
		return nil, false
	}
	return e.As(d.store.caller), true
}

// notFound says that something that must be there is not, or why it cannot be read.
func notFound(diags *diag.Diagnostics, what string, err error) {
	if isMissing(err) {
		diags.AddError("Not found: "+what, errorText(err))
		return
	}
	addFailure(diags, "reading "+what, err)
}

func answer(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func tagAnswer() schema.MapAttribute {
	return schema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "The tags, by key."}
}

// rows are objects of a list, from Go structs with tfsdk tags.
func rows[T any](ctx context.Context, of types.ObjectType, from []T, diags *diag.Diagnostics) types.List {
	if from == nil {
		from = []T{}
	}
	list, found := types.ListValueFrom(ctx, of, from)
	diags.Append(found...)
	return list
}

// columns are the type of a row of texts.
func columns(names ...string) types.ObjectType {
	out := types.ObjectType{AttrTypes: map[string]attr.Type{}}
	for _, name := range names {
		out.AttrTypes[name] = types.StringType
	}
	return out
}

// rowsOf is a list of rows whose columns are described, by name.
func rowsOf(description string, columns map[string]string) schema.ListNestedAttribute {
	attributes := map[string]schema.Attribute{}
	for name, text := range columns {
		attributes[name] = answer(text)
	}
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description, NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}

func textList(texts []string) types.List {
	values := make([]attr.Value, 0, len(texts))
	for _, text := range texts {
		values = append(values, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, values)
}

func numberMap[N int32 | int64](numbers map[string]N) types.Map {
	values := make(map[string]attr.Value, len(numbers))
	for name, number := range numbers {
		values[name] = types.Int64Value(int64(number))
	}
	return types.MapValueMust(types.Int64Type, values)
}
