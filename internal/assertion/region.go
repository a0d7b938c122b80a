package assertion

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// region is a set of requests: all pairs of an action and a resource of two sets.
type region struct{ action, resource pattern.Set }

// require returns the part of the region whose action or resource matches a pattern.
func require(set pattern.Set, p pattern.Pattern) pattern.Set {
	if p.IsEverything() {
		return set
	}
	set.Required = append(slices.Clip(set.Required), pattern.Term{Pattern: p})
	return set
}

// exclude returns the part of the set that matches none of the patterns.
func exclude(set pattern.Set, patterns ...pattern.Pattern) pattern.Set {
	set.Excluded = slices.Clip(set.Excluded)
	for _, p := range patterns {
		set.Excluded = append(set.Excluded, pattern.Term{Pattern: p})
	}
	return set
}

// maxSteps bounds the search for one example of a set.
const maxSteps = 500_000

// example returns a text of a set.
func example(set *pattern.Set) (string, pattern.Answer) {
	for i := range set.Required {
		p := &set.Required[i].Pattern
		if text, literal := p.LiteralText(); literal {
			if set.Contains(text) {
				return text, pattern.Found
			}
			return "", pattern.Empty
		}
		for j := range set.Required[:i] {
			if p.IsDisjoint(&set.Required[j].Pattern) {
				return "", pattern.Empty
			}
		}
	}
	for i := range set.Required {
		if text := set.Required[i].Pattern.Example(); set.Contains(text) {
			return text, pattern.Found
		}
	}
	steps := maxSteps
	for i := range set.Excluded {
		for j := range set.Required {
			if set.Excluded[i].Pattern.Covers(set.Required[j].Pattern, &steps) {
				return "", pattern.Empty
			}
		}
	}
	return set.Witness(&steps)
}

// element is an Action, NotAction, Resource or NotResource element with the values of its variables.
type element struct {
	// patterns match whatever the element matches, among real ARNs.
	patterns []pattern.Pattern
	// certain are those of them that contain no variable with an unknown value. The element matches all that they match.
	certain []pattern.Pattern
	not     bool
	// partial is set if a pattern contains a variable with an unknown value.
	partial bool
	// any is set if the element may match everything.
	any bool
}

func newElement(view *authz.ElementView, values pattern.Values) element {
	e := element{not: view.Not, any: view.Absent || view.Unknown && !view.Not}
	for i := range view.Patterns {
		p, result := view.Patterns[i].Fill(values, nil)
		if result == pattern.NoValue {
			continue
		}
		if result == pattern.Complete {
			e.certain = append(e.certain, p)
		} else {
			e.partial = true
		}
		e.patterns = append(e.patterns, confined(p))
	}
	return e
}

// confined returns a pattern for resources whose wildcards stay within their fields if the pattern names an account. A
// wildcard before the account may otherwise match another account and reach the named one in the sixth field, which no
// real ARN has there.
func confined(p pattern.Pattern) pattern.Pattern {
	arn := pattern.CutARN(p)
	if account, literal := arn.Fields[pattern.AccountField].LiteralText(); !literal || account == "" || arn.Everything {
		return p
	}
	return arn.Fieldwise()
}

// within returns the parts of a set that the element may match.
func (e *element) within(set pattern.Set) []pattern.Set {
	switch {
	case e.any:
		return []pattern.Set{set}
	case e.not:
		return []pattern.Set{exclude(set, e.certain...)}
	}
	out := make([]pattern.Set, 0, len(e.patterns))
	for _, p := range e.patterns {
		out = append(out, require(set, p))
	}
	return out
}

// without returns parts of a set that contain all texts that the element may not match.
func (e *element) without(set pattern.Set) []pattern.Set {
	switch {
	case e.not:
		out := make([]pattern.Set, 0, len(e.patterns))
		for _, p := range e.patterns {
			out = append(out, require(set, p))
		}
		return out
	case e.any:
		return nil
	}
	return []pattern.Set{exclude(set, e.certain...)}
}

// outline is a statement of a caller's policies.
type outline struct {
	authz.Outline
	action, resource element
}

