package configuration

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/iam-as-code/terraform-provider-iam/internal/planfile"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// instance is a module at an address, with the keys of count and for_each.
type instance struct {
	*source
	address string // empty for the root module
	parent  *instance
	call    *block      // in the parent
	each    *repetition // of the call
}

// child returns the instance of a module call. key is NilVal for a call without count and for_each. The result is nil
// if the module is not in the folder.
func (e *evaluator) child(m *instance, name string, key cty.Value) *instance {
	from := m.children[name]
	if from == nil {
		return nil
	}
	address := joinAddress(m.address, "module."+name+keyText(key))
	if c := e.modules[address]; c != nil {
		return c
	}
	call := m.calls[name]
	c := &instance{source: from, address: address, parent: m, call: call, each: e.repetition(m, call, key)}
	e.modules[address] = c
	return c
}

func joinAddress(module, rest string) string {
	if module == "" {
		return rest
	}
	return module + "." + rest
}

// keyText returns an instance key as Terraform's addresses have it.
func keyText(key cty.Value) string {
	switch {
	case key == cty.NilVal:
		return ""
	case key.Type() == cty.Number:
		return "[" + key.AsBigFloat().Text('f', -1) + "]"
	}
	escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{").
		Replace(key.AsString())
	return `["` + escaped + `"]`
}

// instanceAt returns the module instance with an address.
func (e *evaluator) instanceAt(address string) (*instance, error) {
	m := &instance{source: e.view.root}
	if known := e.modules[""]; known != nil {
		m = known
	}
	e.modules[""] = m
	if address == "" {
		return m, nil
	}
	if len(address) > maxFileSize {
		return nil, fmt.Errorf("the address of the module is too long")
	}
	steps, diags := hclsyntax.ParseTraversalAbs([]byte(address), "", hcl.Pos{Line: 1, Column: 1})
	if diags.HasErrors() {
		return nil, fmt.Errorf("%q is not the address of a module", address)
	}
	for len(steps) > 0 {
		if stepName(steps[0]) != "module" || len(steps) < 2 || stepName(steps[1]) == "" {
			return nil, fmt.Errorf("%q is not the address of a module", address)
		}
		name, key := stepName(steps[1]), cty.NilVal
		steps = steps[2:]
		if len(steps) > 0 {
			if index, ok := steps[0].(hcl.TraverseIndex); ok {
				key, steps = index.Key, steps[1:]
			}
		}
		if m.calls[name] == nil {
			return nil, fmt.Errorf("the source has no module %q, which %q names", name, address)
		}
		if m = e.child(m, name, key); m == nil {
			return nil, fmt.Errorf("%q in %q: %w", name, address, planfile.ErrNoSource)
		}
	}
	return m, nil
}

func stepName(step hcl.Traverser) string {
	switch step := step.(type) {
	case hcl.TraverseRoot:
		return step.Name
	case hcl.TraverseAttr:
		return step.Name
	}
	return ""
}

// repetition returns the names that the instance of a block with this key has. key may be NilVal.
func (e *evaluator) repetition(m *instance, b *block, key cty.Value) *repetition {
	r := &repetition{}
	forEach := b.body.attributes["for_each"]
	switch {
	case key == cty.NilVal:
	case forEach == nil:
		r.index = key
	default:
		r.key = key
		r.value = func() cty.Value {
			// The value is cached, because large maps are common.
			all := e.cachedValue(cacheKey{module: m.address, kind: "for_each", name: blockName(b), blind: e.blind},
				func() cty.Value { return e.eval(forEach, &scope{module: m}) })
			if e.isPlannedList(all) {
				return key // it is a set
			}
			all = e.iterable(all)
			switch {
			case !all.IsKnown() || all.IsNull() || key.Type() != cty.String:
				return cty.DynamicVal
			case all.Type().IsSetType():
				return key
			case all.Type().IsObjectType() || all.Type().IsMapType():
				return e.index(all, key, forEach.Range())
			}
			return e.refusedAt(forEach.Range(), "for_each is neither a map nor a set")
		}
	}
	return r
}

func blockName(b *block) string { return b.kind + " " + strings.Join(b.labels, ".") }

// reference returns the value of a reference.
func (e *evaluator) reference(steps hcl.Traversal, s *scope) cty.Value {
	root := steps.RootName()
	for at := s; at != nil; at = at.parent {
		if v, ok := at.names[root]; ok {
			return e.traverse(e.read(v), steps[1:])
		}
	}
	if s.module == nil {
		return e.refusedAt(steps.SourceRange(), fmt.Sprintf("a template does not have the name %q", root))
	}
	if len(steps) < 2 || stepName(steps[1]) == "" {
		return e.refusedAt(steps.SourceRange(), fmt.Sprintf("there is no value %q", root))
	}
	name, rest := stepName(steps[1]), steps[2:]
	m := s.module
	switch root {
	case "var":
		return e.traverse(e.variable(m, name), rest)
	case "local":
		expr := m.locals[name]
		if expr == nil {
			return e.refusedAt(steps.SourceRange(), fmt.Sprintf("there is no local value %q", name))
		}
		return e.traverse(e.cachedValue(cacheKey{module: m.address, kind: root, name: name, blind: e.blind},
			func() cty.Value { return e.eval(expr, &scope{module: m}) }), rest)
	case "each", "count":
		v := cty.NilVal
		switch {
		case s.each == nil:
		case root == "count" && name == "index":
			v = s.each.index
		case root == "each" && name == "key":
			v = s.each.key
		case root == "each" && name == "value" && s.each.value != nil:
			v = s.each.value()
		}
		if v == cty.NilVal {
			return e.refusedAt(steps.SourceRange(), fmt.Sprintf("there is no value %s.%s here", root, name))
		}
		return e.traverse(v, rest)
	case "path":
		switch name {
		case "module":
			return cty.StringVal(e.relative(m.folder))
		case "root":
			return cty.StringVal(".")
		}
		return e.unsupported("path.%s is not known from the source", name)
	case "terraform", "tofu", "self", "ephemeral":
		return e.unsupported("%s.%s is not known from the source", root, name)
	case "module":
		return e.moduleReference(m, name, rest, steps.SourceRange())
	case "data":
		if len(rest) == 0 || stepName(rest[0]) == "" {
			return e.refusedAt(steps.SourceRange(), "a reference to a data source lacks its name")
		}
		return e.resource(m, "data", name, stepName(rest[0]), rest[1:], steps.SourceRange())
	case "resource":
		if len(rest) > 0 && stepName(rest[0]) != "" {
			return e.resource(m, "managed", name, stepName(rest[0]), rest[1:], steps.SourceRange())
		}
	}
	return e.resource(m, "managed", root, name, rest, steps.SourceRange())
}

// relative returns a folder as it is seen from the root module.
func (e *evaluator) relative(folder string) string {
	from := e.view.root.folder
	if from == "." {
		return folder
	}
	if folder == from {
		return "."
	}
	a, b := strings.Split(from, "/"), strings.Split(folder, "/")
	if folder == "." {
		b = nil
	}
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	return path.Join(append(slices.Repeat([]string{".."}, len(a)), b...)...)
}

// cachedValue returns the value with a key, which make computes once.
func (e *evaluator) cachedValue(key cacheKey, compute func() cty.Value) cty.Value {
	c := e.cache[key]
	if c == nil {
		c = &cached{}
		e.cache[key] = c
		before, reason, guesses := e.failed, e.reason, e.guesses
		e.reason = ""
		c.value = compute()
		c.done, c.failed, c.reason = true, e.failed > before, e.reason
		c.guess = e.guesses > guesses
		if reason != "" {
			e.reason = reason
		}
		return c.value
	}
	if !c.done {
		panic(limitError(fmt.Sprintf("%s %q refers to itself", key.kind, key.name)))
	}
	if c.failed {
		e.failed++
	}
	if c.guess {
		e.guesses++
	}
	if e.reason == "" {
		e.reason = c.reason
	}
	return c.value
}

// variable returns the value of an input variable.
func (e *evaluator) variable(m *instance, name string) cty.Value {
	declared := m.variables[name]
	if declared == nil {
		e.failed++
		return e.unsupported("there is no variable %q", name)
	}
	return e.cachedValue(cacheKey{module: m.address, kind: "variable", name: name, blind: e.blind}, func() cty.Value {
		attributes := declared.body.attributes
		v := cty.NilVal
		if m.parent == nil {
			if n, ok := e.values.Variable(name); ok {
				v = e.value(n)
			}
		} else if argument := m.call.body.attributes[name]; argument != nil {
			v = e.eval(argument, &scope{module: m.parent, each: m.each})
		}
		if nullable := attributes["nullable"]; nullable != nil && v != cty.NilVal && v.IsNull() {
			if n, diags := nullable.Value(nil); !diags.HasErrors() && n.RawEquals(cty.False) {
				v = cty.NilVal
			}
		}
		if v == cty.NilVal {
			initial := attributes["default"]
			if initial == nil {
				return e.unsupported("the variable %q has no value", name)
			}
			v = e.eval(initial, &scope{module: m})
		}
		return e.typed(v, attributes["type"])
	})
}

// typed converts a value to the type of a variable.
func (e *evaluator) typed(v cty.Value, constraint hclsyntax.Expression) cty.Value {
	if constraint == nil {
		return v
	}
	if text, ok := constraint.(*hclsyntax.LiteralValueExpr); ok && isText(text.Val) { // JSON
		parsed, err := parseExpression(text.Val.AsString(), text.SrcRange)
		if err != nil {
			return e.unsupported("%v", err)
		}
		constraint = parsed
	}
	t, defaults, diags := typeexpr.TypeConstraintWithDefaults(constraint)
	if diags.HasErrors() {
		return e.refused(diags)
	}
	switch {
	case t.IsSetType() && t.ElementType().IsPrimitiveType(): // It may have tokens. Jsonencode can write it.
	case hasSet(t):
		v = e.blank(v)
	default:
		v = e.blankSets(v)
	}
	if e.hasPlannedList(v) {
		if t != cty.DynamicPseudoType && t.HasDynamicTypes() {
			return e.unsupported("the value of a variable with a part of any type comes from the plan")
		}
		if t != cty.DynamicPseudoType {
			v = e.lists(v)
		}
	}
	if defaults != nil && v.IsKnown() && !v.IsNull() {
		v = defaults.Apply(v)
	}
	converted, err := convert.Convert(v, t)
	if err != nil {
		if e.hasToken(v) {
			converted, err = convert.Convert(e.blank(v), t)
		}
		if err != nil {
			return e.refusedAt(constraint.Range(), "the value of a variable does not fit its type: "+err.Error())
		}
	}
	return e.checked(converted)
}

func hasSet(t cty.Type) bool {
	found := false
	var visit func(cty.Type)
	visit = func(t cty.Type) {
		switch {
		case t.IsSetType():
			found = true
		case t.IsCollectionType():
			visit(t.ElementType())
		case t.IsTupleType():
			for _, element := range t.TupleElementTypes() {
				visit(element)
			}
		case t.IsObjectType():
			for _, attribute := range t.AttributeTypes() {
				visit(attribute)
			}
		}
	}
	visit(t)
	return found
}

func parseExpression(text string, at hcl.Range) (hclsyntax.Expression, error) {
	list, diags := hclsyntax.LexExpression([]byte(text), at.Filename, at.Start)
	if err := firstError(diags); err != nil {
		return nil, err
	}
	if err := checkTokens(list, at.Filename); err != nil {
		return nil, err
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), at.Filename, at.Start)
	return expr, firstError(diags)
}

