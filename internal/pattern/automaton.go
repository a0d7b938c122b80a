package pattern

import (
	"encoding/binary"
	"slices"
	"unicode"
)

// automaton follows several patterns through a text at once, one character at a time. Its state is
// the set of places in the patterns that the text may have reached. Each variable is a letter that
// differs from every character. Only a star or the same variable matches it.
type automaton struct {
	places []place
	starts []int
	// letters are the letters of variables, which are negative, by key and default.
	letters map[string]rune
}

// place is one character or one wildcard of a pattern, or its end.
type place struct {
	char rune // of a literal; folded if fold is set
	// pattern is the number of the pattern that the place belongs to.
	pattern int
	kind    Kind
	fold    bool // the literal compares without regard to case
	end     bool
	// rest is set for a star after which only the end follows: every continuation matches.
	rest bool
}

// Term is one of the patterns of a [Set] or of a call of [Representatives].
type Term struct {
	Pattern Pattern
	// Fold compares literal characters without regard to case, by simple Unicode folding.
	Fold bool
}

// add adds a pattern to those that the automaton follows and returns its number.
func (a *automaton) add(t Term) int {
	number := len(a.starts)
	a.starts = append(a.starts, len(a.places))
	for i, token := range t.Pattern.tokens {
		switch token.Kind {
		case Text:
			for _, r := range token.Text {
				if t.Fold {
					r = foldRune(r)
				}
				a.places = append(a.places, place{char: r, fold: t.Fold, pattern: number})
			}
		case Variable:
			a.places = append(a.places, place{char: a.letter(token), pattern: number})
		default:
			last := token.Kind == Star && i == len(t.Pattern.tokens)-1
			a.places = append(a.places, place{kind: token.Kind, pattern: number, rest: last})
		}
	}
	a.places = append(a.places, place{pattern: number, end: true})
	return number
}

// letter returns the letter of a variable. Variables with different defaults have different values.
func (a *automaton) letter(t Token) rune {
	name := t.Text
	if t.Default != nil {
		name += "," + *t.Default
	}
	if a.letters == nil {
		a.letters = map[string]rune{}
	}
	if _, ok := a.letters[name]; !ok {
		a.letters[name] = rune(-1 - len(a.letters)) //nolint:gosec // far fewer variables than runes
	}
	return a.letters[name]
}

// foldRune returns the least character that equals r without regard to case.
func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}

// enter adds a place to a state. After a star it also adds the next place, because a star may match
// nothing.
func (a *automaton) enter(state []int, at int) []int {
	for {
		state = append(state, at)
		if p := &a.places[at]; p.end || p.kind != Star && p.kind != FieldStar {
			return state
		}
		at++
	}
}

// start returns the state before the first character.
func (a *automaton) start() []int {
	var state []int
	for _, at := range a.starts {
		state = a.enter(state, at)
	}
	return sorted(state)
}

// next returns the state after one more character or letter of a variable.
func (a *automaton) next(state []int, char rune) []int {
	out := make([]int, 0, len(state))
	for _, at := range state {
		p := &a.places[at]
		inField := char >= 0 && char != ':'
		switch {
		case p.end:
		case p.kind == Star, p.kind == FieldStar && inField:
			out = a.enter(out, at)
		case p.kind == One && char >= 0, p.kind == FieldOne && inField,
			p.kind == Text && (p.char == char || p.fold && char >= 0 && p.char == foldRune(char)):
			out = a.enter(out, at+1)
		}
	}
	return sorted(out)
}

func sorted(state []int) []int {
	slices.Sort(state)
	return slices.Compact(state)
}

// matched returns the numbers of the patterns that match the text so far.
func (a *automaton) matched(state []int) []int {
	var out []int
	for _, at := range state {
		if p := &a.places[at]; p.end {
			out = append(out, p.pattern)
		}
	}
	return out
}

// key returns numbers as the key of a map.
func key(numbers []int) string {
	out := make([]byte, 0, 2*len(numbers))
	for _, n := range numbers {
		out = binary.AppendUvarint(out, uint64(n)) //nolint:gosec // never negative
	}
	return string(out)
}

// alphabet returns, in order, the characters that the given places distinguish, the colon, and a
// character that no pattern mentions. It omits the letters of variables.
func (a *automaton) alphabet(fresh rune, places func(yield func(*place) bool)) []rune {
	chars := []rune{':', fresh}
	for p := range places {
		if p.kind != Text || p.end || p.char < 0 {
			continue
		}
		chars = append(chars, p.char)
		if p.fold {
			for r := unicode.SimpleFold(p.char); r != p.char; r = unicode.SimpleFold(r) {
				chars = append(chars, r)
			}
		}
	}
	slices.Sort(chars)
	return slices.Compact(chars)
}

// fresh returns a character that no pattern mentions, 'x' if possible.
func (a *automaton) fresh() rune {
	used := map[rune]bool{':': true}
	for i := range a.places {
		used[foldRune(a.places[i].char)] = true
		used[a.places[i].char] = true
	}
	fresh := 'x'
	for used[fresh] || used[foldRune(fresh)] {
		fresh++
	}
	return fresh
}

// all visits every place.
func (a *automaton) all(yield func(*place) bool) {
	for i := range a.places {
		if !yield(&a.places[i]) {
			return
		}
	}
}

// Representatives returns a shortest text for every combination of terms that a text can match and
// not match. It also returns the empty text, which represents only itself. Variables match no text.
// complete is false if the steps ran out first.
func Representatives(terms []Term, steps *int) (texts []string, complete bool) {
	var a automaton
	for _, t := range terms {
		a.add(t)
	}
	type node struct {
		state []int
		text  string
	}
	alphabet := a.alphabet(a.fresh(), a.all)
	seen := map[string]bool{} // without the first state: a text that is not empty may lead back to it
	matched := map[string]bool{}
	queue := []node{{state: a.start()}}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if m := key(a.matched(n.state)); n.text == "" {
			texts = append(texts, "")
		} else if !matched[m] {
			matched[m] = true
			texts = append(texts, n.text)
		}
		for _, char := range alphabet {
			if *steps -= 1 + len(n.state) + len(n.text)/64; *steps <= 0 {
				return texts, false
			}
			state := a.next(n.state, char)
			if k := key(state); !seen[k] {
				seen[k] = true
				queue = append(queue, node{state, n.text + string(char)})
			}
		}
	}
	return texts, true
}
