package planfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

const (
	// maxHops bounds the chain of variables and outputs that a reference leads through.
	maxHops = 64
	// maxListed bounds the lists whose elements are compared one by one.
	maxListed = 500
)

// follower fills in the unknown parts of an attribute from the references in the plan file.
//
// A plan file has the references of an expression, and not the expression. If there is only one, the follower assumes
// that it is the whole expression, except in arguments where it usually is a part of a text, and records the
// assumption.
type follower struct {
	resolver  *resolver
	in        *instance
	attribute string // the top-level attribute
}

// fill fills in the unknown parts of a value. name is its attribute.
func (f *follower) fill(name string, value, expression tree.Node) tree.Node {
	if !value.HasUnknown() {
		return value
	}
	if isExpression(expression) {
		return f.fillExpression(name, value, expression)
	}
	blocks := expression.Elements
	if expression.Kind == tree.Object {
		blocks = []tree.Node{expression}
	}
	switch {
	case value.Kind == tree.Object && len(blocks) == 1:
		return f.fillBlock(value, blocks[0])
	case value.Kind == tree.Array && len(value.Elements) == len(blocks):
		return f.fillBlocks(value, blocks)
	}
	f.unresolved("Its blocks are known only after apply.")
	return value
}

// fillBlock fills in the arguments of a block.
func (f *follower) fillBlock(value, block tree.Node) tree.Node {
	filled := tree.Node{Kind: value.Kind, Members: slices.Clone(value.Members)}
	for i := range filled.Members {
		m := &filled.Members[i]
		if expression, ok := block.Member(m.Name); ok {
			m.Value = f.fill(m.Name, m.Value, *expression)
		}
	}
	return filled
}

// fillBlocks fills in the arguments of several blocks of the same kind. Terraform sorts the blocks of a set. If the
// constant arguments do not identify the block, they stay unknown.
func (f *follower) fillBlocks(value tree.Node, blocks []tree.Node) tree.Node {
	filled := tree.Node{Kind: tree.Array, Elements: slices.Clone(value.Elements)}
	isList := f.attribute == "statement" && f.in.mode == "data"
	for i := range filled.Elements {
		if !filled.Elements[i].HasUnknown() {
			continue
		}
		at := i
		if !isList {
			at = f.blockOf(filled.Elements[i], blocks)
		}
		if at < 0 || filled.Elements[i].Kind != tree.Object {
			f.unresolved("The plan file does not show which of several blocks it comes from.")
			continue
		}
		filled.Elements[i] = f.fillBlock(filled.Elements[i], blocks[at])
	}
	return filled
}

// blockOf returns the index of the only block whose constant arguments are those of a value, or -1.
func (f *follower) blockOf(value tree.Node, blocks []tree.Node) int {
	if len(blocks) > maxListed {
		return -1
	}
	at := -1
	for i := range blocks {
		if _, fits := fill(value, constantsOf(blocks[i])); !fits {
			continue
		}
		if at >= 0 {
			return -1
		}
		at = i
	}
	return at
}

// constantsOf returns the constant arguments of a block.
func constantsOf(block tree.Node) tree.Node {
	constants := tree.Node{Kind: tree.Object}
	for i := range block.Members {
		if value, ok := block.Members[i].Value.Member("constant_value"); ok && isExpression(block.Members[i].Value) {
			constants.Members = append(constants.Members, tree.Member{Name: block.Members[i].Name, Value: *value})
		}
	}
	return constants
}

