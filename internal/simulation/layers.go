package simulation

import (
	"errors"
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// layer reads a field that holds policies.
func (d *decoder) layer(c *Case, name string, node tree.Node) {
	p := &c.Policies
	switch name {
	case "identity":
		p.Identity = d.many(authz.Identity, node, name)
	case "group":
		p.Group = d.many(authz.Group, node, name)
	case "session":
		// A session made without passing policies is not limited by any: an
		// empty list is the same as none.
		if layer := d.many(authz.Session, node, name); !isEmpty(&node) {
			p.Session = layer
		}
	case "boundary":
		p.Boundary = d.one(authz.Boundary, node, name)
		c.unknownBoundary = node.Kind == tree.Unknown
	case "resource_policy":
		p.ResourcePolicy = d.one(authz.ResourcePolicy, node, name)
	case "vpce":
		p.Endpoint = d.one(authz.Endpoint, node, name)
	case "scps":
		p.ServiceControl = d.levels(authz.ServiceControl, node, name)
	case "rcps":
		p.ResourceControl = d.levels(authz.ResourceControl, node, name)
	}
}

// isEmpty reports whether a set of policies has none in it.
func isEmpty(node *tree.Node) bool {
	return (node.Kind == tree.Array || node.Kind == tree.Object) && len(node.Elements)+len(node.Members) == 0
}

// many reads a layer of any number of policies.
func (d *decoder) many(kind authz.LayerKind, node tree.Node, path string) *authz.Layer {
	return d.compile(kind, 0, d.set(kind, 0, node, path))
}

// one reads a layer that has exactly one policy.
func (d *decoder) one(kind authz.LayerKind, node tree.Node, path string) *authz.Layer {
	before := len(d.errors)
	policies := d.set(kind, 0, node, path)
	if len(d.errors) == before && len(policies) != 1 {
		d.fail(path, node.Pos, "There must be exactly one policy here, or the field left out; found %d.", len(policies))
	}
	return d.compile(kind, 0, policies)
}

// levels reads a layer that has levels, from the organization's root to the
// account. The result is not nil, since given levels are not the same as none.
func (d *decoder) levels(kind authz.LayerKind, node tree.Node, path string) []*authz.Layer {
	if node.Kind == tree.Unknown {
		// One level that may allow or deny anything: that leaves open all that
		// other levels, or none of them, could say.
		node = tree.Node{Kind: tree.Array, Elements: []tree.Node{node}}
	}
	if node.Kind != tree.Array {
		d.fail(path, node.Pos, "This must be a list of levels, from the organization's root to the account, each with its policies; found %s.", node.Kind)
		return nil
	}
	if len(node.Elements) > maxLevels {
		d.fail(path, node.Pos, "There are %d levels; at most %d are taken.", len(node.Elements), maxLevels)
		return nil
	}
	layers := make([]*authz.Layer, 0, len(node.Elements))
	for i, level := range node.Elements {
		at := fmt.Sprintf("%s[%d]", path, i)
		if level.Kind == tree.Null {
			d.fail(at, level.Pos, "The level is null; leave it out, or give an empty list for a level without policies.")
			continue
		}
		layers = append(layers, d.compile(kind, i, d.set(kind, i, level, at)))
	}
	return layers
}

// compile hands policies to authz, whose errors become errors of the fields
// that the policies were given in.
func (d *decoder) compile(kind authz.LayerKind, level int, policies []authz.Policy) *authz.Layer {
	if len(d.errors) > 0 {
		for i := range policies { // for its errors; the question is lost anyway
			d.compileOne(kind, level, policies[i])
		}
		return nil
	}
	layer, err := authz.CompileLayer(kind, policies)
	if err != nil {
		for i := range policies {
			d.compileOne(kind, level, policies[i])
		}
		return nil
	}
	return layer
}

func (d *decoder) compileOne(kind authz.LayerKind, level int, p authz.Policy) {
	_, err := authz.CompileLayer(kind, []authz.Policy{p})
	if err == nil {
		return
	}
	origin := d.origins[originKey{kind, level, p.Name}]
	out := &Error{Path: origin.Path, Pos: origin.Pos, Source: origin.Source, Message: err.Error() + "."}
	var compile *authz.CompileError
	if errors.As(err, &compile) {
		out.Message = sentence(compile.Reason.Error())
		out.JSONPath = fmt.Sprintf("$.Statement[%d]", compile.Statement)
		if p.Document.SingleStatement {
			out.JSONPath = "$.Statement"
		}
		out.place(origin, compile.Pos)
	}
	d.errors = append(d.errors, out)
}

// place puts a position inside of a policy where it belongs.
func (e *Error) place(origin Origin, pos tree.Pos) {
	switch {
	case !pos.Known():
	case origin.Form == InPlace:
		e.Pos = pos
	default:
		e.Within = pos
	}
}

// sentence makes a reason a sentence.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if c := s[0]; 'a' <= c && c <= 'z' {
		s = string(c-'a'+'A') + s[1:]
	}
	if s[len(s)-1] != '.' {
		s += "."
	}
	return s
}
