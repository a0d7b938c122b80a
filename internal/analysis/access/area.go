package access

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// area is a set of resources.
type area = pattern.Set

// maxAreaSteps bounds the search for a resource of an area.
const maxAreaSteps = 200_000

// find returns a resource of an area.
func find(a *area) (string, pattern.Answer) {
	for i := range a.Required {
		p := &a.Required[i].Pattern
		if text, literal := p.LiteralText(); literal {
			if a.Contains(text) {
				return text, pattern.Found
			}
			return "", pattern.Empty
		}
		for j := range a.Required[:i] {
			if p.IsDisjoint(&a.Required[j].Pattern) {
				return "", pattern.Empty
			}
		}
	}
	for i := range a.Required {
		if text := a.Required[i].Pattern.Example(); a.Contains(text) {
			return text, pattern.Found
		}
	}
	steps := maxAreaSteps
	return a.Witness(&steps)
}

// resources is the Resource or NotResource element of a statement, with the values of its variables.
type resources struct {
	// patterns match whatever the entries match, and texts are the same entries as written. certain says of each whether
	// the entry matches all that the pattern matches.
	patterns []pattern.Pattern
	texts    []string
	certain  []bool
	not, any bool
}

func newResources(view *authz.StatementView, values pattern.Values) resources {
	e := &view.Resource
	out := resources{not: e.Not, any: e.Absent || e.Unknown && !e.Not}
	for i := range e.Patterns {
		p, result := e.Patterns[i].Fill(values, nil)
		if result == pattern.NoValue {
			continue
		}
		out.patterns = append(out.patterns, confined(p))
		out.texts = append(out.texts, e.Texts[i])
		out.certain = append(out.certain, result == pattern.Complete)
	}
	return out
}

// confined returns a pattern whose wildcards stay within the fields of an ARN if it names an account. A wildcard before
// the account may otherwise reach the named account in the sixth field, which no real ARN has there.
func confined(p pattern.Pattern) pattern.Pattern {
	arn := pattern.CutARN(p)
	if account, literal := arn.Fields[pattern.AccountField].LiteralText(); !literal || account == "" || arn.Everything {
		return p
	}
	return arn.Fieldwise()
}

// require returns the part of an area that matches a pattern.
func require(a area, p pattern.Pattern) area {
	if !p.IsEverything() {
		a.Required = append(slices.Clip(a.Required), pattern.Term{Pattern: p})
	}
	return a
}

// exclude returns the part of an area that does not match the entries of an element for certain.
func (r *resources) exclude(a area) area {
	a.Excluded = slices.Clip(a.Excluded)
	for i, p := range r.patterns {
		if r.certain[i] {
			a.Excluded = append(a.Excluded, pattern.Term{Pattern: p})
		}
	}
	return a
}

// within returns the parts of an area to which the element may apply.
func (r *resources) within(a area) []area {
	switch {
	case r.any:
		return []area{a}
	case r.not:
		return []area{r.exclude(a)}
	}
	var out []area
	for _, p := range r.patterns {
		out = append(out, require(a, p))
	}
	return out
}

// without returns the parts of an area to which the element may not apply.
func (r *resources) without(a area) []area {
	switch {
	case r.not:
		var out []area
		for _, p := range r.patterns {
			out = append(out, require(a, p))
		}
		return out
	case r.any:
		return nil
	}
	return []area{r.exclude(a)}
}
