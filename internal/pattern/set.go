package pattern

import (
	"math"
	"slices"
)

// Set is the set of texts that match every required term and no excluded one. Without required
// terms any text may be in it.
type Set struct {
	Required, Excluded []Term
}

// Contains reports whether a text is in the set. A required variable matches no text, and an excluded one excludes
// none.
func (s *Set) Contains(text string) bool {
	for i := range s.Required {
		if !s.Required[i].matches(text) {
			return false
		}
	}
	for i := range s.Excluded {
		if s.Excluded[i].matches(text) {
			return false
		}
	}
	return true
}

// matches reports whether the pattern of the term matches a text.
func (t *Term) matches(text string) bool {
	if !t.Fold {
		return t.Pattern.Match(text)
	}
	steps := math.MaxInt
	one := Set{Required: []Term{*t, {Pattern: Literal(text)}}}
	_, answer := one.Witness(&steps)
	return answer == Found
}

// Answer is the result of [Set.Witness].
type Answer uint8

// The answers about a set.
const (
	// Empty means that no text is in the set, for all values of the variables.
	Empty Answer = iota
	// Found means that the returned text is a shortest one of the set.
	Found
	// Open means that the set may have texts for some values of the variables. Fill the variables for
	// a definite answer.
	Open
	// Exhausted means that the steps ran out.
	Exhausted
)

// Witness returns a shortest text of the set, or proves that it is empty.
//
// Variables that were not filled may have any value, the same wherever their key and default are
// the same. The answer is then Empty or Open. It is Empty less often than it could be if several
// terms are required: variables of required terms then stand for any text, and excluded terms with
// variables exclude nothing.
func (s *Set) Witness(steps *int) (text string, answer Answer) {
	required, excluded, variables := s.Required, s.Excluded, s.hasVariables()
	if variables && len(required) != 1 {
		required, excluded = nil, nil
		for _, t := range s.Required {
			t.Pattern = t.Pattern.withStars()
			required = append(required, t)
		}
		for _, t := range s.Excluded {
			if !t.Pattern.HasVariables() {
				excluded = append(excluded, t)
			}
		}
	}
	text, answer = witness(required, excluded, steps)
	if answer == Found && variables {
		return "", Open
	}
	return text, answer
}

func (s *Set) hasVariables() bool {
	has := func(t Term) bool { return t.Pattern.HasVariables() }
	return slices.ContainsFunc(s.Required, has) || slices.ContainsFunc(s.Excluded, has)
}

// withStars returns the pattern with a star in the place of each variable.
func (p *Pattern) withStars() Pattern {
	if !p.HasVariables() {
		return *p
	}
	var out Pattern
	for _, t := range p.tokens {
		if t.Kind == Variable {
			t = Token{Kind: Star}
		}
		out.add(t)
	}
	return out
}

// witness searches the texts, shortest first. It computes the states of the automaton only as it
// reaches them.
func witness(required, excluded []Term, steps *int) (string, Answer) {
	var a automaton
	for _, t := range required {
		a.add(t)
	}
	for _, t := range excluded {
		a.add(t)
	}
	type node struct {
		state  []int
		parent int
		char   rune
	}
	start := a.start()
	nodes := []node{{state: start, parent: -1}}
	seen := map[string]bool{key(start): true}
	fresh := a.fresh()
	for i := 0; i < len(nodes); i++ {
		state := nodes[i].state
		accepted, alive := a.judge(state, len(required))
		if accepted {
			var text []rune
			for ; nodes[i].parent >= 0; i = nodes[i].parent {
				text = append(text, nodes[i].char)
			}
			slices.Reverse(text)
			return string(text), Found
		}
		if !alive {
			continue
		}
		for _, char := range a.choices(state, fresh) {
			if *steps -= 1 + len(state); *steps <= 0 {
				return "", Exhausted
			}
			next := a.next(state, char)
			if k := key(next); !seen[k] {
				seen[k] = true
				nodes = append(nodes, node{next, i, char})
			}
		}
	}
	return "", Empty
}

// judge reports whether the text so far is in the set, and whether a longer text may be. The first
// patterns are required, the others excluded.
func (a *automaton) judge(state []int, required int) (accepted, alive bool) {
	reached, ended, last, lastEnd := 0, 0, -1, -1
	accepted = true
	for _, at := range state { // in the order of patterns
		p := &a.places[at]
		if p.pattern < required {
			if p.pattern != last {
				last, reached = p.pattern, reached+1
			}
			if p.end && p.pattern != lastEnd {
				lastEnd, ended = p.pattern, ended+1
			}
			continue
		}
		if p.rest {
			return false, false
		}
		accepted = accepted && !p.end
	}
	return accepted && ended == required, reached == required
}

// choices returns the characters that lead from a state to different states, and the letters of
// variables.
func (a *automaton) choices(state []int, fresh rune) []rune {
	out := a.alphabet(fresh, func(yield func(*place) bool) {
		for _, at := range state {
			if !yield(&a.places[at]) {
				return
			}
		}
	})
	for _, at := range state {
		if p := &a.places[at]; p.kind == Text && !p.end && p.char < 0 && !slices.Contains(out, p.char) {
			out = append(out, p.char)
		}
	}
	return out
}
