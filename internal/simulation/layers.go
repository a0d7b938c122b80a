package simulation

import (
	"errors"
	"fmt"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// layer reads a field that contains policies.
func (d *decoder) layer(c *Case, name string, node tree.Node) {
	p := &c.Policies
	switch name {
	case "identity":
		p.Identity = d.policyLayer(authz.Identity, node, name)
	case "group":
		p.Group = d.policyLayer(authz.Group, node, name)
	case "session":
		// A session created without session policies is not limited by any, so an empty list is the
		// same as no list.
		if layer := d.policyLayer(authz.Session, node, name); !isEmpty(&node) {
			p.Session = layer
		}
	case "boundary":
		p.Boundary = d.singlePolicyLayer(authz.Boundary, node, name)
		c.unknownBoundary = node.Kind == tree.Unknown
	case "resource_policy":
		p.ResourcePolicy = d.singlePolicyLayer(authz.ResourcePolicy, node, name)
	case "vpce":
		p.Endpoint = d.singlePolicyLayer(authz.Endpoint, node, name)
	case "scps":
		p.ServiceControl, c.levelsWithoutAllow = d.leveledLayers(authz.ServiceControl, node, name)
	case "rcps":
		p.ResourceControl, _ = d.leveledLayers(authz.ResourceControl, node, name)
	}
}

// unknownResourcePolicy reads whether the resource has a policy that is not known. A value that is not known yet counts
// as true: a policy with unknown statements leads to every outcome that another policy, or none, could lead to.
func (d *decoder) unknownResourcePolicy(c *Case, node tree.Node) {
	const name = "unknown_resource_policy"
	switch {
	case node.Kind == tree.Unknown:
		d.uncertain = true
	case node.Kind != tree.Bool:
		d.fail(name, node.Pos, "This must be true or false; found %s.", node.Kind)
		return
	case node.Text != "true":
		return
	default:
		c.unknownResourcePolicy = true
	}
	c.Policies.ResourcePolicy = d.compile(authz.ResourcePolicy, 0,
		[]authz.Policy{{Name: name, Document: &policy.Document{Unknown: true}}})
}

// isEmpty reports whether a set of policies is empty.
func isEmpty(node *tree.Node) bool {
	return (node.Kind == tree.Array || node.Kind == tree.Object) && len(node.Elements)+len(node.Members) == 0
}

// policyLayer reads a layer with any number of policies.
func (d *decoder) policyLayer(kind authz.LayerKind, node tree.Node, path string) *authz.Layer {
	return d.compile(kind, 0, d.policySet(kind, 0, node, path))
}

// singlePolicyLayer reads a layer with exactly one policy.
func (d *decoder) singlePolicyLayer(kind authz.LayerKind, node tree.Node, path string) *authz.Layer {
	before := len(d.errors)
	policies := d.policySet(kind, 0, node, path)
	if len(d.errors) == before && len(policies) != 1 {
		d.fail(path, node.Pos, "There must be exactly one policy here, or the field left out; found %d.", len(policies))
	}
	return d.compile(kind, 0, policies)
}

// leveledLayers reads the levels of a layer, from the organization's root to the account. The layers
// are never nil for a valid field: an empty list of levels allows nothing, nil means "not in use". The
// second result has the levels that contain policies and no Allow statement.
func (d *decoder) leveledLayers(kind authz.LayerKind, node tree.Node, path string) ([]*authz.Layer, []int) {
	if node.Kind == tree.Unknown {
		// One unknown level may allow or deny anything. It covers every outcome that other levels,
		// or none, could lead to.
		node = tree.Node{Kind: tree.Array, Elements: []tree.Node{node}}
	}
	if node.Kind != tree.Array {
		d.fail(path, node.Pos, "This must be a list of levels, from the organization's root to the account, "+
			"each with its policies; found %s.", node.Kind)
		return nil, nil
	}
	if len(node.Elements) > maxLevels {
		d.fail(path, node.Pos, "There are %d levels; the limit is %d.", len(node.Elements), maxLevels)
		return nil, nil
	}
	if flat := slices.DeleteFunc(slices.Clone(node.Elements), isLevel); len(flat) > 1 {
		d.fail(path, flat[0].Pos, "The list has %d policies that are not in a level, so it is not clear which of them "+
			"belong to one level. Give each level a list of its own: [[A, B]] for two policies of one level, "+
			"[[A], [B]] for two levels.", len(flat))
		return nil, nil
	}
	layers := make([]*authz.Layer, 0, len(node.Elements))
	var withoutAllow []int
	for i, level := range node.Elements {
		at := fmt.Sprintf("%s[%d]", path, i)
		if level.Kind == tree.Null {
			d.fail(at, level.Pos, "The level is null; leave it out, or give an empty list for a level "+
				"without policies.")
			continue
		}
		policies := d.policySet(kind, i, level, at)
		if len(policies) > 0 && !slices.ContainsFunc(policies, mayAllow) {
			withoutAllow = append(withoutAllow, i)
		}
		layers = append(layers, d.compile(kind, i, policies))
	}
	return layers, withoutAllow
}

// isLevel reports whether an element of a list of levels is a level with its policies, and not a policy itself.
func isLevel(node tree.Node) bool {
	return node.Kind != tree.String && (node.Kind != tree.Object || !isDocument(&node))
}

// mayAllow reports whether a policy has a statement that may allow something.
func mayAllow(p authz.Policy) bool {
	return p.Document.Unknown || slices.ContainsFunc(p.Document.Statements, func(s policy.Statement) bool {
		return s.Effect.Value != string(policy.Deny)
	})
}

// compile compiles the policies of a layer. Errors become errors of the fields that contain the policies.
func (d *decoder) compile(kind authz.LayerKind, level int, policies []authz.Policy) *authz.Layer {
	if len(d.errors) > 0 {
		for i := range policies { // only for more errors; the question is refused anyway
			d.compileForErrors(kind, level, policies[i])
		}
		return nil
	}
	layer, err := authz.CompileLayer(kind, policies)
	if err != nil {
		for i := range policies {
			d.compileForErrors(kind, level, policies[i])
		}
		return nil
	}
	return layer
}

// compileForErrors compiles one policy on its own and records its error.
func (d *decoder) compileForErrors(kind authz.LayerKind, level int, p authz.Policy) {
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
		out.setPolicyPos(origin, compile.Pos)
	}
	d.errors = append(d.errors, out)
}

// setPolicyPos stores a position inside a policy: in Pos if the policy is part of the question's text,
// otherwise in Within.
func (e *Error) setPolicyPos(origin Origin, pos tree.Pos) {
	switch {
	case !pos.Known():
	case origin.Form == Inline:
		e.Pos = pos
	default:
		e.Within = pos
	}
}

// sentence returns s with a capital letter at its start and a full stop at its end.
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