// moduleReference returns the outputs of a child module, or the one that the next steps name.
func (e *evaluator) moduleReference(m *instance, name string, steps []hcl.Traverser, at hcl.Range) cty.Value {
	call := m.calls[name]
	if call == nil {
		return e.refusedAt(at, fmt.Sprintf("there is no module %q", name))
	}
	if m.children[name] == nil {
		if v, ok := e.missingOutput(m, name, steps); ok {
			return v
		}
		return e.unsupported("%s:%d: the source of the module %q is not in the folder", at.Filename, at.Start.Line, name)
	}
	count, forEach := call.body.attributes["count"], call.body.attributes["for_each"]
	if count == nil && forEach == nil {
		return e.outputs(e.child(m, name, cty.NilVal), steps, at)
	}
	keys, ok := e.keys(m, call)
	if !ok {
		return e.unsupported("%s:%d: the instances of the module %q are not known", at.Filename, at.Start.Line, name)
	}
	if len(steps) > 0 {
		if index, isIndex := steps[0].(hcl.TraverseIndex); isIndex {
			for _, key := range keys {
				if sameKey(key, index.Key) {
					return e.outputs(e.child(m, name, key), steps[1:], at)
				}
			}
			return e.refusedAt(at, fmt.Sprintf("the module %q has no such instance", name))
		}
	}
	return e.traverse(e.collect(keys, forEach != nil, func(i int) cty.Value {
		return e.outputs(e.child(m, name, keys[i]), nil, at)
	}), steps)
}

