package pattern

import (
	"iter"
	"strings"
)

// Compact makes patterns and other texts share memory. It moves the tokens of all patterns into one
// slice, and all texts into one string that contains each text once.
func Compact(patterns iter.Seq[*Pattern], texts iter.Seq[*string]) {
	tokens, size := 0, 0
	offsets := map[string]int{}
	var joined strings.Builder
	put := func(text string) {
		if _, ok := offsets[text]; !ok {
			offsets[text] = size
			size += len(text)
			joined.WriteString(text)
		}
	}
	for p := range patterns {
		tokens += len(p.tokens)
		for i := range p.tokens {
			put(p.tokens[i].Text)
		}
	}
	for text := range texts {
		put(*text)
	}
	all := joined.String()
	get := func(text string) string { at := offsets[text]; return all[at : at+len(text)] }
	arena := make([]Token, 0, tokens)
	for p := range patterns {
		from := len(arena)
		for _, t := range p.tokens {
			t.Text = get(t.Text)
			arena = append(arena, t)
		}
		p.tokens = arena[from:len(arena):len(arena)]
	}
	for text := range texts {
		*text = get(*text)
	}
}
