package provider

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// maxDepth is the deepest nesting of an argument. A whole request with its policies needs a dozen
// levels; the bound keeps a hostile value from exhausting the stack.
const maxDepth = 64

// maxNumberBits bounds the numbers that are written out digit by digit. Terraform's own numbers have
// 512 bits, but their exponents may be large enough for a text of gigabytes.
const maxNumberBits = 4096

// nodeOf turns a Terraform value of any type into the tree that the rooms below decode. It is the one
// place where Terraform's types meet theirs:
//
//   - strings, numbers and booleans keep their exact text;
//   - lists, tuples and sets become lists; maps and objects become objects, their members sorted by name;
//   - an unknown value of any type becomes an unknown node;
//   - an object's attribute that is null is left out, because that is how Terraform fills the optional
//     attributes that nobody set. A name that could not be such an attribute, as every condition key with
//     its colon, keeps its null, and so do the elements of maps and lists: there, leaving it out would
//     quietly drop a condition, and the decoders below refuse it instead.
//
// The error names the place inside the value.
func nodeOf(ctx context.Context, value attr.Value) (tree.Node, error) {
	return dynamicDecoder{ctx: ctx}.node(value, "$", 0)
}

// nodeWithContext is nodeOf for a value that holds the context of a request at the given path. There every
// null stays: a key whose value is unknown counts as present, so it must not turn out to be absent later.
func nodeWithContext(ctx context.Context, value attr.Value, at string) (tree.Node, error) {
	return dynamicDecoder{ctx: ctx, contextAt: at}.node(value, "$", 0)
}

type dynamicDecoder struct {
	ctx       context.Context
	contextAt string // the path of the object whose nulls stay
}

func (d dynamicDecoder) node(value attr.Value, path string, depth int) (tree.Node, error) {
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
			return tree.Node{Kind: tree.Unknown, Text: simulation.ScalarUnknown}, nil
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

func (d dynamicDecoder) array(elements []attr.Value, path string, depth int) (tree.Node, error) {
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

func (d dynamicDecoder) object(members map[string]attr.Value, path string, depth int, dropNulls bool) (tree.Node, error) {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	node := tree.Node{Kind: tree.Object, Members: make([]tree.Member, 0, len(names))}
	for _, name := range names {
		child, err := d.node(members[name], policy.MemberPath(path, name), depth+1)
		if err != nil {
			return tree.Node{}, err
		}
		if child.Kind == tree.Null && dropNulls && isIdentifier(name) && path != d.contextAt {
			continue
		}
		node.Members = append(node.Members, tree.Member{Name: name, Value: child})
	}
	return node, nil
}

// isIdentifier reports whether an object type could declare an attribute of this name. It takes ASCII
// names only; the names of policy elements and of arguments all are.
func isIdentifier(name string) bool {
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

// numberText is a number's shortest exact decimal text, as jsonencode writes it. Terraform sends a number
// as an integer, a float64 or a decimal string, so the precision it arrives with says nothing; widening
// it to that of Terraform's own numbers gives every one of them the digits that its author wrote.
func numberText(number *big.Float) (string, error) {
	if number.IsInf() || number.MantExp(nil) > maxNumberBits || number.MantExp(nil) < -maxNumberBits {
		return "", errors.New("the number is too large or too small to be written out") // writing it here would take as long
	}
	wide := new(big.Float).SetPrec(max(512, number.Prec())).Set(number)
	return wide.Text('f', -1), nil
}