func newOutlines(policies *authz.Policies, values pattern.Values) []outline {
	outlines := policies.Outlines()
	out := make([]outline, 0, len(outlines))
	for _, o := range outlines {
		next := outline{Outline: o, action: element{any: true}, resource: element{any: true}}
		if !o.Unknown {
			next.action, next.resource = newElement(&o.Action, values), newElement(&o.Resource, values)
		}
		out = append(out, next)
	}
	return out
}

// within returns the parts of a region to which the statement may apply.
func (o *outline) within(r region) []region {
	actions, resources := o.action.within(r.action), o.resource.within(r.resource)
	out := make([]region, 0, len(actions)*len(resources))
	for _, action := range actions {
		if _, answer := example(&action); answer == pattern.Empty {
			continue
		}
		for _, resource := range resources {
			out = append(out, region{action, resource})
		}
	}
	return out
}

// without returns parts of a region that contain all requests to which the statement may not apply.
func (o *outline) without(r region) []region {
	var out []region
	for _, action := range o.action.without(r.action) {
		out = append(out, region{action, r.resource})
	}
	for _, resource := range o.resource.without(r.resource) {
		out = append(out, region{r.action, resource})
	}
	return out
}

// touches reports whether the statement may apply to a request of a region.
func (o *outline) touches(r *region) bool {
	return slices.ContainsFunc(o.within(*r), func(part region) bool { return !part.isEmpty() })
}

// question is one action and one resource of a block. Both may be patterns.
type question struct {
	action, resource string
	regions          []region
}

// allActions are the texts that are actions.
var allActions = pattern.Set{
	Required: []pattern.Term{{Pattern: pattern.Glob("?*:?*")}}, Excluded: []pattern.Term{{Pattern: pattern.Glob("*:*:*")}},
}

// newQuestion returns the question about an action and a resource of a block. A resource that is not a pattern stands
// for itself.
func newQuestion(action, resource, account string, resourceIsPattern bool) question {
	q := question{action: action, resource: resource}
	actions := pattern.Set{Required: []pattern.Term{{Pattern: pattern.Glob(ascii.Fold(action))}}}
	if isPattern(action) {
		actions = require(allActions, pattern.Glob(ascii.Fold(action)))
	}
	add := func(p pattern.Pattern) {
		q.regions = append(q.regions, region{actions, pattern.Set{Required: []pattern.Term{{Pattern: p}}}})
	}
	if !resourceIsPattern {
		add(pattern.Literal(resource))
		return q
	}
	arn := pattern.CutARN(pattern.Glob(resource))
	if arn.Everything {
		add(pattern.Literal("*")) // the resource of actions without resources
		arn = pattern.CutARN(pattern.Glob("arn:*:*:*:*:*"))
	}
	// Only resources of the principal's account belong to the question: on others, the principal's policies alone allow
	// nothing. The ARNs of some resources have no account, and those of resources of AWS have the account aws.
	field := arn.Fields[pattern.AccountField]
	for _, owner := range []string{account, "", "aws"} {
		if field.Match(owner) {
			arn.Fields[pattern.AccountField] = pattern.Literal(owner)
			add(arn.Fieldwise())
		}
	}
	if len(q.regions) == 0 {
		add(arn.Fieldwise())
	}
	return q
}

// isSingle reports whether the question is about one request.
func (q *question) isSingle() bool {
	if len(q.regions) != 1 {
		return false
	}
	_, action := q.regions[0].action.Required[0].Pattern.LiteralText()
	_, resource := q.regions[0].resource.Required[0].Pattern.LiteralText()
	return action && resource
}

// commonName returns a name for what a text of a block and a text of a statement have in common: the narrower text, or
// both.
func commonName(asked, stated string, fold bool) string {
	p, q := pattern.Glob(asked), pattern.Glob(stated)
	if fold {
		p, q = pattern.Glob(ascii.Fold(asked)), pattern.Glob(ascii.Fold(stated))
	}
	steps := maxSteps
	switch {
	case q.Covers(p, &steps):
		return asked
	case p.Covers(q, &steps):
		return stated
	}
	return asked + " and " + stated
}
