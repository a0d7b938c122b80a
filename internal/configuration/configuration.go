// Package configuration evaluates expressions of a Terraform configuration from its .tf files.
//
// A policy document that jsonencode writes with one unknown part is wholly unknown in a plan file. The source of the
// configuration has the known parts. The package calls no provider, loads nothing from a network and reads only files
// below the folder that it is given.
//
// A value that is known only after apply becomes a hole inside a text, and an unknown node in other places. The result
// is true for every value of the holes: a part that a function or a condition computes from such a value is unknown.
// The source cannot write a hole itself. An expression that the package does not support is unknown, and the rest of
// the value is not lost.
package configuration

import (
	"crypto/rand"
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"github.com/zclconf/go-cty/cty"
)

// Configuration is the source of a root module and of its local child modules.
type Configuration struct {
	// views has a second view if the source has .tofu files. OpenTofu reads them, and Terraform does not.
	views []*view

	mu sync.Mutex
	// evaluators store the values of local values, outputs and variables for as long as the plan's values are the same:
	// two for each view.
	evaluators []*evaluator
	generation int // of the evaluators
	spent      int // work of all evaluations
}

// Load reads the .tf and .tf.json files of the root module in a folder, and those of the modules that it calls: local
// ones, and those that `terraform init` has downloaded. files must not follow symbolic links that lead outside of the
// configuration, as the file system of an os.Root does.
//
// Load fails if it cannot read one of the files. The error has the file and the line.
func Load(files fs.FS, folder string) (c *Configuration, err error) {
	defer recoverFailure(&err)
	v, hasTofu, err := load(files, folder, false)
	if err != nil {
		return nil, err
	}
	c = &Configuration{views: []*view{v}}
	if hasTofu {
		if v, _, err = load(files, folder, true); err != nil {
			return nil, err
		}
		c.views = append(c.views, v)
	}
	return c, nil
}

// recoverFailure turns the end of an evaluation into an error. The libraries have panicked on odd source before.
func recoverFailure(err *error) {
	switch r := recover().(type) {
	case nil:
	case limitError:
		*err = r
	default:
		*err = fmt.Errorf("the source cannot be evaluated: %v", r)
	}
}

// Attribute returns the value of an attribute of a resource instance or data source (mode "managed" or "data"), from
// the expression in the source. For the type of a nested block it returns an array of objects; an unknown element
// stands for any number of blocks. See [planfile.Configuration].
//
// ok is false if the source does not have the resource or the attribute. If the value is unknown as a whole, err says
// why, and ok is true.
func (c *Configuration) Attribute(values planfile.Values, module, mode, typeName, name string, index tree.Node,
	attribute string) (value tree.Node, ok bool, err error) {
	address := joinAddress(module, typeName+"."+name)
	if mode == "data" {
		address = joinAddress(module, "data."+typeName+"."+name)
	}
	key := cty.NilVal
	switch index.Kind {
	case tree.String:
		key = cty.StringVal(index.Text)
	case tree.Number:
		if key, err = cty.ParseNumberVal(index.Text); err != nil {
			return tree.Node{}, false, fmt.Errorf("the index %q of %s is not a number", index.Text, address)
		}
	}
	return c.evaluate(values, address+keyText(key)+"."+attribute, func(e *evaluator) (tree.Node, bool, error) {
		m, err := e.instanceAt(module)
		if err != nil {
			return tree.Node{}, false, err
		}
		declared := m.find(mode, typeName, name)
		if declared == nil {
			return tree.Node{}, false, nil
		}
		s := &scope{module: m, each: e.repetition(m, declared, key)}
		if expr := declared.body.attributes[attribute]; expr != nil {
			return e.node(e.eval(expr, s)), true, nil
		}
		if mode == "data" && typeName == policyDocument && (attribute == "json" || attribute == "minified_json") {
			return e.node(e.policyDocument(declared.body, s)), true, nil
		}
		blocks, found := e.nested(declared.body, attribute, s)
		if !found {
			return tree.Node{}, false, nil
		}
		return e.node(blocks), true, nil
	})
}

