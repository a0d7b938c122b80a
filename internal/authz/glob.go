package authz

import (
	"strings"
	"unicode/utf8"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// token is a piece of a compiled pattern.
type token struct {
	// text is a literal, or the folded key of a variable.
	text string
	def  *string // a variable's default, nil where it has none
	kind tokenKind
}

type tokenKind uint8

const (
	literal   tokenKind = iota
	star                // any number of characters
	fieldStar           // any number of characters but ':'
	one                 // exactly one character
	fieldOne            // exactly one character, not ':'
	variable
)

// pattern is a compiled string with wildcards and policy variables.
type pattern struct {
	tokens []token
	// unknown says that the text is known only later.
	unknown bool
	// variables says that there are any; slow, that a fieldStar is.
	variables, slow bool
}

// makePattern compiles parts. wild says whether wildcards are wildcards or
// ordinary characters.
func makePattern(parts []policy.Part, wild bool) pattern {
	var p pattern
	for _, part := range parts {
		switch {
		case part.Kind == policy.Star && wild:
			p.add(token{kind: star})
		case part.Kind == policy.Star:
			p.add(token{text: "*"})
		case part.Kind == policy.AnyOne && wild:
			p.add(token{kind: one})
		case part.Kind == policy.AnyOne:
			p.add(token{text: "?"})
		case part.Kind == policy.Variable:
			t := token{kind: variable, text: ascii.Fold(part.Text)}
			if part.HasDefault {
				t.def = &part.Default
			}
			p.add(t)
		default:
			p.add(token{text: part.Text})
		}
	}
	return p
}

// add appends a token. Literals that meet become one, and so do stars.
func (p *pattern) add(t token) {
	n := len(p.tokens)
	switch {
	case t.kind == literal && t.text == "":
		return
	case t.kind == literal && n > 0 && p.tokens[n-1].kind == literal:
		p.tokens[n-1].text += t.text
		return
	case t.kind == star && n > 0 && p.tokens[n-1].kind == star:
		return
	case t.kind == variable:
		p.variables = true
	case t.kind == fieldStar:
		p.slow = true
	}
	p.tokens = append(p.tokens, t)
}

// everything reports whether the pattern is a lone star.
func (p *pattern) everything() bool { return len(p.tokens) == 1 && p.tokens[0].kind == star }

// prefix is the literal text that everything matched begins with.
func (p *pattern) prefix() string {
	if len(p.tokens) > 0 && p.tokens[0].kind == literal {
		return p.tokens[0].text
	}
	return ""
}

// resolution is what became of a pattern's variables.
type resolution uint8

const (
	resolved  resolution = iota
	valueless            // a variable has no value
	uncertain            // a variable's value is not known
)

// resolve puts the values of variables in their place, as literals. A variable
// whose value is not known becomes a star.
func (p *pattern) resolve(ctx *Context, buffer []token) ([]token, resolution) {
	result := resolved
	out := buffer[:0]
	for _, t := range p.tokens {
		if t.kind != variable {
			out = append(out, t)
			continue
		}
		v, is := ctx.lookup(t.text)
		switch {
		case is == hidden || is == free:
			if result == resolved {
				result = uncertain
			}
			out = append(out, token{kind: star})
		case is == absent && t.def != nil:
			out = append(out, token{text: *t.def})
		case is == absent || v.multi:
			return nil, valueless // points 26, 32
		default:
			out = append(out, token{text: v.texts[0]})
		}
	}
	return out, result
}

// lacking is the key of a variable that has no value, or empty (points 26 and
// 32).
func (p *pattern) lacking(ctx *Context) string {
	for i := range p.tokens {
		if t := &p.tokens[i]; t.kind == variable {
			switch v, is := ctx.lookup(t.text); {
			case is == absent && t.def == nil, is == present && v.multi:
				return t.text
			}
		}
	}
	return ""
}

// mayLack reports whether a variable may turn out to have no value.
func (p *pattern) mayLack(ctx *Context) bool {
	for i := range p.tokens {
		if t := &p.tokens[i]; t.kind == variable {
			if v, is := ctx.lookup(t.text); is == free || is == hidden && !v.single {
				return true
			}
		}
	}
	return false
}

// match compares a text with the pattern. valueless says that a variable has
// no value, in which case the answer is no.
func (p *pattern) match(s string, ctx *Context) (answer truth, without bool) {
	if p.unknown {
		return maybe, false
	}
	if !p.variables {
		return truthOf(p.matchTokens(p.tokens, s)), false
	}
	var buffer [16]token
	tokens, result := p.resolve(ctx, buffer[:])
	if result == valueless {
		return no, true
	}
	answer = truthOf(p.matchTokens(tokens, s))
	if result == uncertain {
		answer = min(answer, maybe)
	}
	return answer, false
}

func (p *pattern) matchTokens(tokens []token, s string) bool {
	if p.slow {
		return globFields(tokens, s)
	}
	return glob(tokens, s)
}

// glob matches tokens without fieldStar. Upon a mismatch it goes back to the
// last star only, which is enough as a star takes anything. Where it has gone
// back so often that the pattern must be made to be slow, globBits takes over.
func glob(tokens []token, s string) bool {
	t, at := 0, 0
	starAt, resume := -1, 0
	steps := 1024 + 4*(len(s)+len(tokens))
	for {
		if steps--; steps < 0 {
			return globBits(tokens, s)
		}
		if t == len(tokens) {
			if at == len(s) {
				return true
			}
		} else {
			switch tok := &tokens[t]; tok.kind {
			case literal:
				if strings.HasPrefix(s[at:], tok.text) {
					at += len(tok.text)
					t++
					continue
				}
			case star:
				if t == len(tokens)-1 {
					return true
				}
				starAt, resume = t, at
				t++
				continue
			case one, fieldOne:
				if at < len(s) && (tok.kind == one || s[at] != ':') {
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
		if next := &tokens[starAt+1]; next.kind == literal {
			skip := strings.Index(s[resume:], next.text)
			if skip < 0 {
				return false
			}
			resume += skip
		}
		t, at = starAt+1, resume
	}
}

func width(s string) int {
	if s[0] < utf8.RuneSelf {
		return 1
	}
	_, size := utf8.DecodeRuneInString(s)
	return size
}

// globFields matches tokens of any kind. A fieldStar cannot pass a colon, so
// the last star is not enough to go back to; instead every pair of token and
// place is tried once. globBits does it where there are many.
func globFields(tokens []token, s string) bool {
	columns := len(s) + 1
	var failed [64]uint64
	if len(tokens)*columns > 64*len(failed) {
		return globBits(tokens, s)
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
		switch tok := &tokens[t]; tok.kind {
		case literal:
			if strings.HasPrefix(s[at:], tok.text) && try(t+1, at+len(tok.text)) {
				return true
			}
		case one, fieldOne:
			if at < len(s) && (tok.kind == one || s[at] != ':') && try(t+1, at+width(s[at:])) {
				return true
			}
		case star, fieldStar:
			for {
				if try(t+1, at) {
					return true
				}
				if at == len(s) || tok.kind == fieldStar && s[at] == ':' {
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
