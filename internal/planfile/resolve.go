package planfile

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// maxPasses bounds how often Resolve goes through all instances. Each pass resolves at least one more step of a chain
// of resources that depend on each other, and usually all of them.
const maxPasses = 32

// Resolve fills in unknown values. For each attribute it asks, in this order, what follows from the other attributes
// (see [planned.Predict]), the source of the configuration, if it is given, and the references in the plan file. It
// also writes the documents of data sources that Terraform reads only in apply.
func (p *Plan) Resolve(o Options) error {
	p.options, p.places = o, nil
	r := newResolver(p)
	for _, in := range r.pending {
		in.attributes = r.predict(in, in.original)
	}
	for pass := range maxPasses {
		r.values = &values{resolver: r, pass: pass}
		changed := false
		for _, in := range r.pending {
			if in.done {
				continue
			}
			attributes := r.resolve(in)
			changed = changed || !tree.Equal(in.attributes, attributes)
			in.attributes = attributes
			in.done = !slices.ContainsFunc(in.unknown, func(name string) bool {
				value, ok := in.attributes.Member(name)
				return ok && isOpen(*value)
			})
		}
		if !changed {
			break
		}
	}
	p.Unresolved, p.Assumed = slices.Clone(p.deferred), nil
	for _, in := range r.pending {
		in.change.After = in.attributes
		p.Unresolved = append(p.Unresolved, r.unresolved(in)...)
		p.Assumed = append(p.Assumed, r.assumed(in)...)
	}
	p.Assumed = append(p.Assumed, r.outputs...)
	p.values = r.values
	return nil
}

// Values returns the values to which expressions of the configuration refer, as [Plan.Resolve] has resolved them.
func (p *Plan) Values() Values { return p.values }

// instance is an instance of a resource or data source, as it will be after the plan is applied.
type instance struct {
	change     *Change
	module     string // the address of the module instance, in one form
	mode       string
	block      *resourceConfiguration // nil if the configuration does not have it
	original   tree.Node              // the attributes in the plan file
	attributes tree.Node
	unknown    []string               // the attributes that are unknown in the plan file, entirely or in part
	done       bool                   // nothing is unknown any longer
	reasons    map[string]string      // why attributes stay unknown
	assumed    map[string][]reference // the references from which attributes are filled in
	unset      []string               // the attributes that the configuration seems not to set
}

// resolver resolves the unknown values of a plan.
type resolver struct {
	plan       *Plan
	pending    []*instance // those with unknown attributes
	byResource map[resourceKey]*group[*instance]
	children   map[callKey]*group[moduleStep] // the instances of each call of a module
	modules    map[string]string              // addresses of modules in one form
	values     *values
	outputs    []Unresolved // the outputs of modules without source that expressions depend on
}

// group has the instances of a resource, or of the call of a module.
type group[T any] struct {
	instances []T
	keys
	// The values of the instances for one pass.
	pass   int
	values []Instance
}

// add adds an instance, and reports whether its index is new.
func (g *group[T]) add(in T, index tree.Node) bool {
	key := keyOf(index)
	if _, ok := g.at[key]; ok {
		return false
	}
	g.at[key] = len(g.instances)
	g.instances = append(g.instances, in)
	return true
}

// find returns the instance with an index.
func (g *group[T]) find(index tree.Node) (in T, ok bool) {
	at, ok := g.at[keyOf(index)]
	if ok {
		in = g.instances[at]
	}
	return in, ok
}

// keys are the indexes of the instances of a block.
type keys struct {
	at     map[string]int // the positions of the instances
	sorted string         // all of them, once it is needed
}

// keyOf returns the index of an instance as a text.
func keyOf(index tree.Node) string {
	switch index.Kind {
	case tree.Number:
		return index.Text
	case tree.String:
		return strconv.Quote(index.Text)
	}
	return ""
}

// same reports whether two blocks have the same indexes.
func (k *keys) same(other *keys) bool {
	for _, one := range []*keys{k, other} {
		if one.sorted == "" {
			one.sorted = strings.Join(slices.Sorted(maps.Keys(one.at)), " ")
		}
	}
	return k.sorted == other.sorted
}