// References returns the resources, data sources, variables, locals and module calls that the expression of an
// attribute mentions, such as aws_s3_bucket.b and var.name, sorted. ok is false if the source does not have the
// attribute.
func (c *Configuration) References(values planfile.Values, module, mode, typeName, name, attribute string) (
	names []string, ok bool) {
	found, ok, err := c.evaluate(values, "references of "+joinAddress(module, mode+"."+typeName+"."+name)+"."+attribute,
		func(e *evaluator) (tree.Node, bool, error) {
			m, err := e.instanceAt(module)
			if err != nil {
				return tree.Node{}, false, err
			}
			declared := m.find(mode, typeName, name)
			if declared == nil || declared.body.attributes[attribute] == nil {
				return tree.Node{}, false, nil
			}
			out := tree.Node{Kind: tree.Array}
			for _, steps := range declared.body.attributes[attribute].Variables() {
				if name := mentioned(steps); name != "" {
					out.Elements = append(out.Elements, tree.Node{Kind: tree.String, Text: name})
				}
			}
			return out, true, nil
		})
	if !ok || err != nil {
		return nil, false
	}
	for _, e := range found.Elements {
		names = append(names, e.Text)
	}
	slices.Sort(names)
	return slices.Compact(names), true
}

// mentioned returns the name of what a traversal begins with. It is empty for the values of each, count, path, self and
// terraform.
func mentioned(steps hcl.Traversal) string {
	length := 2
	switch steps.RootName() {
	case "each", "count", "path", "self", "terraform":
		return ""
	case "data":
		length = 3
	}
	name := steps.RootName()
	for _, step := range steps[1:min(length, len(steps))] {
		name += "." + stepName(step)
	}
	return name
}

// maxSpent limits the work of all evaluations of a configuration.
const maxSpent = 50 * maxWork

// renew makes new evaluators unless there are some for the values.
func (c *Configuration) renew(values planfile.Values) {
	if len(c.evaluators) > 0 && reflect.ValueOf(values).Comparable() && c.evaluators[0].values == values {
		return
	}
	c.generation++
	c.evaluators = nil
	for _, v := range c.views {
		for _, prefix := range []string{"", "~~~~~~~~~~~~~~~~~~~~:"} {
			c.evaluators = append(c.evaluators, &evaluator{view: v, values: values, tokens: newTokens(prefix + rand.Text()),
				generation: c.generation, modules: map[string]*instance{}, cache: map[cacheKey]*cached{}})
		}
	}
}

// evaluate runs an evaluation twice for each view, with different tokens. Parts in which the results differ are
// unknown: they depend on the tokens themselves, or on whether Terraform or OpenTofu reads the source.
func (c *Configuration) evaluate(values planfile.Values, address string,
	run func(*evaluator) (tree.Node, bool, error)) (value tree.Node, ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew(values)
	reason := ""
	for i, e := range c.evaluators {
		if i%2 == 1 && len(c.evaluators[i-1].tokens.list) == 0 {
			continue // the evaluation had no tokens so far
		}
		e.done, e.depth, e.failed, e.reason, e.address = 0, 0, 0, "", address
		if c.spent > maxSpent {
			return tree.Node{Kind: tree.Unknown}, true, fmt.Errorf("%s: the source is too expensive to evaluate", address)
		}
		result, found, err := e.run(run)
		c.spent += e.done
		if err != nil {
			c.evaluators = nil // they may have values that are half done
			return tree.Node{Kind: tree.Unknown}, found, fmt.Errorf("%s: %w", address, err)
		}
		switch {
		case i == 0:
			value, ok = result, found
		case ok != found:
			return tree.Node{Kind: tree.Unknown}, true, fmt.Errorf("%s: the .tf and the .tofu files differ", address)
		default:
			value = agree(value, result)
		}
		if reason == "" {
			reason = e.reason
		}
	}
	if ok && value.Kind == tree.Unknown {
		if reason == "" {
			reason = "the value depends on values that are known only after apply"
		}
		err = fmt.Errorf("%s: %s", address, reason)
	}
	return value, ok, err
}

// run makes one evaluation. One that reached a limit has an unknown value.
func (e *evaluator) run(evaluate func(*evaluator) (tree.Node, bool, error)) (value tree.Node, ok bool, err error) {
	ok = true
	defer recoverFailure(&err)
	return evaluate(e)
}

// find returns the block of a resource or data source.
func (m *module) find(mode, typeName, name string) *block {
	kind := "resource"
	switch mode {
	case "managed":
	case "data":
		kind = "data"
	default:
		return nil
	}
	return m.blocks[blockKey(kind, typeName, name)]
}

// nested returns the nested blocks of a type as a tuple of objects. found is false if there are none.
func (e *evaluator) nested(b *body, kind string, s *scope) (list cty.Value, found bool) {
	e.enter()
	defer e.leave()
	var elements []cty.Value
	for _, inner := range b.blocks {
		if inner.nestedKind() != kind {
			continue
		}
		found = true
		if inner.kind == "dynamic" {
			elements = append(elements, e.dynamic(inner, s)...)
		} else {
			elements = append(elements, e.bodyValue(inner.body, s))
		}
	}
	return e.checked(cty.TupleVal(elements)), found
}

