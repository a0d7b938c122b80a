package assertion

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

func isPattern(text string) bool {
	p := pattern.Glob(text)
	return p.HasWildcards()
}

// exampleAction returns an action that the pattern matches. It replaces each wildcard by a text that other patterns
// are unlikely to contain.
func exampleAction(text string) string {
	if text == "*" {
		text = "*:*"
	}
	p := pattern.Glob(text)
	return p.Example()
}

// unnamedResource represents the resources that no statement names.
const unnamedResource = "anything:anything"

// query is one action and one resource of a block. Both may be patterns. In a literal resource,
// wildcards have no special meaning.
type query struct {
	action          string
	resource        string
	literalResource bool
	account         string // the account of the principal
	// keys has the values of the principal's context keys, which the variables of its policies
	// refer to.
	keys *authz.Context
}

// Value returns the value of a policy variable. A key that the block does not give may have any
// value.
func (q query) Value(key string) (string, pattern.Presence) {
	text, presence := q.keys.Value(key)
	if presence == pattern.Absent {
		presence = pattern.Unknown
	}
	return text, presence
}

// example returns the request that represents everything that no statement mentions.
func (q query) example() pair {
	if q.literalResource || q.resource == "*" {
		return pair{exampleAction(q.action), q.resource}
	}
	resource, _ := q.commonResource(pattern.Glob("arn:*"))
	return pair{exampleAction(q.action), resource}
}

// commonResource returns a resource that the query's pattern and another one match; ok is false if
// there is none. The resource belongs to the principal's own account if it can: on resources of
// other accounts, the principal's policies alone decide nothing.
func (q query) commonResource(other pattern.Pattern) (text string, ok bool) {
	one, two := pattern.CutARN(pattern.Glob(q.resource)), pattern.CutARN(other)
	own := &one.Fields[pattern.AccountField]
	if !one.Everything && !two.Everything && own.Match(q.account) && two.Fields[pattern.AccountField].Match(q.account) {
		*own = pattern.Literal(q.account)
	}
	return one.Intersect(&two)
}

// overlaps returns the requests that represent what the query and a statement have in common.
func (q query) overlaps(s *authz.StatementView) []pair {
	example := q.example()
	actions := []string{example.action}
	if isPattern(q.action) {
		folded := pattern.Glob(ascii.Fold(q.action))
		for i, p := range s.Action.Patterns {
			if text, ok := pattern.Intersect(folded, p); ok {
				actions = append(actions, asWritten(text, q.action, s.Action.Texts[i]))
			}
		}
	}
	resources := []string{example.resource}
	if !q.literalResource {
		for i := range s.Resource.Patterns {
			p, result := s.Resource.Patterns[i].Fill(q, nil)
			if result == pattern.NoValue {
				continue
			}
			if text, ok := q.commonResource(p); ok {
				resources = append(resources, text)
			}
		}
	}
	var out []pair
	for _, action := range actions {
		if _, err := authz.ParseAction(action); err != nil {
			continue // such as "s3:", which the patterns s3:* and s3* have in common
		}
		for _, resource := range resources {
			out = append(out, pair{action, resource})
		}
	}
	return out
}

// asWritten returns a lower-case action in the spelling of a pattern that is this action. Without
// such a pattern it returns the action unchanged.
func asWritten(action string, patterns ...string) string {
	for _, p := range patterns {
		if ascii.EqualFold(p, action) {
			return p
		}
	}
	return action
}