// resourceKey identifies a resource or data source in a module instance.
type resourceKey struct {
	module string
	configurationKey
}

// callKey identifies the call of a module in a module instance.
type callKey struct{ module, name string }

func newResolver(p *Plan) *resolver {
	r := &resolver{
		plan: p, byResource: map[resourceKey]*group[*instance]{}, children: map[callKey]*group[moduleStep]{},
		modules: map[string]string{},
	}
	for i := range p.Changes {
		r.add(&p.Changes[i])
	}
	for i := range p.data {
		r.add(&p.data[i])
	}
	return r
}

func (r *resolver) add(c *Change) {
	if c.Deposed || c.After.Kind != tree.Object || c.Action == Delete || c.Action == Forget {
		return
	}
	in := &instance{
		change: c, module: r.module(c.Module), mode: "managed", original: c.unresolved, attributes: c.unresolved,
		reasons: map[string]string{}, assumed: map[string][]reference{},
	}
	if c.IsData {
		in.mode = "data"
	}
	in.block = r.plan.resource(c.Module, in.mode, c.Type, c.Name)
	key := resourceKey{in.module, configurationKey{in.mode, c.Type, c.Name}}
	if !member(r.byResource, key).add(in, c.Index) {
		return // the plan has the instance already, with what applying it does
	}
	for i := range in.original.Members {
		if in.original.Members[i].Value.HasUnknown() {
			in.unknown = append(in.unknown, in.original.Members[i].Name)
		}
	}
	if len(in.unknown) > 0 {
		r.pending = append(r.pending, in)
	}
}

// member returns the group with a key, and makes it if it is missing.
func member[K comparable, T any](groups map[K]*group[T], key K) *group[T] {
	g := groups[key]
	if g == nil {
		g = &group[T]{keys: keys{at: map[string]int{}}, pass: -1}
		groups[key] = g
	}
	return g
}

// module returns the address of a module instance in the form of the resolver, and notes the instance.
func (r *resolver) module(address string) string {
	if known, ok := r.modules[address]; ok {
		return known
	}
	steps, err := moduleSteps(address)
	if err != nil || len(steps) == 0 {
		return address
	}
	for _, step := range steps {
		member(r.children, callKey{step.parent, step.name}).add(step, step.index)
	}
	canonical := steps[len(steps)-1].address
	r.modules[address] = canonical
	return canonical
}

// resolve returns the attributes of an instance, as far as they follow from what is known now.
func (r *resolver) resolve(in *instance) tree.Node {
	attributes := tree.Node{Kind: tree.Object, Members: slices.Clone(in.original.Members)}
	clear(in.reasons)
	clear(in.assumed)
	in.unset = nil
	for i := range attributes.Members {
		m := &attributes.Members[i]
		if in.block == nil || !slices.Contains(in.unknown, m.Name) {
			continue
		}
		if expression, ok := in.block.expressions.Member(m.Name); ok {
			m.Value = r.attribute(in, m.Name, m.Value, *expression)
		} else if planned.IsComputed(in.change.Type, m.Name) {
			m.Value = r.computed(in, m.Name, m.Value)
		}
	}
	return r.predict(in, attributes)
}

// computed returns the value of an attribute that the provider plans as unknown if the configuration does not set it,
// although a new object then has no such policies. A key of AWS KMS gets a default policy, which gives access to its
// account only. A plan file does not show dynamic blocks, so the source decides if it is given.
func (r *resolver) computed(in *instance, name string, value tree.Node) tree.Node {
	if out, found, given := r.fromSource(in, name, value); found {
		return out
	} else if given && value.Kind == tree.Unknown {
		return tree.Node{Kind: tree.Null}
	}
	if value.Kind != tree.Unknown {
		return value
	}
	in.unset = append(in.unset, name)
	return tree.Node{Kind: tree.Null}
}