// dynamic returns the objects of a dynamic block. An unknown element stands for any number of blocks.
func (e *evaluator) dynamic(b *block, s *scope) (elements []cty.Value) {
	var content *body
	for _, inner := range b.body.blocks {
		if inner.kind == "content" {
			content = inner.body
		}
	}
	forEach := b.body.attributes["for_each"]
	if content == nil || forEach == nil {
		return []cty.Value{e.unsupported("%s:%d: a dynamic block lacks its content or for_each", b.at.File, b.at.Line)}
	}
	iterator := b.labels[0]
	if expr := b.body.attributes["iterator"]; expr != nil {
		if iterator = keyword(expr); iterator == "" {
			return []cty.Value{e.unsupported("%s:%d: the iterator of a dynamic block is not a name", b.at.File, b.at.Line)}
		}
	}
	all := e.eval(forEach, s)
	fromPlan := e.isPlannedList(all)
	all = e.iterable(e.list(all))
	if !all.IsKnown() || all.IsNull() || !all.CanIterateElements() {
		return []cty.Value{e.unsupported("%s:%d: for_each of a dynamic block is not known", b.at.File, b.at.Line)}
	}
	for it := all.ElementIterator(); it.Next(); {
		e.work(1)
		key, v := it.Element()
		switch {
		case all.Type().IsSetType():
			key = v
		case fromPlan:
			key = cty.DynamicVal // the element itself for a set
		}
		names := map[string]cty.Value{iterator: cty.ObjectVal(map[string]cty.Value{"key": key, "value": v})}
		elements = append(elements, e.bodyValue(content, s.with(names)))
	}
	return elements
}

// keyword returns the name that an expression consists of.
func keyword(expr hclsyntax.Expression) string {
	switch x := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		if len(x.Traversal) == 1 {
			return x.Traversal.RootName()
		}
	case *hclsyntax.TemplateExpr: // JSON
		if v, diags := x.Value(nil); !diags.HasErrors() && isText(v) {
			return v.AsString()
		}
	}
	return ""
}

// bodyValue returns a body as an object: its attributes, and its nested blocks as tuples.
func (e *evaluator) bodyValue(b *body, s *scope) cty.Value {
	members := map[string]cty.Value{}
	for _, name := range sortedKeys(b.attributes) {
		members[name] = e.eval(b.attributes[name], s)
	}
	for _, inner := range b.blocks {
		kind := inner.nestedKind()
		if _, done := members[kind]; !done {
			members[kind], _ = e.nested(b, kind, s)
		}
	}
	return e.checked(cty.ObjectVal(members))
}

// Position is a place in a file of the configuration.
type Position struct {
	File string // relative to the folder of the file system
	Line int    // from 1
}

// Position returns the place of the block of a resource or data source (mode "managed" or "data").
func (c *Configuration) Position(module, mode, typeName, name string) (at Position, found bool) {
	var err error
	defer func() {
		if err != nil {
			at, found = Position{}, false
		}
	}()
	defer recoverFailure(&err)
	e := &evaluator{view: c.views[0], modules: map[string]*instance{}, cache: map[cacheKey]*cached{}}
	m, err := e.instanceAt(module)
	if err != nil {
		return Position{}, false
	}
	if declared := m.find(mode, typeName, name); declared != nil {
		return declared.at, true
	}
	return Position{}, false
}

// ProviderBlock returns the attributes and blocks of a provider block in the root module, as far as they are known
// without Terraform: the body as an object, blocks as arrays of objects. found is false if there is no such block, or
// if .tf and .tofu files differ in it. An evaluation that reaches a limit returns an unknown node.
func (c *Configuration) ProviderBlock(values planfile.Values, name, alias string) (n tree.Node, at Position,
	found bool) {
	key := name
	if alias != "" {
		key += "." + alias
	}
	declared := c.views[0].root.providers[key]
	if declared != nil {
		at = declared.at
	}
	n, found, err := c.evaluate(values, "provider."+key, func(e *evaluator) (tree.Node, bool, error) {
		declared := e.view.root.providers[key]
		if declared == nil {
			return tree.Node{}, false, nil
		}
		m, err := e.instanceAt("")
		if err != nil {
			return tree.Node{}, true, err
		}
		return e.node(e.bodyValue(declared.body, &scope{module: m})), true, nil
	})
	if err != nil {
		n = tree.Node{Kind: tree.Unknown}
	}
	return n, at, found
}
