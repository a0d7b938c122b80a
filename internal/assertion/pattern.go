package assertion

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func isPattern(text string) bool { return strings.ContainsAny(text, "*?") }

// anything is a text that a pattern matches and, as good as surely, no other one does.
func anything(pattern string) string {
	if pattern == "*" {
		pattern = "*:*"
	}
	return strings.NewReplacer("*", "anything", "?", "x").Replace(pattern)
}

// request is what is asked about: patterns, or a literal resource, in which wildcards stand for themselves.
type request struct {
	action, resource string
	literal          bool
	account          string // the principal's
}

// itself is the request that stands for what no statement speaks of.
func (r request) itself() pair {
	if r.literal || r.resource == "*" {
		return pair{anything(r.action), r.resource}
	}
	resource, _ := r.resourceInCommon("arn:*")
	return pair{anything(r.action), resource}
}

// resourceInCommon is a resource that the request's pattern and another one match: field by field, since no real ARN has a
// colon before its sixth field but for those between fields, however far a wildcard would reach. It is of the principal's own
// account if it can be: on those of others, its policies alone decide nothing.
func (r request) resourceInCommon(pattern string) (word string, ok bool) {
	if r.resource == "*" || pattern == "*" {
		return inCommon(r.resource, pattern)
	}
	one, other := fields(r.resource), fields(pattern)
	for i := range one {
		if i == accountField {
			if _, own := inCommon(one[i], r.account); own {
				if _, both := inCommon(other[i], r.account); both {
					one[i] = r.account
					continue
				}
			}
		}
		if one[i], ok = inCommon(one[i], other[i]); !ok {
			return "", false
		}
	}
	return strings.Join(one, ":"), true
}

// accountField is where an ARN has the account.
const accountField = 4

// fields are the six of an ARN; those that a short pattern does not have match anything.
func fields(pattern string) []string {
	out := strings.SplitN(pattern, ":", 6)
	for len(out) < 6 {
		out = append(out, "*")
	}
	return out
}

// statement is what a statement of a policy speaks of.
type statement struct{ actions, resources []string }

// overlaps are the requests that stand for what a request and a statement have in common, if that is anything.
func (s *statement) overlaps(r request) []pair {
	own := r.itself()
	actions := []string{own.action}
	if isPattern(r.action) {
		for _, pattern := range s.actions {
			if word, ok := inCommon(strings.ToLower(r.action), strings.ToLower(pattern)); ok {
				actions = append(actions, spelled(word, r.action, pattern))
			}
		}
	}
	resources := []string{own.resource}
	if !r.literal {
		for _, pattern := range s.resources {
			if word, ok := r.resourceInCommon(pattern); ok {
				resources = append(resources, word)
			}
		}
	}
	var out []pair
	for _, action := range actions {
		if _, err := authz.ParseAction(action); err != nil {
			continue // such as s3: of the patterns s3:* and s3*, which is no action
		}
		for _, resource := range resources {
			out = append(out, pair{action, resource})
		}
	}
	return out
}

// spelled is a word, found without regard to case, in the spelling of one of the patterns if that is the word.
func spelled(word string, patterns ...string) string {
	for _, pattern := range patterns {
		if strings.EqualFold(pattern, word) {
			return pattern
		}
	}
	return word
}

// inCommon is a text that two patterns match; ok is false where there is none. What stands for the wildcards of both is
// written so that it can be told.
func inCommon(a, b string) (word string, ok bool) {
	type state struct{ i, j int }
	type step struct {
		from state
		text string
	}
	came := map[state]step{{0, 0}: {}}
	queue := []state{{0, 0}}
	visit := func(from, to state, text string) {
		if _, been := came[to]; !been {
			came[to] = step{from, text}
			queue = append(queue, to)
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if at.i == len(a) && at.j == len(b) {
			var parts []string
			for at != (state{}) {
				parts = append(parts, came[at].text)
				at = came[at].from
			}
			slices.Reverse(parts)
			return strings.Join(parts, ""), true
		}
		starA, starB := at.i < len(a) && a[at.i] == '*', at.j < len(b) && b[at.j] == '*'
		switch {
		case starA && starB: // both go on together, with something in their place
			visit(at, state{at.i + 1, at.j}, "anything")
			visit(at, state{at.i, at.j + 1}, "anything")
		case starA:
			visit(at, state{at.i + 1, at.j}, "")
		case starB:
			visit(at, state{at.i, at.j + 1}, "")
		}
		if at.i == len(a) || at.j == len(b) || starA && starB {
			continue
		}
		x, y := a[at.i], b[at.j]
		next := state{at.i + 1, at.j + 1}
		if starA {
			next.i = at.i
		}
		if starB {
			next.j = at.j
		}
		switch wildX, wildY := starA || x == '?', starB || y == '?'; {
		case wildX && wildY:
			visit(at, next, "x")
		case wildX:
			visit(at, next, string(y))
		case wildY || x == y:
			visit(at, next, string(x))
		}
	}
	return "", false
}

// statementsOf are the statements of the policies of a principal, of its groups and of its boundary, as far as they are known.
func statementsOf(of *account.Account, who authz.Principal) []statement {
	var documents []account.Document
	managed := func(arns ...string) {
		for _, arn := range arns {
			m, _ := of.Policy(arn)
			for _, v := range m.Versions {
				if v.ID == m.Default {
					documents = append(documents, v.Document)
				}
			}
		}
	}
	inline := func(policies []account.InlinePolicy) {
		for _, p := range policies {
			documents = append(documents, p.Document)
		}
	}
	if who.Kind == authz.User {
		user, _ := of.User(who.Name())
		inline(user.Inline)
		managed(append(slices.Clone(user.Attached), user.Boundary)...)
		for _, name := range user.Groups {
			group, _ := of.Group(name)
			inline(group.Inline)
			managed(group.Attached...)
		}
	} else {
		role, _ := of.Role(who.Name())
		inline(role.Inline)
		managed(append(slices.Clone(role.Attached), role.Boundary)...)
	}

	var out []statement
	for _, d := range documents {
		text, known := d.Text()
		if !known {
			continue // the answer is then unknown, whatever is asked
		}
		doc, err := policy.Parse([]byte(text))
		if err != nil {
			continue // the account has compiled it: this cannot be
		}
		for i := range doc.Statements {
			s := &doc.Statements[i]
			out = append(out, statement{
				actions: texts(s.Action, s.NotAction), resources: concrete(texts(s.Resource, s.NotResource), of, who),
			})
		}
	}
	return out
}

func texts(lists ...*policy.List) []string {
	var out []string
	for _, l := range lists {
		if l == nil {
			continue
		}
		for _, text := range l.Values {
			if !text.Unknown {
				out = append(out, text.Value)
			}
		}
	}
	return out
}

// concrete puts the principal's name in the place of its variable, and a wildcard in that of all others.
func concrete(patterns []string, of *account.Account, who authz.Principal) []string {
	out := make([]string, 0, len(patterns))
	for _, pattern := range patterns {
		var b strings.Builder
		for {
			before, rest, found := strings.Cut(pattern, "${")
			b.WriteString(before)
			if !found {
				break
			}
			name, after, closed := strings.Cut(rest, "}")
			if !closed {
				b.WriteString("${" + rest)
				break
			}
			if strings.EqualFold(name, "aws:username") && who.Kind == authz.User {
				b.WriteString(who.Name())
			} else {
				b.WriteString("*")
			}
			pattern = after
		}
		out = append(out, b.String())
	}
	return out
}