// missingOutput returns an output of a module whose source is not in the folder, if the plan has it.
func (e *evaluator) missingOutput(m *instance, name string, steps []hcl.Traverser) (cty.Value, bool) {
	outputs, ok := e.values.(planfile.Outputs)
	key := cty.NilVal
	if len(steps) > 0 {
		if index, isIndex := steps[0].(hcl.TraverseIndex); isIndex {
			key, steps = index.Key, steps[1:]
		}
	}
	isKey := key == cty.NilVal || key.IsKnown() && !key.IsNull() && key.Type() == cty.Number ||
		isText(key) && !e.tokens.in(key.AsString())
	if !ok || !isKey || len(steps) == 0 || stepName(steps[0]) == "" {
		return cty.NilVal, false
	}
	n, ok := outputs.Output(joinAddress(m.address, "module."+name+keyText(key)), stepName(steps[0]))
	if !ok {
		return cty.NilVal, false
	}
	return e.traverse(e.value(n), steps[1:]), true
}

// collect returns a tuple or an object with a value for each key.
func (e *evaluator) collect(keys []cty.Value, isMap bool, value func(int) cty.Value) cty.Value {
	list, members := make([]cty.Value, 0, len(keys)), make(map[string]cty.Value, len(keys))
	for i, key := range keys {
		if isMap {
			members[key.AsString()] = value(i)
		} else {
			list = append(list, value(i))
		}
	}
	if isMap {
		return e.checked(cty.ObjectVal(members))
	}
	return e.checked(cty.TupleVal(list))
}

