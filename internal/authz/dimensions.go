package authz

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// dimension is one unknown part of the request with the values to try.
type dimension struct {
	values int
	set    func(r *Request, i int)
}

// collect finds the dimensions: the unknown action and resource, and the context keys with the
// given presence that a relevant statement uses.
func (s *search) collect(which presence) {
	s.complete = true
	r := &s.request
	boundary := s.policies.hasBoundary()
	s.policies.each(func(l *Layer) {
		s.uncertain = s.uncertain || l.opaque()
		for st, part := range l.statements() {
			s.steps--
			if st.opaque {
				s.uncertain = true
				continue
			}
			if st.notAction {
				s.weight += len(st.actions)
			}
			if st.matchAction(r) == no {
				continue
			}
			s.weight += 1 + len(st.resources)
			if st.matchResource(r) == no || st.principals.match(r, boundary).any() == no {
				continue
			}
			for j := range st.conditions {
				s.weight += st.conditions[j].cost(0)
			}
			if st.matchConditions(r) == no {
				continue
			}
			s.relevant = append(s.relevant, st)
			s.uncertain = s.uncertain || part.Uncertain || st.uncertain()
		}
	})
	if which == hidden {
		s.collectAction()
		s.collectResource()
	}
	keys, order := map[string]*keyTests{}, []string{}
	tests := func(key string) *keyTests {
		if _, state := r.Context.lookup(key); state != which {
			return nil
		}
		t := keys[key]
		if t == nil {
			t = &keyTests{}
			keys[key] = t
			order = append(order, key)
		}
		return t
	}
	for _, st := range s.relevant {
		for i := range st.conditions {
			c := &st.conditions[i]
			if t := tests(c.key); t != nil {
				t.conditions = append(t.conditions, c)
			}
			for j := range c.values {
				s.collectVariables(&c.values[j].text, tests, c)
			}
		}
		for i := range st.resources {
			s.collectVariables(&st.resources[i], tests, nil)
		}
	}
	for _, key := range order {
		s.addKey(key, keys[key])
	}
}

// collectVariables collects the unknown keys that a pattern's variables refer to. of is the
// condition that the pattern is a value of, or nil for a resource.
func (s *search) collectVariables(p *pattern.Pattern, tests func(string) *keyTests, of *condition) {
	for t := range p.Variables() {
		k := tests(t.Text)
		if k == nil {
			continue
		}
		k.variable = true
		known := !s.request.Unknown.Resource
		texts := []string{s.request.Resource}
		if of != nil {
			v, state := s.request.Context.lookup(of.key)
			texts, known = v.texts, state == present || state == absent
			switch of.op.Comparison {
			case policy.StringEquals, policy.StringLike, policy.ArnLike:
			default:
				known = false // such an operator also matches other texts
			}
		}
		if !known {
			s.complete = false
			continue
		}
		for _, text := range texts {
			if !k.capture(p, t.Text, text, s) {
				s.complete = false
			}
		}
	}
}

// addKey adds the dimension of a context key.
func (s *search) addKey(key string, t *keyTests) {
	v := s.request.Context.values[key]
	t.within = v.within
	values, complete := t.values(s, key, v.single)
	s.complete = s.complete && complete
	s.dimensions = append(s.dimensions, dimension{len(values), func(r *Request, i int) {
		r.Context = r.Context.with(key, values[i])
	}})
}

// collectAction adds the dimension of the action, if it is unknown.
func (s *search) collectAction() {
	if !s.request.Unknown.Action {
		return
	}
	tests := []pattern.Term{
		{Pattern: pattern.Glob("?*:?*")}, {Pattern: pattern.Literal(getCallerIdentity)},
		{Pattern: pattern.Literal(getSessionToken)}, {Pattern: pattern.Literal(assumeRole)},
	}
	for _, special := range resourcePolicyActions {
		tests = append(tests, pattern.Term{Pattern: pattern.Glob(special)})
	}
	for _, st := range s.relevant {
		for _, p := range st.actions {
			if !p.IsEverything() {
				tests = append(tests, pattern.Term{Pattern: p})
			}
		}
	}
	actionNames, complete := pattern.Representatives(tests, &s.steps)
	s.complete = s.complete && complete
	var actions []Action
	for _, name := range actionNames {
		if a, err := ParseAction(name); err == nil {
			actions = append(actions, a)
		}
	}
	s.dimensions = append(s.dimensions, dimension{len(actions), func(r *Request, i int) {
		r.Action, r.Unknown.Action = actions[i], false
	}})
}

// collectResource adds the dimension of the resource, if it is unknown.
func (s *search) collectResource() {
	if !s.request.Unknown.Resource {
		return
	}
	if s.request.ResourceAccount == "" && (s.request.Principal.Kind != Unnamed || s.request.ManagementAccount != "") {
		s.complete = false // the owner depends on the resource as well
	}
	var tests []pattern.Term
	for _, st := range s.relevant {
		for i := range st.resources {
			p, result := st.resources[i].Fill(s.request.Context, nil)
			switch {
			case p.IsEverything() || result == pattern.NoValue:
				continue
			case result == pattern.Partial:
				s.complete = false
			}
			tests = append(tests, pattern.Term{Pattern: p})
		}
	}
	resources, complete := pattern.Representatives(tests, &s.steps)
	s.complete = s.complete && complete
	s.dimensions = append(s.dimensions, dimension{len(resources), func(r *Request, i int) {
		r.Resource, r.Unknown.Resource = resources[i], false
	}})
}
