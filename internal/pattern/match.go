package pattern

import (
	"strings"
	"unicode/utf8"
)

// Match reports whether the pattern matches a text. A variable matches no text: [Pattern.Fill]
// replaces variables by their values first.
func (p *Pattern) Match(text string) bool {
	switch {
	case p.has == 0:
		return matchStars(p.tokens, text)
	case p.HasVariables():
		return false
	}
	return matchFields(p.tokens, text)
}

// CouldMatch reports whether a pattern may match a text for some values of its variables. It returns false only if no
// values make it match.
func (p *Pattern) CouldMatch(text string) bool {
	open := p.withStars()
	return open.Match(text)
}

// matchStars matches tokens without FieldStar. After a mismatch it goes back to the last star only,
// which is enough because a star matches anything. With a hostile pattern it would go back very
// often, so matchBits takes over after a number of steps.
func matchStars(tokens []Token, s string) bool {
	t, at := 0, 0
	starAt, resume := -1, 0
	steps := 1024 + 4*(len(s)+len(tokens))
	for {
		if steps--; steps < 0 {
			return matchBits(tokens, s)
		}
		if t == len(tokens) {
			if at == len(s) {
				return true
			}
		} else {
			switch tok := &tokens[t]; tok.Kind {
			case Text:
				if strings.HasPrefix(s[at:], tok.Text) {
					at += len(tok.Text)
					t++
					continue
				}
			case Star:
				if t == len(tokens)-1 {
					return true
				}
				starAt, resume = t, at
				t++
				continue
			case One, FieldOne:
				if at < len(s) && (tok.Kind == One || s[at] != ':') {
					at += width(s[at:])
					t++
					continue
				}
			}
		}
		if starAt < 0 || resume >= len(s) {
			return false
		}
		resume += width(s[resume:])
		if next := &tokens[starAt+1]; next.Kind == Text {
			skip := strings.Index(s[resume:], next.Text)
			if skip < 0 {
				return false
			}
			resume += skip
		}
		t, at = starAt+1, resume
	}
}

// width returns the number of bytes of the first character of s.
func width(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, size := utf8.DecodeRuneInString(s)
	return size
}

// matchFields matches tokens of any kind but Variable. A FieldStar does not match a colon, so going
// back to the last star is not enough. Instead matchFields tries every pair of a token and a position
// once. matchBits takes over for long patterns and texts.
func matchFields(tokens []Token, s string) bool {
	columns := len(s) + 1
	var failed [64]uint64
	if len(tokens)*columns > 64*len(failed) {
		return matchBits(tokens, s)
	}
	var try func(t, at int) bool
	try = func(t, at int) bool {
		if t == len(tokens) {
			return at == len(s)
		}
		bit := t*columns + at
		if failed[bit/64]&(1<<(bit%64)) != 0 {
			return false
		}
		switch tok := &tokens[t]; tok.Kind {
		case Text:
			if strings.HasPrefix(s[at:], tok.Text) && try(t+1, at+len(tok.Text)) {
				return true
			}
		case One, FieldOne:
			if at < len(s) && (tok.Kind == One || s[at] != ':') && try(t+1, at+width(s[at:])) {
				return true
			}
		case Star, FieldStar:
			for {
				if try(t+1, at) {
					return true
				}
				if at == len(s) || tok.Kind == FieldStar && s[at] == ':' {
					break
				}
				at += width(s[at:])
			}
		}
		failed[bit/64] |= 1 << (bit % 64)
		return false
	}
	return try(0, 0)
}
