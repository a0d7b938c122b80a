package authz

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Explain answers a request as [Policies.Decide] does, with the reasons. It visits every statement,
// so its cost grows with the policies.
func (p *Policies) Explain(r *Request) *Decision {
	p = p.withSources()
	e := &explainer{
		request: r, policies: p, facts: p.facts(r, true),
		missing: map[string]string{}, dependsOn: map[string]bool{},
	}
	d := &Decision{Outcome: p.Decide(r)}
	e.layers(d)
	d.MissingKeys = e.missingKeys()
	d.Notes = slices.Concat(e.notes, p.missingPolicyNote(r, d.Outcome))
	for _, layer := range d.Layers {
		if layer.Applies && (d.Outcome == ExplicitlyDenied) == (layer.Outcome == ExplicitlyDenied) {
			d.Deciding = append(d.Deciding, layer.Deciding...)
		}
	}
	switch fixed := r.fixedAnswer(); {
	case fixed.allowed == yes:
		d.Deciding = nil
		d.Reason = "Allowed: " + fixed.reason + "."
	case fixed.refused == yes && d.Outcome == ImplicitlyDenied:
		d.Deciding = nil
		d.Reason = "Implicitly denied: " + fixed.reason + "."
	case d.Outcome == Allowed:
		d.Reason = e.allowedReason(d)
	case d.Outcome == ExplicitlyDenied && len(d.Deciding) == 0:
		d.Reason = "Explicitly denied, whatever the unknown values are."
	case d.Outcome == ExplicitlyDenied:
		d.Reason = fmt.Sprintf("Explicitly denied by %s (layer %s).", d.Deciding[0], d.Deciding[0].layerName())
	case d.Outcome == Undecided:
		d.Deciding = nil
		d.DependsOn = e.unknowns
		d.Reason = "Unknown: the answer depends on " + joinSome(e.unknowns, 3) + "."
	default:
		d.Deciding = nil
		d.NearestMiss = e.nearestMiss()
		d.Reason = "Implicitly denied: " + strings.Join(e.withheld, "; ") + "."
		if d.Outcome == Denied {
			d.Reason = "Denied, whatever the unknown values are: " + strings.Join(e.withheld, "; ") + "."
		}
	}
	return d
}

func (s StatementRef) layerName() string {
	return LayerDecision{Layer: s.Layer, Level: s.Level}.Name()
}

type explainer struct {
	request   *Request
	policies  *Policies
	facts     facts
	results   []layerResult
	missing   map[string]string // the absent keys: in lower case → as written
	notes     []string
	unknowns  []string        // the unknown values that the outcome depends on
	dependsOn map[string]bool // the set of unknowns
	withheld  []string        // the reasons why the request is not allowed, as clauses
}

// layerResult is the verdict of a layer. It includes every statement.
type layerResult struct {
	layer   *Layer
	level   int
	verdict verdict
}

// presentLayer is a layer that is not absent; why says why it does not apply.
type presentLayer struct {
	layer   *Layer
	level   int
	applies bool
	why     string
}

// presentLayers returns the layers that are not absent, and whether they apply.
func (e *explainer) presentLayers() (out []presentLayer) {
	add := func(l *Layer, level int, applies bool, why string) {
		if l != nil {
			out = append(out, presentLayer{l, level, applies, why})
		}
	}
	p, a := e.policies, e.facts.applies
	who := e.request.Principal
	identityWhy := "policies of this layer do not apply to " + who.String()
	if who.Kind == Root {
		identityWhy = "the root user is not limited by policies of this layer"
	}
	add(p.Identity, 0, a.identity, identityWhy)
	add(p.Group, 0, a.identity, identityWhy)
	add(p.Boundary, 0, a.identity, identityWhy)
	add(p.Session, 0, a.identity, identityWhy)
	add(p.ResourcePolicy, 0, true, "")
	controlWhy := "service control policies do not apply to " + who.String()
	switch {
	case who.ServiceLinked:
		controlWhy = "service control policies do not limit service-linked roles"
	case who.hasIdentity():
		controlWhy = "service control policies do not limit the management account"
	}
	for i, l := range p.ServiceControl {
		add(l, i, a.serviceControl, controlWhy)
	}
	resourceWhy := "resource control policies do not protect the management account's resources"
	if who.ServiceLinked {
		resourceWhy = "resource control policies do not limit service-linked roles"
	}
	for i, l := range p.ResourceControl {
		add(l, i, a.resourceControl, resourceWhy)
	}
	add(p.Endpoint, 0, a.endpoint, "a service's own requests do not come through the VPC endpoint")
	return out
}