// fromSource fills in an attribute from its expression in the source. found is false if the source does not have the
// attribute, and given is false if the source of the module is missing.
func (r *resolver) fromSource(in *instance, name string, value tree.Node) (out tree.Node, found, given bool) {
	source := r.plan.options.Configuration
	if source == nil {
		return value, false, false
	}
	c := in.change
	expression, ok, err := source.Attribute(r.values, c.Module, in.mode, c.Type, c.Name, c.Index, name)
	switch {
	case errors.Is(err, ErrNoSource):
		return value, false, false
	case err != nil:
		in.reasons[name] = notInSource(in, name, err)
		return value, true, true
	case !ok:
		return value, false, true
	}
	filled, fits := fill(value, expression)
	if !fits {
		in.reasons[name] = contradiction
		return value, true, true
	}
	return filled, true, true
}

const contradiction = "The source of the configuration does not fit the plan file, which has another value."

// notInSource says why the source does not have the value of an attribute.
func notInSource(in *instance, name string, err error) string {
	reason := strings.TrimPrefix(err.Error(), in.change.Address+"."+name+": ")
	return fmt.Sprintf("The source does not determine it: %s.", strings.TrimSuffix(reason, "."))
}

// attribute returns the value of one attribute that is unknown in the plan file.
func (r *resolver) attribute(in *instance, name string, value, expression tree.Node) tree.Node {
	if reason := r.otherReferences(in, name, expression); reason != "" {
		in.reasons[name] = reason
		return value
	}
	if out, found, _ := r.fromSource(in, name, value); found {
		return out
	}
	f := follower{resolver: r, in: in, attribute: name}
	return f.fill(name, value, expression)
}

// otherReferences returns a reason not to believe the source: its expression mentions other names than that of the plan
// file, so that the plan was made from another source.
func (r *resolver) otherReferences(in *instance, name string, expression tree.Node) string {
	source, c := r.plan.options.Configuration, in.change
	if source == nil {
		return ""
	}
	own, known := source.References(r.values, c.Module, in.mode, c.Type, c.Name, name)
	told, alsoKnown := mentionedBy(expression)
	if !known || !alsoKnown || slices.Equal(own, told) {
		return ""
	}
	return fmt.Sprintf("The source of the configuration does not fit the plan file: its expression mentions %s, and that "+
		"of the plan file mentions %s.", listNames(own), listNames(told))
}