func sameKey(a, b cty.Value) bool {
	if a.Type() == b.Type() {
		return a.RawEquals(b)
	}
	converted, err := convert.Convert(b, a.Type())
	return err == nil && converted.IsKnown() && !converted.IsNull() && a.RawEquals(converted)
}

// keys returns the instance keys of a block with count or for_each.
func (e *evaluator) keys(m *instance, b *block) (keys []cty.Value, ok bool) {
	if count := b.body.attributes["count"]; count != nil {
		n, err := convert.Convert(e.blank(e.eval(count, &scope{module: m})), cty.Number)
		if err != nil || !n.IsKnown() || n.IsNull() {
			return nil, false
		}
		whole, _ := n.AsBigFloat().Int64()
		if whole < 0 || whole > maxValue {
			return nil, false
		}
		e.work(int(whole))
		for i := range whole {
			keys = append(keys, cty.NumberIntVal(i))
		}
		return keys, true
	}
	all := e.eval(b.body.attributes["for_each"], &scope{module: m})
	isSet := e.isPlannedList(all)
	all = e.iterable(e.list(all))
	if !all.IsKnown() || all.IsNull() || !all.CanIterateElements() {
		return nil, false
	}
	for it := all.ElementIterator(); it.Next(); {
		key, element := it.Element()
		if isSet {
			key = element
		}
		if key.Type() != cty.String || !key.IsKnown() || key.IsNull() || e.tokens.in(key.AsString()) {
			return nil, false
		}
		keys = append(keys, key)
	}
	return keys, true
}

