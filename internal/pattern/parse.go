package pattern

import (
	"fmt"
	"strings"
)

// Fault is the kind of a syntax error in a variable.
type Fault uint8

// The kinds of syntax error.
const (
	MissingBrace Fault = iota + 1
	MissingQuote
	EmptyVariable
	MisplacedSpace
)

// SyntaxError reports a variable that [Parse] cannot read.
type SyntaxError struct {
	Fault   Fault
	Message string
}

// Error returns the message, a full sentence.
func (e *SyntaxError) Error() string { return e.Message }

// Parse reads a text in which `*` and `?` are wildcards. With variables set, `${key}` and `${key,
// 'default'}` are variables, and `${*}`, `${?}` and `${$}` the literal characters. Without it, a
// dollar sign is literal and no text is malformed. The error is a [*SyntaxError].
func Parse(text string, variables bool) (Pattern, error) {
	if !strings.ContainsAny(text, "*?$") {
		return Literal(text), nil
	}
	var p Pattern
	// literal collects characters before they become one token. Appending to the token would be slow
	// for a text with many dollar signs.
	var literal strings.Builder
	add := func(t Token) {
		p.add(Token{Text: literal.String()})
		literal.Reset()
		p.add(t)
	}
	for text != "" {
		i := strings.IndexAny(text, "*?$")
		if i < 0 {
			literal.WriteString(text)
			break
		}
		literal.WriteString(text[:i])
		text = text[i:]
		switch {
		case text[0] == '*':
			add(Token{Kind: Star})
			text = text[1:]
		case text[0] == '?':
			add(Token{Kind: One})
			text = text[1:]
		case !variables || !strings.HasPrefix(text, "${"):
			literal.WriteByte('$')
			text = text[1:]
		default:
			t, rest, err := parseVariable(text)
			if err != nil {
				return Pattern{}, err
			}
			if t.Kind == Text {
				literal.WriteString(t.Text)
			} else {
				add(t)
			}
			text = rest
		}
	}
	p.add(Token{Text: literal.String()})
	return p, nil
}

// parseVariable reads the variable at the beginning of text, which starts with "${". It returns the
// variable and the text after it.
func parseVariable(text string) (t Token, rest string, err error) {
	fail := func(fault Fault, format string, args ...any) (Token, string, error) {
		return Token{}, "", &SyntaxError{fault, fmt.Sprintf(format, args...)}
	}
	body := text[2:]
	end := strings.IndexAny(body, ",}")
	if end < 0 {
		return fail(MissingBrace, "The policy variable %q has no closing brace.", text)
	}
	key := body[:end]
	shown := text[:2+end+1]
	switch {
	case strings.TrimSpace(key) == "":
		return fail(EmptyVariable,
			"The policy variable %q is empty; name a condition key, or write ${$} for a dollar sign.", shown)
	case strings.ContainsAny(key, " \t\r\n"):
		return fail(MisplacedSpace,
			"The policy variable %q has white space in its key; a space may stand only after the comma of a default.", shown)
	case key != "$" && strings.ContainsAny(key, "${"):
		return fail(MissingBrace, "The policy variable %q begins another one before it is closed.", shown)
	}
	if body[end] == '}' {
		rest := body[end+1:]
		if key == "*" || key == "?" || key == "$" {
			return Token{Text: key}, rest, nil
		}
		return Token{Kind: Variable, Text: key}, rest, nil
	}
	after := body[end+1:]
	value, ok := strings.CutPrefix(after, " '")
	if !ok {
		if strings.HasPrefix(strings.TrimLeft(after, " \t\r\n"), "'") {
			return fail(MisplacedSpace,
				"The default of the policy variable %q must follow the comma after exactly one space.", shown)
		}
		return fail(MissingQuote,
			"The default of the policy variable %q must stand in single quotes, as in ${key, 'default'}.", shown)
	}
	value, rest, ok = strings.Cut(value, "'")
	if !ok {
		return fail(MissingQuote, "The default of the policy variable %q has no closing quote.", shown)
	}
	if !strings.HasPrefix(rest, "}") {
		if strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), "}") {
			return fail(MisplacedSpace, "The policy variable %q has a space before its closing brace.", shown)
		}
		return fail(MissingBrace, "The policy variable %q has no closing brace after its default.", shown)
	}
	return Token{Kind: Variable, Text: key, Default: &value}, rest[1:], nil
}