// isExpression reports whether a node is an expression, and not nested blocks.
func isExpression(n tree.Node) bool {
	if n.Kind != tree.Object {
		return false
	}
	for i := range n.Members {
		switch m := &n.Members[i]; m.Name {
		case "constant_value":
		case "references":
			if m.Value.Kind != tree.Array {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// partOfText has the arguments in which a reference usually is a part of a text, such as "${aws_s3_bucket.b.arn}/*".
var partOfText = map[string]bool{
	"actions": true, "not_actions": true, "resources": true, "not_resources": true, "values": true,
}

// fillExpression fills in a value from one expression.
func (f *follower) fillExpression(name string, value, expression tree.Node) tree.Node {
	if constant, ok := expression.Member("constant_value"); ok {
		if filled, fits := fill(value, *constant); fits {
			return filled
		}
		return value
	}
	if partOfText[name] {
		f.unresolved(dependsOn(expression))
		return value
	}
	s := f.scope()
	references := referencesOf(expression)
	if value.Kind == tree.Array {
		return f.fillList(name, value, s, references)
	}
	if value.Kind != tree.Unknown {
		f.unresolved(dependsOn(expression))
		return value
	}
	found, reason := f.resolver.value(s, references, name, 0)
	switch {
	case reason != "":
		f.unresolved(reason)
	case !plausible(name, found):
		f.unresolved(dependsOn(expression))
	default:
		f.assume(references.targets[:1])
		return found
	}
	return value
}

// fillList fills in the unknown elements of a list. Each of them must have a reference of its own.
func (f *follower) fillList(name string, value tree.Node, s scope, references references) tree.Node {
	if len(value.Elements) > maxListed || len(references.targets) > maxListed {
		f.unresolved(dependsOnList(references.targets))
		return value
	}
	missing := 0
	for i := range value.Elements {
		if value.Elements[i].Kind == tree.Unknown {
			missing++
		}
	}
	var found []tree.Node
	var used []reference
	for _, target := range references.targets {
		n, reason := f.resolver.target(s, target, references.iterators, name, 0)
		switch {
		case reason != "" || n.Kind == tree.Unknown:
			f.unresolved(reason)
			found, used = append(found, unknown), append(used, target)
		case n.Kind == tree.Array && len(references.targets) == 1:
			if filled, fits := fill(value, n); fits && plausible(name, n) {
				f.assume(references.targets)
				return filled
			}
			f.unresolved(dependsOnList(references.targets))
			return value
		case slices.ContainsFunc(value.Elements, func(known tree.Node) bool { return tree.Equal(known, n) }):
			// This reference is that of a known element.
		default:
			found, used = append(found, n), append(used, target)
		}
	}
	if len(found) != missing || slices.ContainsFunc(found, func(n tree.Node) bool { return !plausible(name, n) }) {
		f.unresolved(dependsOnList(references.targets))
		return value
	}
	filled := tree.Node{Kind: tree.Array, Elements: slices.Clone(value.Elements)}
	var assumed []reference
	for i := range filled.Elements {
		if filled.Elements[i].Kind != tree.Unknown {
			continue
		}
		if found[0].Kind != tree.Unknown {
			assumed = append(assumed, used[0])
		}
		filled.Elements[i], found, used = found[0], found[1:], used[1:]
	}
	if len(assumed) > 0 {
		f.assume(assumed)
	}
	return filled
}

func dependsOnList(targets []reference) string {
	return "The plan file does not show which elements depend on " + list(targets) + "."
}

// plausible reports whether a value can be that of an attribute, and not only a part of it. Without it, the ARN in a
// policy would count as the policy.
func plausible(name string, n tree.Node) bool {
	switch {
	case n.Kind == tree.Unknown:
		return true
	case n.Kind == tree.Array:
		return !slices.ContainsFunc(n.Elements, func(element tree.Node) bool { return !plausible(name, element) })
	case isDocumentAttribute(name):
		return n.Kind == tree.Object || isDocument(n)
	case isARNAttribute(name):
		return n.Kind == tree.String && strings.HasPrefix(n.Text, "arn:")
	}
	return isScalar(n) && !isDocument(n)
}

// isDocumentAttribute reports whether an attribute has the text of a policy document.
func isDocumentAttribute(name string) bool {
	return strings.HasSuffix(name, "policy") || strings.HasSuffix(name, "policies") && !strings.Contains(name, "arn") ||
		strings.HasSuffix(name, "policy_documents") || strings.HasSuffix(name, "policy_document") ||
		strings.HasSuffix(name, "policy_json") || name == "json"
}

// isARNAttribute reports whether an attribute has ARNs. An account id in a principal usually is a part of an ARN.
func isARNAttribute(name string) bool {
	return name == "identifiers" || name == "permissions_boundary" || name == "arn" || strings.HasSuffix(name, "_arn") ||
		strings.HasSuffix(name, "_arns")
}

// isDocument reports whether a text looks like JSON.
func isDocument(n tree.Node) bool {
	return n.Kind == tree.String && strings.HasPrefix(strings.TrimSpace(n.Text), "{")
}

func (f *follower) unresolved(reason string) {
	if f.in.reasons[f.attribute] == "" {
		f.in.reasons[f.attribute] = reason
	}
}

func (f *follower) assume(targets []reference) {
	f.in.assumed[f.attribute] = append(f.in.assumed[f.attribute], targets...)
}

// scope is where an expression stands: in a module instance, and in the block of one instance of a resource or module.
type scope struct {
	module   string
	index    tree.Node // of the instance; null without count and for_each
	siblings *keys     // of all instances of the block; nil if there is no block
	forEach  *tree.Node
}

func (f *follower) scope() scope {
	in := f.in
	key := resourceKey{in.module, configurationKey{in.mode, in.change.Type, in.change.Name}}
	return scope{
		module: in.module, index: in.change.Index, siblings: &f.resolver.byResource[key].keys, forEach: in.block.forEach,
	}
}

// reference is something that an expression refers to.
type reference struct {
	text  string
	steps []step
}

// references are everything that an expression refers to.
type references struct {
	targets   []reference
	iterators []string // count.index and each.key
}

// referencesOf returns the references of an expression. Terraform lists the prefixes of a reference after it.
func referencesOf(expression tree.Node) references {
	var found references
	listed, _ := expression.Member("references")
	if listed == nil {
		return found
	}
	var last *reference
	for i := range listed.Elements {
		text := listed.Elements[i].Text
		if text == "count.index" || text == "each.key" {
			if !slices.Contains(found.iterators, text) {
				found.iterators = append(found.iterators, text)
			}
			continue
		}
		if last != nil && isPrefix(text, last.text) {
			continue
		}
		steps, err := parseSteps(text)
		if err != nil {
			steps = nil
		}
		found.targets = append(found.targets, reference{text, steps})
		last = &found.targets[len(found.targets)-1]
	}
	return found
}

// isPrefix reports whether a reference is the start of a longer one.
func isPrefix(short, long string) bool {
	rest, ok := strings.CutPrefix(long, short)
	return ok && rest != "" && (rest[0] == '.' || rest[0] == '[')
}

// withoutExpression ends a reason that holds only without the source of the configuration.
const withoutExpression = ", and the plan file does not have its expression."

// dependsOn says what an expression depends on.
func dependsOn(expression tree.Node) string {
	if !isExpression(expression) {
		return "A part of it is known only after apply."
	}
	r := referencesOf(expression)
	if len(r.targets) == 0 {
		return "It is known only after apply" + withoutExpression
	}
	return "It depends on " + list(r.targets) + withoutExpression
}

// list lists references for people.
func list(targets []reference) string {
	const most = 5
	var texts []string
	seen := map[string]bool{}
	for _, target := range targets {
		if !seen[target.text] && len(texts) < most {
			texts = append(texts, target.text)
		}
		seen[target.text] = true
	}
	if len(seen) > most {
		texts = append(texts, fmt.Sprintf("%d more", len(seen)-most))
	}
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " and " + texts[n-1]
	}
	return strings.Join(texts, "")
}

// value returns the value of an expression that is only one reference, or the reason why it is not known.
func (r *resolver) value(s scope, found references, name string, hops int) (tree.Node, string) {
	if len(found.targets) == 0 {
		return unknown, "The plan file does not have its expression."
	}
	for _, target := range found.targets[1:] {
		if target.text != found.targets[0].text {
			return unknown, "It depends on " + list(found.targets) + withoutExpression
		}
	}
	return r.target(s, found.targets[0], found.iterators, name, hops)
}

// expression returns the value of the expression of a module's argument or output.
func (r *resolver) expression(s scope, expression tree.Node, name string, hops int) (tree.Node, string) {
	if constant, ok := expression.Member("constant_value"); ok {
		return *constant, ""
	}
	return r.value(s, referencesOf(expression), name, hops+1)
}

// target returns the value that a reference stands for, or the reason why it is not known. The attribute that has the
// reference is name.
func (r *resolver) target(s scope, target reference, iterators []string, name string, hops int) (tree.Node, string) {
	ambiguous := fmt.Sprintf("It depends on %s, and the plan file does not show on which part.", target.text)
	steps := target.steps
	if hops > maxHops || len(steps) < 2 {
		return unknown, ambiguous
	}
	var value tree.Node
	var rest []step
	reason := ""
	switch steps[0].name {
	case "count", "each", "local", "path", "self", "terraform":
		if steps[0].name == "each" && steps[1].name == "value" && s.forEach != nil {
			return r.eachValue(s, steps[2:], name, ambiguous)
		}
		return unknown, fmt.Sprintf("It depends on %s, which a plan file does not have.", target.text)
	case "var":
		if len(iterators) > 0 {
			return unknown, ambiguous
		}
		value, reason = r.variable(s, steps[1].name, name, hops)
		rest = steps[2:]
	case "module":
		value, rest, reason = r.output(s, steps[1:], iterators, name, hops, ambiguous)
	case "data":
		if len(steps) < 3 {
			return unknown, ambiguous
		}
		return r.attributeOf(s, configurationKey{"data", steps[1].name, steps[2].name}, steps[3:], iterators, name, ambiguous)
	default:
		return r.attributeOf(s, configurationKey{"managed", steps[0].name, steps[1].name}, steps[2:], iterators, name,
			ambiguous)
	}
	if reason != "" {
		return unknown, reason
	}
	return navigate(value, rest, target.text)
}

// variable returns the value of a variable of a module instance.
func (r *resolver) variable(s scope, variable, name string, hops int) (tree.Node, string) {
	if s.module == "" {
		if value, ok := r.plan.variables[variable]; ok {
			return value, ""
		}
		return unknown, fmt.Sprintf("It depends on var.%s, which the plan file does not have.", variable)
	}
	parent, call, ok := r.call(s.module)
	if !ok {
		return unknown, "The plan file does not have the module " + s.module + "."
	}
	if expression, ok := call.expressions.Member(variable); ok {
		return r.expression(parent, *expression, name, hops)
	}
	if value, ok := call.module.defaults[variable]; ok {
		return value, ""
	}
	return unknown, fmt.Sprintf("It depends on var.%s of %s, which the plan file does not have.", variable, s.module)
}

// call returns the block that makes a module instance, and its scope.
func (r *resolver) call(module string) (scope, *callConfiguration, bool) {
	steps, err := moduleSteps(module)
	if err != nil || len(steps) == 0 {
		return scope{}, nil, false
	}
	last := steps[len(steps)-1]
	parent := r.plan.module(last.parent)
	if parent == nil || parent.calls[last.name] == nil || parent.calls[last.name].module == nil {
		return scope{}, nil, false
	}
	call := parent.calls[last.name]
	s := scope{module: last.parent, index: last.index, forEach: call.forEach}
	if siblings := r.children[callKey{last.parent, last.name}]; siblings != nil {
		s.siblings = &siblings.keys
	}
	return s, call, true
}

// output returns the value of an output of a module, and the steps that lead into it.
func (r *resolver) output(s scope, steps []step, iterators []string, name string, hops int, ambiguous string) (
	value tree.Node, rest []step, reason string) {
	call, index, steps := steps[0].name, (*tree.Node)(nil), steps[1:]
	if len(steps) > 0 && steps[0].index != nil {
		index, steps = steps[0].index, steps[1:]
	}
	if len(steps) == 0 {
		return unknown, nil, ambiguous
	}
	instances := r.children[callKey{s.module, call}]
	if instances == nil { // a module without resources
		instances = member(map[callKey]*group[moduleStep]{}, callKey{})
		instances.add(moduleStep{address: childAddress(s.module, call, tree.Node{})}, tree.Node{})
	}
	instance, ok := choose(s, instances, index, iterators)
	if !ok {
		return unknown, nil, ambiguous
	}
	module := r.plan.module(instance.address)
	if module == nil {
		return unknown, nil, "The plan file does not have the module " + instance.address + "."
	}
	expression, ok := module.outputs[steps[0].name]
	if !ok {
		return unknown, nil, ambiguous
	}
	value, reason = r.expression(scope{module: instance.address}, expression, name, hops)
	return value, steps[1:], reason
}

// attributeOf returns the value of an attribute of a resource or data source.
func (r *resolver) attributeOf(s scope, key configurationKey, steps []step, iterators []string,
	name, ambiguous string) (tree.Node, string) {
	var index *tree.Node
	if len(steps) > 0 && steps[0].index != nil {
		index, steps = steps[0].index, steps[1:]
	}
	instances := r.byResource[resourceKey{s.module, key}]
	if instances == nil {
		return unknown, ambiguous
	}
	in, ok := choose(s, instances, index, iterators)
	if !ok {
		return unknown, ambiguous
	}
	return attributeAt(in, steps, name, ambiguous)
}

// attributeAt returns the value that steps lead to in an instance.
func attributeAt(in *instance, steps []step, name, ambiguous string) (tree.Node, string) {
	if len(steps) == 0 {
		for _, attribute := range usualAttributes(name) {
			if value, ok := in.attributes.Member(attribute); ok && value.Kind != tree.Unknown && value.Kind != tree.Null &&
				plausible(name, *value) {
				return *value, ""
			}
		}
		return unknown, ambiguous
	}
	return navigate(in.attributes, steps, in.change.Address+"."+stepsText(steps))
}

// usualAttributes returns the attributes of other resources that an attribute usually refers to. A reference to an
// instance by count.index or each.key does not name the attribute.
func usualAttributes(name string) []string {
	switch name {
	case "role", "roles", "role_name", "user", "users", "user_name", "group", "groups", "group_name":
		return []string{"name"}
	case "bucket", "key_id", "function_name":
		return []string{name, "id"}
	case "queue_url":
		return []string{"url", "id"}
	}
	switch {
	case isARNAttribute(name):
		return []string{"arn"}
	case isDocumentAttribute(name):
		return []string{"json"}
	}
	return nil
}

// eachValue returns the value of each.value in a block whose for_each is another resource.
func (r *resolver) eachValue(s scope, steps []step, name, ambiguous string) (tree.Node, string) {
	found := referencesOf(*s.forEach)
	if len(found.targets) != 1 || len(found.iterators) > 0 {
		return unknown, ambiguous
	}
	of := found.targets[0].steps
	mode := "managed"
	if len(of) == 3 && of[0].name == "data" {
		mode, of = "data", of[1:]
	}
	if len(of) != 2 || of[0].name == "" || of[1].name == "" {
		return unknown, ambiguous
	}
	instances := r.byResource[resourceKey{s.module, configurationKey{mode, of[0].name, of[1].name}}]
	if instances == nil {
		return unknown, ambiguous
	}
	in, ok := instances.find(s.index)
	if !ok {
		return unknown, ambiguous
	}
	return attributeAt(in, steps, name, ambiguous)
}

// choose returns which of several instances a reference means. Without an index in the reference, the same key is meant
// if the expression uses count.index or each.key, and the instances have the same keys as those of the expression's own
// block.
func choose[T any](s scope, among *group[T], index *tree.Node, iterators []string) (in T, ok bool) {
	switch {
	case index != nil && len(iterators) == 0:
		return among.find(*index)
	case index == nil && len(iterators) == 0 && len(among.instances) == 1:
		return among.instances[0], true
	case index == nil && len(iterators) == 1 && s.index.Kind != tree.Null && s.siblings.same(&among.keys):
		return among.find(s.index)
	}
	return in, false
}

// navigate returns the value that steps lead to.
func navigate(value tree.Node, steps []step, text string) (tree.Node, string) {
	for _, s := range steps {
		switch {
		case value.Kind == tree.Object && (s.name != "" || s.index != nil && s.index.Kind == tree.String):
			key := s.name
			if s.index != nil {
				key = s.index.Text
			}
			member, ok := value.Member(key)
			if !ok {
				return unknown, fmt.Sprintf("It depends on %s, which the plan file does not have.", text)
			}
			value = *member
		case value.Kind == tree.Array && s.index != nil && s.index.Kind == tree.Number:
			i := -1
			if _, err := fmt.Sscanf(s.index.Text, "%d", &i); err != nil || i < 0 || i >= len(value.Elements) {
				return unknown, fmt.Sprintf("It depends on %s, which the plan file does not have.", text)
			}
			value = value.Elements[i]
		case value.Kind == tree.Unknown:
			return unknown, fmt.Sprintf("It depends on %s, which is known only after apply.", text)
		default:
			return unknown, fmt.Sprintf("It depends on %s, and the plan file does not show on which part.", text)
		}
	}
	if value.Kind == tree.Unknown {
		return unknown, fmt.Sprintf("It depends on %s, which is known only after apply.", text)
	}
	return value, ""
}

// stepsText returns steps as a reference writes them.
func stepsText(steps []step) string {
	text := ""
	for _, s := range steps {
		switch {
		case s.index != nil && s.index.Kind == tree.String:
			text += fmt.Sprintf("[%q]", s.index.Text)
		case s.index != nil:
			text += "[" + s.index.Text + "]"
		case text == "":
			text = s.name
		default:
			text += "." + s.name
		}
	}
	return text
}
