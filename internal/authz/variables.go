package authz

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// Value returns the value that a policy variable has in the context; key is in lower case. A
// multivalued key cannot be a variable: it counts as having no value, and the default does not apply
// (rules 26 and 32). Context implements [pattern.Values].
func (c *Context) Value(key string) (string, pattern.Presence) {
	v, state := c.lookup(key)
	switch {
	case state == absent:
		return "", pattern.Absent
	case state != present:
		return "", pattern.Unknown
	case v.multi:
		return "", pattern.Unusable
	}
	return v.texts[0], pattern.Given
}

// match compares a text with a pattern whose variables have the values of the context. noValue is
// set if a variable has no value, in which case the answer is no.
func match(p *pattern.Pattern, text string, ctx *Context) (answer truth, noValue bool) {
	if !p.HasVariables() {
		return truthOf(p.Match(text)), false
	}
	var buffer [16]pattern.Token
	filled, result := p.Fill(ctx, buffer[:])
	if result == pattern.NoValue {
		return no, true
	}
	answer = truthOf(filled.Match(text))
	if result == pattern.Partial {
		answer = min(answer, maybe)
	}
	return answer, false
}

// missingVariable returns the key of a variable that has no value, or the empty string (rules 26
// and 32).
func missingVariable(p *pattern.Pattern, ctx *Context) string {
	for t := range p.Variables() {
		switch _, presence := ctx.Value(t.Text); {
		case presence == pattern.Absent && t.Default == nil, presence == pattern.Unusable:
			return t.Text
		}
	}
	return ""
}

// mayLackVariable reports whether a variable may turn out to have no value.
func mayLackVariable(p *pattern.Pattern, ctx *Context) bool {
	for t := range p.Variables() {
		if v, state := ctx.lookup(t.Text); (state == free || state == hidden) && !v.single {
			return true
		}
	}
	return false
}
