package pattern

import (
	"strings"
	"testing"
)

// slowMatch matches a pattern in a simple, slow way. The tests compare all other matchers with it.
func slowMatch(tokens []Token, text []rune) bool {
	if len(tokens) == 0 {
		return len(text) == 0
	}
	t, rest := tokens[0], tokens[1:]
	switch t.Kind {
	case Text:
		literal := []rune(t.Text)
		return len(text) >= len(literal) && string(text[:len(literal)]) == t.Text && slowMatch(rest, text[len(literal):])
	case Star, FieldStar:
		if slowMatch(rest, text) {
			return true
		}
		return len(text) > 0 && (t.Kind == Star || text[0] != ':') && slowMatch(tokens, text[1:])
	case One, FieldOne:
		return len(text) > 0 && (t.Kind == One || text[0] != ':') && slowMatch(rest, text[1:])
	}
	return false
}

// words returns all texts of at most longest characters of an alphabet, shortest first.
func words(alphabet string, longest int) []string {
	out := []string{""}
	for from := 0; len([]rune(out[from])) < longest; from++ {
		for _, r := range alphabet {
			out = append(out, out[from]+string(r))
		}
	}
	return out
}

// patterns returns all patterns of at most longest pieces. patternOf explains the pieces.
func patterns(pieces string, longest int) []Pattern {
	var out []Pattern
	seen := map[string]bool{}
	for _, text := range words(pieces, longest) {
		p := patternOf(text)
		if name := describe(p); !seen[name] {
			seen[name] = true
			out = append(out, p)
		}
	}
	return out
}

// patternOf returns the pattern of a text, in which ~ and ! stand for FieldStar and FieldOne, and $ for
// the variable k.
func patternOf(text string) Pattern {
	var p Pattern
	kinds := map[rune]Kind{'*': Star, '?': One, '~': FieldStar, '!': FieldOne}
	for _, r := range text {
		switch kind, wild := kinds[r]; {
		case wild:
			p.add(Token{Kind: kind})
		case r == '$':
			p.add(Token{Kind: Variable, Text: "k"})
		default:
			p.add(Token{Text: string(r)})
		}
	}
	return p
}

// describe writes a pattern as patternOf reads it.
func describe(p Pattern) string {
	var b strings.Builder
	for t := range p.Tokens() {
		switch t.Kind {
		case Text:
			b.WriteString(t.Text)
		default:
			b.WriteByte(" *~?!$"[t.Kind])
		}
	}
	return b.String()
}

// matchedBy returns which of the texts a pattern matches.
func matchedBy(p Pattern, texts []string) []bool {
	out := make([]bool, len(texts))
	for i, text := range texts {
		out[i] = slowMatch(p.tokens, []rune(text))
	}
	return out
}

const manySteps = 1 << 30

func steps() *int { n := manySteps; return &n }

func TestDescribe_IsTheInverseOfPatternOf(t *testing.T) {
	for _, text := range []string{"", "a*b", "~?!$a:", "*a*"} {
		if got := describe(patternOf(text)); got != text {
			t.Errorf("%q is described as %q", text, got)
		}
	}
}