// outputs returns the outputs of a module instance, or the part of one that the steps name.
func (e *evaluator) outputs(m *instance, steps []hcl.Traverser, at hcl.Range) cty.Value {
	if len(steps) == 0 {
		members := make(map[string]cty.Value, len(m.module.outputs))
		for name := range m.module.outputs {
			members[name] = e.output(m, name)
		}
		return e.checked(cty.ObjectVal(members))
	}
	name := stepName(steps[0])
	if index, ok := steps[0].(hcl.TraverseIndex); ok && isText(index.Key) {
		name = index.Key.AsString()
	}
	if m.module.outputs[name] == nil {
		return e.refusedAt(at, fmt.Sprintf("the module has no output %q", name))
	}
	return e.traverse(e.output(m, name), steps[1:])
}

func (e *evaluator) output(m *instance, name string) cty.Value {
	expr := m.module.outputs[name].body.attributes["value"]
	if expr == nil {
		return e.unsupported("the output %q has no value", name)
	}
	return e.cachedValue(cacheKey{module: m.address, kind: "output", name: name, blind: e.blind},
		func() cty.Value { return e.eval(expr, &scope{module: m}) })
}

// resource returns a resource or data source with all its instances, or the part that the steps name.
func (e *evaluator) resource(m *instance, mode, typeName, name string, steps []hcl.Traverser, at hcl.Range) cty.Value {
	kind := "resource"
	if mode == "data" {
		kind = "data"
	}
	declared := m.blocks[blockKey(kind, typeName, name)]
	if declared == nil {
		return e.refusedAt(at, fmt.Sprintf("there is no %s %s.%s", kind, typeName, name))
	}
	instances := e.values.Instances(m.address, mode, typeName, name)
	e.work(len(instances))
	instances = slices.DeleteFunc(slices.Clone(instances), func(i planfile.Instance) bool {
		return i.Attributes.Kind != tree.Object
	})
	count, forEach := declared.body.attributes["count"], declared.body.attributes["for_each"]
	if count == nil && forEach == nil {
		for i := range instances {
			if instances[i].Index.Kind == tree.Null {
				return e.instanceValue(declared, m, instances[i], steps)
			}
		}
		return e.missing(declared, m, cty.NilVal, steps, at)
	}
	if len(steps) > 0 {
		if index, ok := steps[0].(hcl.TraverseIndex); ok {
			return e.instance(declared, m, instances, index.Key, steps[1:], at)
		}
	}
	keys, ok := e.keys(m, declared)
	if !ok || len(keys) != len(instances) {
		return e.unsupported("%s:%d: the plan does not have all instances of %s.%s", at.Filename, at.Start.Line, typeName,
			name)
	}
	return e.traverse(e.collect(keys, forEach != nil, func(i int) cty.Value {
		return e.instance(declared, m, instances, keys[i], nil, at)
	}), steps)
}

// instance returns the instance of a resource with a key, or the part that the steps name.
func (e *evaluator) instance(declared *block, m *instance, instances []planfile.Instance, key cty.Value,
	steps []hcl.Traverser, at hcl.Range) cty.Value {
	e.work(len(instances) / textUnit)
	for i := range instances {
		n := instances[i].Index
		var index cty.Value
		switch n.Kind {
		case tree.Number, tree.String:
			index = e.value(n)
		default:
			continue
		}
		if sameKey(index, key) {
			return e.instanceValue(declared, m, instances[i], steps)
		}
	}
	return e.missing(declared, m, key, steps, at)
}

// missing returns an unknown value for an instance that the plan does not have.
func (e *evaluator) missing(declared *block, m *instance, key cty.Value, steps []hcl.Traverser,
	at hcl.Range) cty.Value {
	if len(steps) > 0 && isDocumentText(declared, stepName(steps[0])) {
		return e.traverse(e.documentText(declared, m, key), steps[1:])
	}
	return e.unsupported("%s:%d: the plan does not have the values of %s.%s", at.Filename, at.Start.Line,
		declared.labels[0], declared.labels[1])
}

