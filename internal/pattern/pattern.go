package pattern

import (
	"iter"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// Kind is the kind of a token.
type Kind uint8

// The kinds of token. FieldStar and FieldOne occur only in the patterns that an [ARN] returns; [Parse]
// never creates them.
const (
	Text      Kind = iota // literal characters
	Star                  // any number of characters
	FieldStar             // any number of characters other than ':'
	One                   // exactly one character
	FieldOne              // exactly one character other than ':'
	Variable              // the value of a variable
)

// Token is a piece of a pattern.
type Token struct {
	// Text is the literal characters, or the key of a variable.
	Text string
	// Default is the value of a variable with an absent key. It is nil for a variable without a
	// default.
	Default *string
	Kind    Kind
}

// Pattern is a text with wildcards and variables. The zero Pattern matches the empty text.
//
// In a parsed pattern, no literal is empty, and neither two literals nor two stars are adjacent.
// [Pattern.Fill] may return a pattern without these properties.
type Pattern struct {
	tokens []Token
	has    features
}

// features records the kinds of tokens that matchStars does not support.
type features uint8

const (
	variables  features = 1 << iota // a token is a Variable
	fieldStars                      // a token is a FieldStar
)

// Everything is the pattern "*".
func Everything() Pattern { return Pattern{tokens: []Token{{Kind: Star}}} }

// Literal returns the pattern that matches text alone.
func Literal(text string) Pattern {
	var p Pattern
	p.add(Token{Text: text})
	return p
}

// Glob reads a text in which `*` and `?` are wildcards and everything else is literal.
func Glob(text string) Pattern {
	p, _ := Parse(text, false) // only variables can be malformed
	return p
}

// add appends a token. It merges adjacent literals, and adjacent stars.
func (p *Pattern) add(t Token) {
	n := len(p.tokens)
	switch {
	case t.Kind == Text && t.Text == "":
		return
	case t.Kind == Text && n > 0 && p.tokens[n-1].Kind == Text:
		p.tokens[n-1].Text += t.Text
		return
	case t.Kind == Star && n > 0 && p.tokens[n-1].Kind == Star:
		return
	case t.Kind == Variable:
		p.has |= variables
	case t.Kind == FieldStar:
		p.has |= fieldStars
	}
	p.tokens = append(p.tokens, t)
}

// Tokens returns the pieces of the pattern in order.
func (p *Pattern) Tokens() iter.Seq[Token] {
	return func(yield func(Token) bool) {
		for _, t := range p.tokens {
			if !yield(t) {
				return
			}
		}
	}
}

// Variables returns the tokens that are variables, in order.
func (p *Pattern) Variables() iter.Seq[Token] {
	return func(yield func(Token) bool) {
		for _, t := range p.tokens {
			if t.Kind == Variable && !yield(t) {
				return
			}
		}
	}
}

// HasVariables reports whether the pattern has a variable.
func (p *Pattern) HasVariables() bool { return p.has&variables != 0 }

// HasWildcards reports whether the pattern has a wildcard.
func (p *Pattern) HasWildcards() bool {
	for i := range p.tokens {
		if k := p.tokens[i].Kind; k != Text && k != Variable {
			return true
		}
	}
	return false
}

// IsEverything reports whether the pattern is a single star.
func (p *Pattern) IsEverything() bool { return len(p.tokens) == 1 && p.tokens[0].Kind == Star }

// LiteralText returns the one text that the pattern matches; ok is false for a pattern with
// wildcards or variables.
func (p *Pattern) LiteralText() (text string, ok bool) {
	for i := range p.tokens {
		if p.tokens[i].Kind != Text {
			return "", false
		}
	}
	if len(p.tokens) == 1 {
		return p.tokens[0].Text, true
	}
	var b strings.Builder
	for i := range p.tokens {
		b.WriteString(p.tokens[i].Text)
	}
	return b.String(), true
}

// Prefix returns the literal characters that every matching text begins with.
func (p *Pattern) Prefix() string {
	if len(p.tokens) > 0 && p.tokens[0].Kind == Text {
		return p.tokens[0].Text
	}
	return ""
}

// Suffix returns the literal characters that every matching text ends with.
func (p *Pattern) Suffix() string {
	if n := len(p.tokens); n > 0 && p.tokens[n-1].Kind == Text {
		return p.tokens[n-1].Text
	}
	return ""
}

// Rest returns the pattern without its prefix. A text that begins with the prefix matches the pattern
// if and only if the remaining text matches Rest.
func (p *Pattern) Rest() Pattern {
	out := *p
	if p.Prefix() != "" {
		out.tokens = p.tokens[1:]
	}
	return out
}

// MatchSteps returns the number of steps to subtract for matching a text of some length. It grows
// with the product of both lengths.
func (p *Pattern) MatchSteps(length int) int {
	size := len(p.tokens)
	for i := range p.tokens {
		size += len(p.tokens[i].Text)
	}
	return size * length / 4096
}

// AsText returns the pattern with its wildcards as ordinary characters. Variables stay variables.
func (p *Pattern) AsText() Pattern {
	var out Pattern
	for _, t := range p.tokens {
		switch t.Kind {
		case Star, FieldStar:
			t = Token{Text: "*"}
		case One, FieldOne:
			t = Token{Text: "?"}
		}
		out.add(t)
	}
	return out
}

// WithoutColons returns the pattern with wildcards that match no colon.
func (p *Pattern) WithoutColons() Pattern {
	var out Pattern
	for _, t := range p.tokens {
		switch t.Kind {
		case Star:
			t.Kind = FieldStar
		case One:
			t.Kind = FieldOne
		}
		out.add(t)
	}
	return out
}

// Join returns the pattern that matches the texts that consist of a match of each pattern in turn.
func Join(patterns ...Pattern) Pattern {
	var out Pattern
	for i := range patterns {
		for _, t := range patterns[i].tokens {
			out.add(t)
		}
	}
	return out
}

// FoldKeys returns the pattern with the keys of its variables in lower case.
func (p *Pattern) FoldKeys() Pattern {
	if !p.HasVariables() {
		return *p
	}
	out := *p
	out.tokens = make([]Token, len(p.tokens))
	for i, t := range p.tokens {
		if t.Kind == Variable {
			t.Text = ascii.Fold(t.Text)
		}
		out.tokens[i] = t
	}
	return out
}

// String returns the pattern as text. Literal wildcards and dollar signs are written as in the
// source when the pattern has no variables, and as `${*}`, `${?}` and `${$}` otherwise.
func (p *Pattern) String() string {
	var b strings.Builder
	escape := strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")
	for _, t := range p.tokens {
		switch t.Kind {
		case Star, FieldStar:
			b.WriteByte('*')
		case One, FieldOne:
			b.WriteByte('?')
		case Variable:
			b.WriteString("${" + t.Text)
			if t.Default != nil {
				b.WriteString(", '" + *t.Default + "'")
			}
			b.WriteByte('}')
		default:
			if p.HasVariables() {
				b.WriteString(escape.Replace(t.Text))
			} else {
				b.WriteString(t.Text)
			}
		}
	}
	return b.String()
}
