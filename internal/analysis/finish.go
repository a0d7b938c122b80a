package analysis

import (
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// finish makes a request from a state in which every rule is avoided.
func (s *solver) finish(p *problem, st state) status {
	variables := s.variables(st, p.world)
	if len(variables) == 0 {
		return s.assembleConsistent(p, st, p.world)
	}
	return s.settle(p, st, p.world, variables)
}

// variables returns the keys of the policy variables that the state depends on and that are not settled.
func (s *solver) variables(st state, w *world) (out []string) {
	seen := map[string]bool{}
	add := func(key string) {
		if !seen[key] && !w.settled[key] {
			seen[key] = true
			out = append(out, key)
		}
	}
	for _, l := range st.literals {
		a := &s.atoms[l.atom]
		for _, key := range a.variables {
			if !s.of(a, w).settled[key] {
				add(key)
			}
		}
	}
	for _, ids := range [...][]int{st.at.required, st.at.excluded} {
		for _, id := range ids {
			for t := range s.patterns[id].Variables() {
				add(t.Text)
			}
		}
	}
	return out
}

// assemble chooses the resource and the values of the keys, and puts the request to package authz.
func (s *solver) assemble(p *problem, st state, w *world) status {
	resource, result := s.resource(st.at, p.domain, w)
	if result != found {
		return result
	}
	keys := map[int]keyValue{}
	for _, l := range st.literals {
		key := s.atoms[l.atom].key
		if _, done := keys[key]; done {
			continue
		}
		v, one := s.value(key, s.about(st.literals, l.atom), w)
		if one != found {
			return one
		}
		if !w.settled[s.keys[key]] {
			keys[key] = v
		}
	}
	for name := range w.within {
		key, read := s.keyIDs[name]
		if _, done := keys[key]; done || !read || w.settled[name] {
			continue
		}
		v, one := s.value(key, nil, w)
		if one != found {
			return one
		}
		keys[key] = v
	}
	if p.try(resource, keys, w) {
		return found
	}
	return open
}

// worldCost is the number of steps for trying a value of a variable: nothing that is known about other worlds helps.
const worldCost = 1000

// settle tries values for the policy variables, one after the other. The result is none only if it tries all values
// that a variable may have.
func (s *solver) settle(p *problem, st state, w *world, variables []string) status {
	if len(variables) == 0 {
		return max(open, s.assembleConsistent(p, st, w))
	}
	if s.several && slices.Contains(principalKeys, variables[0]) {
		return open // the value follows from the principal, but it is not known
	}
	best := open
	values, complete := s.allValues(st, w, variables[0])
	if complete {
		best = none
	} else {
		values = s.candidates(st, w, variables[0])
	}
	for _, v := range values {
		if set, ok := w.within[variables[0]]; ok && (v.list || len(v.texts) == 0 || !set.Contains(v.texts[0])) {
			continue
		}
		if s.steps -= worldCost; s.steps <= 0 {
			return exhausted
		}
		ctx := w.context.Clone()
		if v.set(ctx, variables[0]) != nil {
			continue
		}
		next := s.world(ctx, maps.Clone(w.settled), w.within)
		next.chosen = maps.Clone(w.chosen)
		if next.chosen == nil {
			next.chosen = map[string]keyValue{}
		}
		next.settled[variables[0]], next.chosen[variables[0]] = true, v
		if !s.alive(p, st, next) {
			continue
		}
		if best = max(best, s.settle(p, st, next, variables[1:])); best == found {
			return found
		}
	}
	return best
}

// alive reports whether each dimension of a state may have a value in a world.
func (s *solver) alive(p *problem, st state, w *world) bool {
	if _, exists := s.resource(st.at, p.domain, w); exists == none {
		return false
	}
	for i, l := range st.literals {
		about := s.about(st.literals, l.atom)
		if about[0] != st.literals[i] {
			continue // the key has been checked
		}
		if _, exists := s.value(s.atoms[l.atom].key, about, w); exists == none {
			return false
		}
	}
	return true
}

// candidates returns values to try for a policy variable: values that satisfy the conditions on the key itself, values
// that the conditions compare it with, and its absence.
func (s *solver) candidates(st state, w *world, key string) (out []keyValue) {
	seen := map[string]bool{}
	var last []keyValue // a text more often makes other parts of the request possible
	add := func(text string) {
		if !seen[text] {
			seen[text] = true
			out = append(out, keyValue{texts: []string{text}})
		}
	}
	if s.isAccountKey(st, key) {
		add(usualAccount)
		for _, account := range s.accountsIn(st.at) {
			add(account)
		}
	}
	var own []literal
	for _, l := range st.literals {
		a := &s.atoms[l.atom]
		if s.keys[a.key] == key && s.of(a, w).knows(a.variables) {
			own = append(own, l)
		}
	}
	if len(own) > 0 {
		if v, st := s.value(s.atoms[own[0].atom].key, own, w); st == found {
			if !v.list && len(v.texts) > 0 {
				add(v.texts[0])
			} else {
				last = append(last, v)
			}
		}
		if v, st := s.singleValue(s.atoms[own[0].atom].key, own, w); st == found {
			add(v.texts[0])
		}
	}
	for _, text := range s.capturedTexts(st.at, w, key) {
		add(text)
	}
	// Values that satisfy the conditions on keys that are compared with the variable.
	for _, l := range st.literals {
		a := &s.atoms[l.atom]
		for _, variable := range a.variables {
			if variable != key {
				continue
			}
			if of := s.of(a, w); of.settled[a.view.Key] {
				if text, presence := of.context.Value(a.view.Key); presence == pattern.Given {
					add(text)
				}
			}
			var others []literal
			for _, other := range s.about(st.literals, l.atom) {
				if o := &s.atoms[other.atom]; s.of(o, w).knows(o.variables) && o.readsText() {
					others = append(others, other)
				}
			}
			if text, st := s.text(others, w, true); st == found {
				add(text)
			}
			for _, other := range others {
				for _, text := range s.writtenTexts([]literal{other}, w) {
					add(text)
				}
			}
		}
	}
	for _, text := range readable {
		add(text)
	}
	if set, ok := w.within[key]; ok {
		if text, answer := set.Witness(&s.steps); answer == pattern.Found {
			add(text)
		}
	}
	add("")
	return append(append(out, last...), keyValue{})
}

// maxCaptured limits the values of a variable for one text.
const maxCaptured = 64

// allValues returns all values of a policy variable with which the state may be true. ok is false if they are many.
func (s *solver) allValues(st state, w *world, key string) (values []keyValue, ok bool) {
	if _, limited := w.within[key]; limited {
		return nil, false
	}
	add := func(texts []string) {
		for _, text := range texts {
			values = append(values, keyValue{texts: []string{text}})
		}
	}
	// A required resource pattern with the variable matches only if the variable has a single value.
	for _, id := range st.at.required {
		p, exists := s.filled(id, w)
		if !exists || !usesOnly(&p, key) {
			continue
		}
		for _, other := range st.at.required {
			q, exists := s.filled(other, w)
			text, literal := q.LiteralText()
			if !exists || !literal {
				continue
			}
			if texts, complete := p.Captures(key, text, maxCaptured, &s.steps); complete {
				add(texts)
				return values, true
			}
		}
	}
	var own []literal
	for _, l := range st.literals {
		if a := &s.atoms[l.atom]; s.keys[a.key] == key && s.of(a, w).knows(a.variables) {
			own = append(own, l)
		}
	}
	texts, finite := s.finite(own, w)
	if !finite || s.all(own, func(a *atom) bool { return a.absent }) {
		return nil, false
	}
	id := s.atoms[own[0].atom].key
	if s.mayBeList(id) {
		if _, list := s.listValue(own, w); list != none || s.all(own, func(a *atom) bool { return a.emptyList }) {
			return nil, false
		}
	}
	if _, empty := s.emptyText(id, own, w); empty != none {
		return nil, false
	}
	add(texts)
	return values, true
}

// usesOnly reports whether a variable is the only one of a pattern, and has no default.
func usesOnly(p *pattern.Pattern, key string) bool {
	n := 0
	for t := range p.Variables() {
		if n++; t.Text != key || t.Default != nil {
			return false
		}
	}
	return n == 1
}

// capturedTexts returns values of a variable with which resource patterns of a place have a text in common.
func (s *solver) capturedTexts(at place, w *world, key string) (out []string) {
	for i, id := range at.required {
		p, exists := s.filled(id, w)
		if !exists || !p.HasVariables() {
			continue
		}
		for j, other := range at.required {
			q, exists := s.filled(other, w)
			if i == j || !exists {
				continue
			}
			text, ok := pattern.Intersect(p, q)
			for _, star := range [...]string{"a", "b", "anything"} {
				nice := strings.ReplaceAll(text, "anything", star)
				if !ok || !q.HasVariables() && !q.Match(nice) {
					continue
				}
				values, _ := p.Captures(key, nice, 4, &s.steps)
				out = append(out, values...)
			}
		}
	}
	return out
}

// isAccountKey reports whether the value of a variable has to be an account: it is the account of the resource or is
// compared with it.
func (s *solver) isAccountKey(st state, key string) bool {
	if key == resourceAccountKey {
		return true
	}
	for _, l := range st.literals {
		a := &s.atoms[l.atom]
		if s.keys[a.key] == resourceAccountKey && slices.Contains(a.variables, key) {
			return true
		}
	}
	return false
}
