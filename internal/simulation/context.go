package simulation

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// context reads the object of context keys and values into ctx. It reports whether the request may
// have more keys than these.
func (d *decoder) context(ctx *authz.Context, node tree.Node, path string) (incomplete bool) {
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
		d.fail(path, node.Pos, "The context has %d keys; the limit is %d.", len(node.Members), maxKeys)
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

// contextValue sets one key. It returns an error about the key and records errors about the value.
//
// An unknown value that is not known to be a scalar may become a list: of several values, or an
// empty one, with which the key counts as absent.
func (d *decoder) contextValue(ctx *authz.Context, m tree.Member, path string) error {
	value := m.Value
	switch value.Kind {
	case tree.Unknown:
		d.uncertain = true
		if value.Scalar {
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
		at := fmt.Sprintf("%s[%d]", path, i)
		switch e.Kind {
		case tree.Unknown:
			unknown = true
		case tree.String, tree.Number, tree.Bool:
			values = append(values, e.Text)
		case tree.Null:
			d.fail(at, e.Pos, "A value in the list is null; leave it out.")
		default:
			d.fail(at, e.Pos, "The values of a context key are strings, numbers or booleans; found %s.", e.Kind)
		}
	}
	if unknown {
		d.uncertain = true
		return ctx.SetUnknown(m.Name)
	}
	return ctx.SetMulti(m.Name, values)
}

// unknownKeys reads the names of keys that the request has with an unknown value. It reports whether
// the list may get more names.
func (d *decoder) unknownKeys(ctx *authz.Context, node tree.Node, path string) (incomplete bool) {
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
		d.fail(path, node.Pos, "There are %d keys; the limit is %d.", len(elements), maxKeys)
		return false
	}
	for i, e := range elements {
		at := path
		if node.Kind == tree.Array {
			at = fmt.Sprintf("%s[%d]", path, i)
		}
		switch e.Kind {
		case tree.Unknown:
			d.uncertain, incomplete = true, true
		case tree.String:
			if err := ctx.SetUnknown(e.Text); err != nil {
				d.fail(at, e.Pos, "%s.", err)
			}
		default:
			d.fail(at, e.Pos, "A context key is a string; found %s.", e.Kind)
		}
	}
	return incomplete
}
