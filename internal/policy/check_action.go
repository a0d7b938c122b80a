package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// actions checks an Action or NotAction element of a statement with this effect.
func (c *checker) actions(l *List, at, effect string) {
	if l == nil {
		return
	}
	name := at[strings.LastIndexByte(at, '.')+1:]
	if len(l.Values) == 0 && !l.Unknown {
		c.fail(CodeEmptyArrayAction, at, l.Pos, "%s is an empty list, which AWS refuses. Name an action.", name)
	}
	for i, v := range l.Values {
		if !v.Unknown && strings.Contains(v.Value, " ") {
			kind := Warning
			if effect == string(Deny) {
				kind = Error // the Deny would not apply to the action that its author means
			}
			c.add(kind, CodeSpaceInAction, l.ValuePath(at, i), v.Pos, "%s has a space. AWS accepts it, but no action has one, "+
				"so it matches nothing. Remove the space.", Quote(v.Value))
		}
		if service := actionService(v.Value); !v.Unknown && service != "" && v.Value != "*" && hasWildcard(service) {
			c.serviceWildcard(v, l.ValuePath(at, i))
		}
	}
	c.redundantActions(l, at)
}

// actionService returns the service of an action pattern; "*" for the pattern "*".
func actionService(pattern string) string {
	service, _, _ := strings.Cut(pattern, ":")
	return service
}

func hasWildcard(s string) bool { return strings.ContainsAny(s, "*?") }

// actionCovers reports whether a pattern matches an action given in lower case.
func actionCovers(pattern, action string) bool {
	if !hasWildcard(pattern) {
		return ascii.Fold(pattern) == action
	}
	p := actionPattern(pattern)
	return p.Match(action)
}

// mayMatch reports whether a pattern of the list matches an action in lower case. An unknown pattern
// may match every action.
func (l *List) mayMatch(action string) bool {
	if l == nil {
		return false
	}
	for _, v := range l.Values {
		if v.Unknown || actionCovers(v.Value, action) {
			return true
		}
	}
	return l.Unknown
}
