package configuration

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/zclconf/go-cty/cty"
)

// A token stands in a known text for a part that is not known yet. An evaluator makes its tokens from a random text, so
// that the source of a configuration cannot contain one. Functions that only move texts work on texts with tokens. All
// others get an unknown value in place of such a text, because the token's own characters must not decide a result.
type token struct {
	hole string // as package planned writes it
	kind tokenKind
	// present means that the value is neither null nor empty.
	present bool
	scalar  bool // of an anyJSON token: the value becomes a string, a number or a boolean
}

type tokenKind uint8

const (
	// plainText is text without characters that have a meaning in JSON, such as an ARN.
	plainText tokenKind = iota
	// freeText may have any characters. In a JSON text that a template wrote it may change the structure.
	freeText
	// anyJSON stands for a JSON value. The token is the whole of a JSON string.
	anyJSON
	// openSet is an additional element of a JSON array that was a set with tokens or unknown values. The array may turn
	// out to be shorter and to have another order.
	openSet
)

// The first and last character of a token belong to Unicode's private use area.
const (
	tokenStart = "\ue000"
	tokenEnd   = "\ue001"
)

// tokens are the tokens of one evaluator.
type tokens struct {
	start string // with the random text
	list  []token
	names map[token]string // the texts of those with a name
}

func newTokens(random string) *tokens {
	return &tokens{start: tokenStart + random + ".", names: map[token]string{}}
}

func (t *tokens) add(tok token) string {
	t.list = append(t.list, tok)
	return t.start + strconv.Itoa(len(t.list)-1) + tokenEnd
}

// named returns the token for a hole. It is the same for the same arguments.
func (t *tokens) named(hole string, kind tokenKind, present bool) string {
	tok := token{hole: hole, kind: kind, present: present}
	text, ok := t.names[tok]
	if !ok {
		text = t.add(tok)
		t.names[tok] = text
	}
	return text
}

// next returns the text before the first token, the token and the text after it.
func (t *tokens) next(text string) (before string, tok *token, after string) {
	before, rest, ok := strings.Cut(text, t.start)
	if !ok {
		return text, nil, ""
	}
	number, after, ok := strings.Cut(rest, tokenEnd)
	i, err := strconv.Atoi(number)
	if !ok || err != nil || i < 0 || i >= len(t.list) {
		panic(limitError("a text has a damaged placeholder")) // a function that takes texts apart got one
	}
	return before, &t.list[i], after
}

func (t *tokens) in(text string) bool { return strings.Contains(text, t.start) }

// has reports whether the text has a token of a kind.
func (t *tokens) has(text string, kind tokenKind) bool {
	for text != "" {
		_, tok, after := t.next(text)
		if tok != nil && tok.kind == kind {
			return true
		}
		text = after
	}
	return false
}

// hasJSON reports whether the text has a token for a part of a JSON text.
func (t *tokens) hasJSON(text string) bool { return t.has(text, anyJSON) || t.has(text, openSet) }

// whole returns the token that is the whole text, or nil.
func (t *tokens) whole(text string) *token {
	if before, tok, after := t.next(text); before == "" && after == "" {
		return tok
	}
	return nil
}

// present reports whether the text is certainly not empty.
func (t *tokens) present(text string) bool {
	for text != "" {
		before, tok, after := t.next(text)
		if before != "" || tok != nil && tok.present {
			return true
		}
		text = after
	}
	return false
}

// replace returns the text with other text in place of its tokens.
func (t *tokens) replace(text string, with func(*token) string) string {
	var out strings.Builder
	for text != "" {
		before, tok, after := t.next(text)
		out.WriteString(before)
		if tok != nil {
			out.WriteString(with(tok))
		}
		text = after
	}
	return out.String()
}

// holes returns the text with holes in place of its tokens.
func (t *tokens) holes(text string) string {
	return t.replace(planned.LiteralText(text), func(tok *token) string { return tok.hole })
}

// quoted returns the content of a string that is written as a JSON string: in it, any text is plain.
func (t *tokens) quoted(text string) string {
	return t.replace(text, func(tok *token) string {
		if tok.kind >= anyJSON {
			// A JSON text inside of another: the inner one keeps its structure.
			return t.add(*tok)
		}
		return t.named(tok.hole, plainText, tok.present)
	})
}

// fromHoles returns a text with tokens of a kind in place of its holes.
func (t *tokens) fromHoles(text string, kind tokenKind) string {
	return planned.ReplaceHoles(text, func(name string) string { return t.named(planned.Hole(name), kind, false) })
}

// hasToken reports whether a value has a text with a token.
func (e *evaluator) hasToken(v cty.Value) bool {
	found := false
	e.walk(v, func(part cty.Value) bool {
		found = found || isText(part) && e.tokens.in(part.AsString())
		return !found
	})
	return found
}

func isText(v cty.Value) bool {
	return v.Type() == cty.String && v.IsKnown() && !v.IsNull()
}

// blank returns the value with unknown values in place of texts with tokens.
func (e *evaluator) blank(v cty.Value) cty.Value {
	if !e.hasToken(v) {
		return v
	}
	return e.transform(v, func(part cty.Value) cty.Value {
		if !isText(part) || !e.tokens.in(part.AsString()) {
			return part
		}
		unknown := cty.UnknownVal(cty.String)
		if e.tokens.present(part.AsString()) {
			return unknown.RefineNotNull()
		}
		return unknown
	})
}

// blankSets returns the value with unknown sets in place of sets that have a token or an unknown value. Whether two
// members of a set are equal decides its length.
func (e *evaluator) blankSets(v cty.Value) cty.Value {
	if v.IsWhollyKnown() && !e.hasToken(v) || !hasSet(v.Type()) {
		return v
	}
	return e.transform(v, func(part cty.Value) cty.Value {
		if part.Type().IsSetType() {
			return e.iterable(part)
		}
		return part
	})
}

// iterable returns a value for iteration.
func (e *evaluator) iterable(v cty.Value) cty.Value {
	if v.Type().IsSetType() && (!v.IsWhollyKnown() || e.hasToken(v)) {
		return cty.UnknownVal(v.Type())
	}
	return v
}

func (e *evaluator) transform(v cty.Value, change func(cty.Value) cty.Value) cty.Value {
	out, err := cty.Transform(v, func(_ cty.Path, part cty.Value) (cty.Value, error) { return change(part), nil })
	if err != nil {
		panic(limitError(fmt.Sprintf("a value cannot be read: %v", err)))
	}
	return out
}