func listNames(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// mentionedBy returns what an expression of the plan file mentions, in the form of [Configuration].References. ok is
// false for nested blocks.
func mentionedBy(expression tree.Node) (names []string, ok bool) {
	if expression.Kind != tree.Object {
		return nil, false
	}
	listed, found := expression.Member("references")
	if !found {
		return nil, len(expression.Members) == 0
	}
	for _, e := range listed.Elements {
		steps := strings.FieldsFunc(e.Text, func(c rune) bool { return c == '.' || c == '[' })
		if len(steps) == 0 || slices.Contains([]string{"each", "count", "path", "self", "terraform"}, steps[0]) {
			continue
		}
		length := 2
		if steps[0] == "data" {
			length = 3
		}
		names = append(names, strings.Join(steps[:min(length, len(steps))], "."))
	}
	slices.Sort(names)
	return slices.Compact(names), true
}

// predict fills in the attributes that follow from the others.
func (r *resolver) predict(in *instance, attributes tree.Node) tree.Node {
	if in.mode == "data" {
		return r.readData(in, attributes)
	}
	place, _ := r.plan.Place(in.change)
	return planned.Predict(in.change.Type, in.change.Address, attributes, place)
}

// unresolved returns the attributes that stay unknown, and that may matter to access.
func (r *resolver) unresolved(in *instance) []Unresolved {
	if in.mode == "data" || !r.concernsAccess(in) {
		return nil
	}
	var found []Unresolved
	for _, name := range in.unknown {
		value, ok := in.attributes.Member(name)
		if !ok || !value.HasUnknown() {
			continue
		}
		reason := in.reasons[name]
		if in.block != nil {
			expression, written := in.block.expressions.Member(name)
			switch {
			case !written && planned.IsComputed(in.change.Type, name): // a dynamic block of the source
				expression = &tree.Node{}
			case !written:
				continue // AWS chooses the value, as of unique_id; what depends on it is unknown itself
			}
			reason = cmp.Or(reason, r.dependsOn(in, *expression))
		}
		found = append(found, Unresolved{in.change.Address, name, cmp.Or(reason, "It is known only after apply.")})
	}
	return found
}

// dependsOn says what an expression depends on, and why that is unknown.
func (r *resolver) dependsOn(in *instance, expression tree.Node) string {
	reason := dependsOn(expression)
	if r.plan.options.Configuration != nil {
		reason = strings.Replace(reason, withoutExpression, ".", 1)
	}
	for _, target := range referencesOf(expression).targets {
		if len(target.steps) < 3 || target.steps[0].name != "data" {
			continue
		}
		key := configurationKey{"data", target.steps[1].name, target.steps[2].name}
		g := r.byResource[resourceKey{in.module, key}]
		if g == nil {
			continue
		}
		for _, other := range g.instances {
			for _, name := range other.unknown {
				if why := other.reasons[name]; why != "" {
					return fmt.Sprintf("%s %s of %s: %s", reason, name, other.change.Address, why)
				}
			}
		}
	}
	return reason
}

// assumed returns the attributes that Resolve filled in from a reference.
func (r *resolver) assumed(in *instance) []Unresolved {
	var found []Unresolved
	for _, name := range in.unset {
		if name == "inline_policy" { // the other ones are no blocks
			found = append(found, Unresolved{in.change.Address, name,
				"The list is taken to be empty, because the plan file does not have dynamic blocks."})
		}
	}
	for _, name := range in.unknown {
		if targets := in.assumed[name]; len(targets) > 0 {
			found = append(found, assumption(in.change.Address, name, targets))
		}
	}
	return found
}

func assumption(address, name string, targets []reference) Unresolved {
	return Unresolved{address, name,
		"The value is taken from " + list(targets) + ", because the plan file does not have the expression."}
}

// concernsAccess reports whether a resource is part of an account, or has a policy.
func (r *resolver) concernsAccess(in *instance) bool {
	if strings.HasPrefix(in.change.Type, "iam_") || strings.HasPrefix(in.change.Type, "aws_iam_") {
		return true
	}
	place, _ := r.plan.Place(in.change)
	_, ok, err := planned.ResourcePolicies(in.change.Type, in.attributes, place)
	return ok || err != nil
}

// isOpen reports whether a value is unknown, entirely or in part, or has holes.
func isOpen(n tree.Node) bool {
	return n.Kind == tree.Unknown || n.Kind == tree.String && planned.HasHole(n.Text) ||
		slices.ContainsFunc(n.Elements, isOpen) ||
		slices.ContainsFunc(n.Members, func(m tree.Member) bool { return isOpen(m.Value) })
}

// values implements [Values] for one pass.
type values struct {
	resolver *resolver
	pass     int
}

// Variable implements [Values].
func (v *values) Variable(name string) (tree.Node, bool) {
	value, ok := v.resolver.plan.variables[name]
	return value, ok
}

// Instances implements [Values].
func (v *values) Instances(module, mode, typeName, name string) []Instance {
	key := resourceKey{v.resolver.module(module), configurationKey{mode, typeName, name}}
	g := v.resolver.byResource[key]
	if g == nil {
		return nil
	}
	if g.pass != v.pass {
		g.pass, g.values = v.pass, make([]Instance, len(g.instances))
		for i, in := range g.instances {
			g.values[i] = Instance{in.change.Address, in.change.Index, in.attributes}
		}
	}
	return g.values
}

// Output implements [Outputs].
func (v *values) Output(module, name string) (tree.Node, bool) {
	r := v.resolver
	steps, err := moduleSteps(module)
	configuration := r.plan.module(module)
	if err != nil || len(steps) == 0 || configuration == nil {
		return unknown, false
	}
	expression, ok := configuration.outputs[name]
	if !ok {
		return unknown, false
	}
	value, reason := r.expression(scope{module: steps[len(steps)-1].address}, expression, "", 0)
	if reason != "" || value.HasUnknown() {
		return unknown, false
	}
	if _, constant := expression.Member("constant_value"); !constant {
		taken := assumption(module, name, referencesOf(expression).targets)
		if !slices.Contains(r.outputs, taken) {
			r.outputs = append(r.outputs, taken)
		}
	}
	return value, true
}
