package dynamic

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// maxDepth is the deepest nesting of a value. A whole request with its policies needs a dozen levels;
// the bound keeps a hostile value from exhausting the stack.
const maxDepth = 64

// Decode turns a Terraform value of any type into a tree:
//
//   - strings, numbers and booleans keep their exact text;
//   - lists, tuples and sets become arrays; maps and objects become objects with their members sorted by name;
//   - an unknown value of any type becomes an unknown node;
//   - Decode drops an attribute of an object that is null, because Terraform fills the optional attributes
//     that the author left out with null. A name that is not a valid attribute name, such as a condition
//     key with its colon, keeps its null, and so do the elements of maps and lists. Dropping those would
//     silently remove a condition, so the packages that read the tree refuse them instead.
//
// An error names the position inside the value.
func Decode(ctx context.Context, value attr.Value) (tree.Node, error) {
	return decoder{ctx: ctx}.node(value, "$", 0)
}

// DecodeRequest decodes a value that holds the context of a request at the path contextPath. Every null
// below that path stays: a context key with an unknown value counts as present, so it must not turn out
// to be absent later.
func DecodeRequest(ctx context.Context, value attr.Value, contextPath string) (tree.Node, error) {
	return decoder{ctx: ctx, contextPath: contextPath}.node(value, "$", 0)
}

type decoder struct {
	ctx         context.Context
	contextPath string // the path of the object whose nulls stay
}

func (d decoder) node(value attr.Value, path string, depth int) (tree.Node, error) {
	if dynamic, ok := value.(basetypes.DynamicValuable); ok {
		inner, diags := dynamic.ToDynamicValue(d.ctx)
		if diags.HasError() {
			return tree.Node{}, fmt.Errorf("%s: the value cannot be read: %s", path, diags[0].Detail())
		}
		if inner.IsUnknown() || inner.IsUnderlyingValueUnknown() {
			return tree.Node{Kind: tree.Unknown}, nil
		}
		if inner.IsNull() || inner.IsUnderlyingValueNull() {
			return tree.Node{Kind: tree.Null, Text: "null"}, nil
		}
		return d.node(inner.UnderlyingValue(), path, depth)
	}
	switch {
	case depth > maxDepth:
		return tree.Node{}, fmt.Errorf("%s: the value is nested more than %d levels deep", path, maxDepth)
	case value == nil || value.IsNull():
		return tree.Node{Kind: tree.Null, Text: "null"}, nil
	case value.IsUnknown():
		switch value.(type) {
		case basetypes.StringValue, basetypes.NumberValue, basetypes.BoolValue:
			return tree.Node{Kind: tree.Unknown, Scalar: true}, nil
		}
		return tree.Node{Kind: tree.Unknown}, nil
	}
	switch v := value.(type) {
	case basetypes.StringValue:
		return tree.Node{Kind: tree.String, Text: v.ValueString()}, nil
	case basetypes.BoolValue:
		return tree.Node{Kind: tree.Bool, Text: strconv.FormatBool(v.ValueBool())}, nil
	case basetypes.NumberValue:
		text, err := numberText(v.ValueBigFloat())
		if err != nil {
			return tree.Node{}, fmt.Errorf("%s: %w", path, err)
		}
		return tree.Node{Kind: tree.Number, Text: text}, nil
	case basetypes.ListValue:
		return d.array(v.Elements(), path, depth)
	case basetypes.TupleValue:
		return d.array(v.Elements(), path, depth)
	case basetypes.SetValue:
		return d.array(v.Elements(), path, depth)
	case basetypes.MapValue:
		return d.object(v.Elements(), path, depth, false)
	case basetypes.ObjectValue:
		return d.object(v.Attributes(), path, depth, true)
	}
	return tree.Node{}, fmt.Errorf("%s: a value of type %s cannot be used here", path, value.Type(d.ctx))
}

func (d decoder) array(elements []attr.Value, path string, depth int) (tree.Node, error) {
	node := tree.Node{Kind: tree.Array, Elements: make([]tree.Node, 0, len(elements))}
	for i, element := range elements {
		child, err := d.node(element, path+"["+strconv.Itoa(i)+"]", depth+1)
		if err != nil {
			return tree.Node{}, err
		}
		node.Elements = append(node.Elements, child)
	}
	return node, nil
}

func (d decoder) object(members map[string]attr.Value, path string, depth int, dropNulls bool) (tree.Node, error) {
	node := tree.Node{Kind: tree.Object, Members: make([]tree.Member, 0, len(members))}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		child, err := d.node(members[name], policy.MemberPath(path, name), depth+1)
		if err != nil {
			return tree.Node{}, err
		}
		if child.Kind == tree.Null && dropNulls && isAttributeName(name) && path != d.contextPath {
			continue
		}
		node.Members = append(node.Members, tree.Member{Name: name, Value: child})
	}
	return node, nil
}

// isAttributeName reports whether an object type could declare an attribute of this name. Only ASCII
// names count; the names of all policy elements and arguments are ASCII.
func isAttributeName(name string) bool {
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case i > 0 && (c >= '0' && c <= '9' || c == '-'):
		default:
			return false
		}
	}
	return name != ""
}