func (e *explainer) layers(d *Decision) {
	r := e.request
	for part, unknown := range map[string]bool{
		"the principal": r.Unknown.Principal, "the action": r.Unknown.Action,
		"the resource": r.Unknown.Resource, "the resource's account": r.Unknown.ResourceAccount,
	} {
		if unknown {
			e.unknowns = append(e.unknowns, part)
		}
	}
	sort.Strings(e.unknowns)
	for _, g := range e.presentLayers() {
		ld := LayerDecision{Layer: g.layer.kind, Level: g.level, Applies: g.applies, Reason: g.why}
		if g.applies {
			e.layer(g.layer, g.level, &ld)
		}
		d.Layers = append(d.Layers, ld)
	}
}

// layer collects the verdict of every statement of a layer.
func (e *explainer) layer(l *Layer, level int, out *LayerDecision) {
	r := e.request
	var v verdict
	for _, name := range l.unknownPolicies() {
		v.add(unknown)
		e.dependOn("the policy %q, which is not known yet", name)
	}
	var allows, denies []StatementRef
	for s, part := range l.statements() {
		ref := l.ref(part, s, level)
		if s.opaque {
			e.dependOn("%s, which is not known yet", ref)
		}
		if !s.opaque {
			e.inspect(s, ref)
		}
		one := part.statementVerdict(l.kind, s, r, e.facts.hasBoundary)
		if v.add(one); part.Uncertain && one != (verdict{}) {
			e.dependOn("whether the policy %q will be attached", ref.Policy)
		}
		if one.deny == yes {
			denies = append(denies, ref)
		}
		if one.allow.any() == yes && l.kind != ResourceControl {
			allows = append(allows, ref)
		}
	}
	e.results = append(e.results, layerResult{l, level, v})
	allow := v.allow.any()
	if l.kind == ResourceControl {
		allow = yes
	}
	switch {
	case v.deny == yes:
		out.Outcome, out.Deciding = ExplicitlyDenied, denies
		out.Reason = "denied by " + denies[0].String()
	case v.deny == no && allow == no:
		out.Outcome, out.Reason = ImplicitlyDenied, "no statement allows it"
	case allow == no:
		out.Outcome, out.Reason = Denied, "no statement allows it"
	case v.deny == no && allow == yes:
		out.Outcome, out.Deciding = Allowed, allows
		out.Reason = "no statement denies it"
		if len(allows) > 0 {
			out.Reason = "allowed by " + allows[0].String()
		}
		if l.kind == ResourcePolicy && or(v.allow.direct, v.allow.wide) == no {
			out.Reason += ", which names the account and so leaves the decision to its identity policies"
		}
	default:
		out.Outcome, out.Reason = Undecided, "the answer depends on unknown values"
	}
}

func (l *Layer) ref(part *Part, s *statement, level int) StatementRef {
	return StatementRef{
		Layer: l.kind, Level: level, Policy: part.policyName(s.policy), Sid: s.source.Sid.Value,
		Index: s.source.Index, Effect: policy.Effect(s.source.Effect.Value), Pos: s.source.Pos,
	}
}

// dependOn records an unknown value that the outcome depends on.
func (e *explainer) dependOn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !e.dependsOn[text] {
		e.dependsOn[text] = true
		e.unknowns = append(e.unknowns, text)
	}
}