// instanceValue returns the attributes of an instance, or the part that the steps name.
func (e *evaluator) instanceValue(declared *block, m *instance, i planfile.Instance, steps []hcl.Traverser) cty.Value {
	isData, typeName := declared.kind == "data", declared.labels[0]
	if len(steps) > 0 {
		name := stepName(steps[0])
		if index, ok := steps[0].(hcl.TraverseIndex); ok && isText(index.Key) {
			name = index.Key.AsString()
		}
		for j := range i.Attributes.Members {
			if a := &i.Attributes.Members[j]; a.Name == name {
				if a.Value.Kind == tree.Unknown && isDocumentText(declared, name) {
					return e.traverse(e.documentText(declared, m, e.indexOf(i)), steps[1:])
				}
				return e.traverse(e.attribute(isData, typeName, i.Address, name, a.Value), steps[1:])
			}
		}
		return e.unsupported("the plan does not have the attribute %q of %s", name, i.Address)
	}
	members := make(map[string]cty.Value, len(i.Attributes.Members))
	for _, a := range i.Attributes.Members {
		if a.Value.Kind == tree.Unknown && isDocumentText(declared, a.Name) {
			members[a.Name] = e.documentText(declared, m, e.indexOf(i))
			continue
		}
		members[a.Name] = e.attribute(isData, typeName, i.Address, a.Name, a.Value)
	}
	return e.checked(cty.ObjectVal(members))
}

// isDocumentText reports whether an attribute is the text of data "aws_iam_policy_document".
func isDocumentText(declared *block, attribute string) bool {
	return declared.kind == "data" && declared.labels[0] == policyDocument &&
		(attribute == "json" || attribute == "minified_json")
}

// documentText returns the text of data "aws_iam_policy_document" from the source.
func (e *evaluator) documentText(declared *block, m *instance, key cty.Value) cty.Value {
	id := cacheKey{module: m.address, kind: policyDocument, name: declared.labels[1] + keyText(key), blind: e.blind}
	return e.cachedValue(id, func() cty.Value {
		return e.policyDocument(declared.body, &scope{module: m, each: e.repetition(m, declared, key)})
	})
}

// indexOf returns the key of an instance, or NilVal.
func (e *evaluator) indexOf(i planfile.Instance) cty.Value {
	if i.Index.Kind == tree.Null {
		return cty.NilVal
	}
	return e.value(i.Index)
}

// indexedReference evaluates resource.name[key].attribute and module.name[key].output, without the other instances.
func (e *evaluator) indexedReference(x *hclsyntax.RelativeTraversalExpr, s *scope) (cty.Value, bool) {
	indexed, ok := x.Source.(*hclsyntax.IndexExpr)
	if !ok {
		return cty.NilVal, false
	}
	collection, ok := indexed.Collection.(*hclsyntax.ScopeTraversalExpr)
	if !ok || s.module == nil || len(x.Traversal) == 0 {
		return cty.NilVal, false
	}
	root, names := collection.Traversal.RootName(), 2
	switch root {
	case "var", "local", "each", "count", "path", "terraform", "self":
		return cty.NilVal, false
	case "data", "resource":
		names = 3
	}
	if len(collection.Traversal) != names {
		return cty.NilVal, false
	}
	for at := s; at != nil; at = at.parent {
		if _, shadowed := at.names[root]; shadowed {
			return cty.NilVal, false
		}
	}
	key := e.blank(e.eval(indexed.Key, s))
	if !key.IsKnown() {
		return cty.DynamicVal, true
	}
	if key.IsNull() || !key.Type().IsPrimitiveType() {
		return cty.NilVal, false
	}
	steps := append(slices.Clone(collection.Traversal), hcl.TraverseIndex{Key: key, SrcRange: indexed.SrcRange})
	return e.reference(append(steps, x.Traversal...), s), true
}
