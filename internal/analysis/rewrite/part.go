package rewrite

import (
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// part is the part of a statement that one request needs: an action, and a pattern of resources. An empty resource
// stands for the statement's own NotResource element.
type part struct{ action, resource string }

// part returns the part of a statement that a request needs. It is the smallest part with which the request is still
// allowed.
func (m *minimizer) part(denies []policy.Statement, s *policy.Statement, request int) (part, error) {
	r := m.needed[request].Request
	p := part{action: spelling(s, r.Action.String())}
	var resources []string
	if !m.options.KeepResources && isLiteral(r.Resource) {
		resources = append(resources, r.Resource)
	}
	if s.Resource != nil {
		for _, v := range s.Resource.Values {
			resources = append(resources, v.Value)
		}
	}
	for _, resource := range resources {
		p.resource = resource
		layer, err := m.compile(append(denies[:len(denies):len(denies)], statements(s, []part{p})...))
		if err != nil {
			return p, err
		}
		if m.allows(layer, request) {
			return p, nil
		}
	}
	p.resource = ""
	return p, nil
}

// spelling returns the action as the statement spells it, or as the request does if the statement has a wildcard.
func spelling(s *policy.Statement, action string) string {
	if s.Action != nil {
		for _, v := range s.Action.Values {
			if ascii.Fold(v.Value) == ascii.Fold(action) {
				return v.Value
			}
		}
	}
	return action
}

// isLiteral reports whether a resource, written as a pattern, matches only itself.
func isLiteral(resource string) bool {
	return strings.HasPrefix(resource, "arn:") && !strings.ContainsAny(resource, "*?$")
}

// statements returns statements that have exactly the parts of one statement. Parts with the same resources share a
// statement, and so do parts with the same actions.
func statements(s *policy.Statement, parts []part) (out []policy.Statement) {
	type group struct{ actions, resources []string }
	var groups []group
	for _, p := range parts {
		i := slices.IndexFunc(groups, func(g group) bool { return g.resources[0] == p.resource })
		if i < 0 {
			groups = append(groups, group{resources: []string{p.resource}})
			i = len(groups) - 1
		}
		if !slices.Contains(groups[i].actions, p.action) {
			groups[i].actions = append(groups[i].actions, p.action)
		}
	}
	var merged []group
	for _, g := range groups {
		slices.Sort(g.actions)
		i := slices.IndexFunc(merged, func(other group) bool {
			return slices.Equal(other.actions, g.actions) && (other.resources[0] == "") == (g.resources[0] == "")
		})
		if i < 0 {
			merged = append(merged, g)
			continue
		}
		merged[i].resources = append(merged[i].resources, g.resources...)
	}
	for _, g := range merged {
		one := *s
		one.Action, one.NotAction = list(g.actions), nil
		if g.resources[0] != "" {
			slices.Sort(g.resources)
			one.Resource, one.NotResource = list(g.resources), nil
		}
		out = append(out, one)
	}
	return out
}

func list(texts []string) *policy.List {
	out := &policy.List{Single: len(texts) == 1}
	for _, t := range texts {
		out.Values = append(out.Values, policy.Text{Value: t})
	}
	return out
}

// uniqueSids numbers the Sids that occur several times.
func uniqueSids(statements []policy.Statement) {
	used := map[string]bool{}
	for i := range statements {
		used[statements[i].Sid.Value] = true
	}
	first := map[string]bool{}
	for i := range statements {
		s := &statements[i]
		if s.Sid.Value == "" || !first[s.Sid.Value] {
			first[s.Sid.Value] = true
			continue
		}
		base := s.Sid.Value
		for n := 2; used[s.Sid.Value]; n++ {
			s.Sid.Value = base + strconv.Itoa(n)
		}
		used[s.Sid.Value] = true
	}
}