// inspect collects what a statement depends on: keys that the request does not have, values that
// cannot be compared, and unknown values.
func (e *explainer) inspect(s *statement, ref StatementRef) {
	r := e.request
	action := s.matchAction(r)
	if action == no {
		return
	}
	for i := range s.resources {
		if p := &s.resources[i]; p.HasVariables() && (r.Unknown.Resource || p.CouldMatch(r.Resource)) {
			e.variables(p, s.resourceText(i))
		}
	}
	for _, name := range s.principals.groups() {
		e.notes = append(e.notes, fmt.Sprintf(
			"In %s, %s is a group. A group is never a principal, so the entry matches nobody.", ref, name))
	}
	resource, named := s.matchResource(r), s.principals.match(r, e.facts.hasBoundary)
	if resource == no || named.any() == no {
		return
	}
	principal := named.any()
	if named.direct == maybe || named.wide == maybe {
		principal = maybe // the outcome may depend on how the element names the caller
	}
	uncertain := func(t truth, unknown bool, element string) {
		if t == maybe && unknown {
			e.dependOn("the %s of %s", element, ref)
		}
	}
	uncertain(s.allow, true, "Effect")
	uncertain(action, !r.Unknown.Action, "Action")
	uncertain(resource, !r.Unknown.Resource, "Resource")
	uncertain(principal, !r.Unknown.Principal, "Principal")
	if s.conditionsUnknown {
		e.dependOn("the Condition of %s", ref)
	}
	for i := range s.conditions {
		c := &s.conditions[i]
		v, state := r.Context.lookup(c.key)
		switch state {
		case absent:
			e.missing[c.key] = c.source.Key
		case hidden, free:
			e.dependOn("the context key %s", c.source.Key)
		case present:
			e.noteIncomparable(c, v, ref)
		}
		if c.unknown {
			e.dependOn("the values of %s %s in %s", c.operator, c.source.Key, ref)
		}
		for j := range c.values {
			if c.values[j].unknown {
				e.dependOn("a value of %s %s in %s", c.operator, c.source.Key, ref)
			}
			e.variables(&c.values[j].text, c.source.Values.Values[j].Value)
		}
	}
}

// resourceText returns the text of a pattern in the Resource or NotResource element. It returns "" if a part of the
// element is not known yet.
func (s *statement) resourceText(i int) string {
	list := s.source.Resource
	if list == nil {
		list = s.source.NotResource
	}
	if list == nil || len(list.Values) != len(s.resources) {
		return ""
	}
	return list.Values[i].Value
}

// variables records the absent and the unknown keys of a pattern's variables. It spells them as the text of the pattern
// does.
func (e *explainer) variables(p *pattern.Pattern, text string) {
	var spellings []string
	i := 0
	for t := range p.Variables() {
		switch _, state := e.request.Context.lookup(t.Text); state {
		case absent:
			if _, ok := e.missing[t.Text]; ok {
				break
			}
			if spellings == nil {
				spellings = variableKeys(text)
			}
			e.missing[t.Text] = t.Text
			if i < len(spellings) && ascii.EqualFold(spellings[i], t.Text) {
				e.missing[t.Text] = spellings[i]
			}
		case hidden, free:
			e.dependOn("the context key %s", t.Text)
		}
		i++
	}
}

// variableKeys returns the keys of the variables in a text.
func variableKeys(text string) []string {
	keys := []string{}
	p, err := pattern.Parse(text, true)
	if err != nil { // the text has no variables for the evaluator either
		return keys
	}
	for t := range p.Variables() {
		keys = append(keys, t.Text)
	}
	return keys
}

// noteIncomparable adds notes about values that the operator of a condition cannot compare.
func (e *explainer) noteIncomparable(c *condition, v contextValue, ref StatementRef) {
	note := func(format string, args ...any) {
		const maxNotes = 1000
		if len(e.notes) >= maxNotes {
			return
		}
		at := fmt.Sprintf("In %s, %s %s: ", ref, c.operator, c.source.Key)
		e.notes = append(e.notes, at+fmt.Sprintf(format, args...))
	}
	if v.multi && c.op.Qualifier == policy.NoQualifier && c.op.Comparison != policy.Null {
		note("the key is multivalued, which an operator without ForAllValues or ForAnyValue does not compare.")
		return
	}
	for i, value := range c.values {
		if !value.valid && !value.unknown {
			note("the policy's value %q does not have the type that the operator compares, so the comparison is never true.",
				abbreviate(c.source.Values.Values[i].Value))
		}
	}
	if c.op.Comparison == policy.Null {
		return
	}
	for _, text := range v.texts {
		if o := c.read(text); !o.ok {
			note("the request's value %q does not have the type that the operator compares, so the comparison is false.",
				abbreviate(text))
			break // one note for each condition is enough
		}
	}
}

func (e *explainer) missingKeys() []string {
	keys := make([]string, 0, len(e.missing))
	for _, key := range e.missing {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func (e *explainer) allowedReason(d *Decision) string {
	for _, s := range d.Deciding {
		if s.Layer == Identity || s.Layer == Group || s.Layer == ResourcePolicy {
			return fmt.Sprintf("Allowed by %s (layer %s).", s, s.layerName())
		}
	}
	if e.request.Principal.Kind == Root {
		return "Allowed: the root user has full access to its account."
	}
	return "Allowed."
}
