package simulation

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// ScalarUnknown is the Text of an UnknownNode of which its maker knows that it
// is one string, number or boolean. A context value that is unknown without
// it may as well turn out to be a list: of several values, or an empty one,
// with which the key counts as absent.
const ScalarUnknown = "scalar"

// context reads the object into ctx. It reports whether the context may have
// more keys than are known.
func (d *decoder) context(ctx *authz.Context, node tree.Node, path string) (open bool) {
	switch node.Kind {
	case tree.Unknown:
		d.uncertain = true
		return true
	case tree.Object:
	default:
		d.fail(path, node.Pos, "The context must be an object of key → value; found %s.", node.Kind)
		return false
	}
	if len(node.Members) > maxKeys {
		d.fail(path, node.Pos, "The context has %d keys; at most %d are taken.", len(node.Members), maxKeys)
		return false
	}
	for _, m := range node.Members {
		at := fmt.Sprintf("%s[%q]", path, m.Name)
		if err := d.contextValue(ctx, m, at); err != nil {
			d.fail(at, m.Pos, "%s.", err)
		}
	}
	return false
}

// contextValue sets one key. The error is of the key; what is wrong with the
// value is noted in place.
func (d *decoder) contextValue(ctx *authz.Context, m tree.Member, path string) error {
	value := m.Value
	switch value.Kind {
	case tree.Unknown:
		d.uncertain = true
		if value.Text == ScalarUnknown {
			return ctx.SetUnknownValue(m.Name)
		}
		return ctx.SetUnknown(m.Name)
	case tree.String, tree.Number, tree.Bool:
		return ctx.Set(m.Name, value.Text)
	case tree.Array:
		return d.contextList(ctx, m, path)
	case tree.Null:
		d.fail(path, value.Pos, "The value is null; leave the key out if the request does not have it.")
	default:
		d.fail(path, value.Pos, "A context value is a string, a number, a boolean or a list of them; found %s.", value.Kind)
	}
	return nil
}

func (d *decoder) contextList(ctx *authz.Context, m tree.Member, path string) error {
	values, unknown := make([]string, 0, len(m.Value.Elements)), false
	for i, e := range m.Value.Elements {
		switch e.Kind {
		case tree.Unknown:
			unknown = true
		case tree.String, tree.Number, tree.Bool:
			values = append(values, e.Text)
		case tree.Null:
			d.fail(fmt.Sprintf("%s[%d]", path, i), e.Pos, "A value in the list is null; leave it out.")
		default:
			d.fail(fmt.Sprintf("%s[%d]", path, i), e.Pos, "The values of a context key are strings, numbers or booleans; found %s.", e.Kind)
		}
	}
	if unknown {
		d.uncertain = true
		return ctx.SetUnknown(m.Name)
	}
	return ctx.SetMulti(m.Name, values)
}

// unknownKeys reads the names of keys whose value nobody knows. It reports
// whether there may be more of them.
func (d *decoder) unknownKeys(ctx *authz.Context, node tree.Node, path string) (open bool) {
	elements := node.Elements
	switch node.Kind {
	case tree.Unknown:
		d.uncertain = true
		return true
	case tree.String:
		elements = []tree.Node{node}
	case tree.Array:
	default:
		d.fail(path, node.Pos, "This must be a list of context keys; found %s.", node.Kind)
		return false
	}
	if len(elements) > maxKeys {
		d.fail(path, node.Pos, "There are %d keys; at most %d are taken.", len(elements), maxKeys)
		return false
	}
	for i, e := range elements {
		at := path
		if node.Kind == tree.Array {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		switch e.Kind {
		case tree.Unknown:
			d.uncertain, open = true, true
		case tree.String:
			if err := ctx.SetUnknown(e.Text); err != nil {
				d.fail(at, e.Pos, "%s.", err)
			}
		default:
			d.fail(at, e.Pos, "A context key is a string; found %s.", e.Kind)
		}
	}
	return open
}
