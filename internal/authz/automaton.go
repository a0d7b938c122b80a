package authz

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
)

// automaton follows several patterns through a text at once, one character at
// a time. Its state is the set of places in the patterns where the text may
// have got to.
type automaton struct {
	places   []place
	starts   []int
	patterns int
}

// place is one character, or one star, of a pattern, or its end.
type place struct {
	kind tokenKind
	char rune
	fold bool
	// end is the pattern's number where the place is its end, else -1.
	end int
}

// add adds the pattern of tokens without variables; fold compares literals
// without regard to case.
func (a *automaton) add(tokens []token, fold bool) {
	a.starts = append(a.starts, len(a.places))
	for _, t := range tokens {
		if t.kind != literal {
			a.places = append(a.places, place{kind: t.kind, end: -1})
			continue
		}
		for _, r := range t.text {
			a.places = append(a.places, place{char: r, fold: fold, end: -1})
		}
	}
	a.places = append(a.places, place{end: a.patterns})
	a.patterns++
}

// enter adds a place to a state, and those behind it that stars let be skipped
// to.
func (a *automaton) enter(state []int, at int) []int {
	for {
		state = append(state, at)
		if p := a.places[at]; p.end >= 0 || p.kind != star && p.kind != fieldStar {
			return state
		}
		at++
	}
}

func (a *automaton) start() []int {
	var state []int
	for _, at := range a.starts {
		state = a.enter(state, at)
	}
	return normal(state)
}

// next is the state after one more character.
func (a *automaton) next(state []int, char rune) []int {
	out := make([]int, 0, len(state))
	for _, at := range state {
		p := a.places[at]
		if p.end >= 0 {
			continue
		}
		switch p.kind {
		case star:
			out = a.enter(out, at)
		case fieldStar:
			if char != ':' {
				out = a.enter(out, at)
			}
		case one:
			out = a.enter(out, at+1)
		case fieldOne:
			if char != ':' {
				out = a.enter(out, at+1)
			}
		default:
			if p.char == char || p.fold && strings.EqualFold(string(p.char), string(char)) {
				out = a.enter(out, at+1)
			}
		}
	}
	return normal(out)
}

func normal(state []int) []int {
	slices.Sort(state)
	return slices.Compact(state)
}

// matched is the patterns that match the text so far, as a map's key.
func (a *automaton) matched(state []int) string {
	var ends []int
	for _, at := range state {
		if end := a.places[at].end; end >= 0 {
			ends = append(ends, end)
		}
	}
	return keyOf(ends)
}

func keyOf(numbers []int) string {
	out := make([]byte, 0, 2*len(numbers))
	for _, n := range numbers {
		out = binary.AppendUvarint(out, uint64(n)) //nolint:gosec // never negative
	}
	return string(out)
}

// representatives is one text for every combination of patterns that a text
// can match and not match, the shortest ones; the empty text, which some
// operators take as absent, stands for itself alone. complete is false where
// the steps ran out first.
func (a *automaton) representatives(steps *int) (words []string, complete bool) {
	type node struct {
		state []int
		word  string
	}
	alphabet := a.alphabet()
	first := a.start()
	seen := map[string]bool{} // not the first state: some text that is not empty may lead back to it
	matched := map[string]bool{}
	queue := []node{{state: first}}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if m := a.matched(n.state); n.word == "" {
			words = append(words, "")
		} else if !matched[m] {
			matched[m] = true
			words = append(words, n.word)
		}
		for _, char := range alphabet {
			if *steps -= 1 + len(n.state) + len(n.word)/64; *steps <= 0 {
				return words, false
			}
			state := a.next(n.state, char)
			if k := keyOf(state); !seen[k] {
				seen[k] = true
				queue = append(queue, node{state, n.word + string(char)})
			}
		}
	}
	return words, true
}

// alphabet is the characters that the patterns tell apart, the colon, and one
// character that none of them mentions.
func (a *automaton) alphabet() []rune {
	chars := map[rune]bool{':': true}
	for _, p := range a.places {
		if p.kind != literal || p.end >= 0 {
			continue
		}
		chars[p.char] = true
		if p.fold {
			for r := unicode.SimpleFold(p.char); r != p.char; r = unicode.SimpleFold(r) {
				chars[r] = true
			}
		}
	}
	fresh := 'x'
	for chars[fresh] {
		fresh++
	}
	chars[fresh] = true
	out := make([]rune, 0, len(chars))
	for c := range chars {
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}
