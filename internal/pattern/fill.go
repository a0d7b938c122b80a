package pattern

// Presence says whether a variable has a value.
type Presence uint8

// The states of a variable.
const (
	Absent   Presence = iota // no value; the variable's default applies
	Given                    // a single text
	Unusable                 // a value that is not a single text; the default does not apply
	Unknown                  // the value is not known; it may be any text or absent
)

// Values gives variables their values.
type Values interface {
	// Value returns the value of the variable with this key. The text is valid only if the
	// presence is Given.
	Value(key string) (text string, presence Presence)
}

// Filled is the result of [Pattern.Fill].
type Filled uint8

// The results of filling a pattern.
const (
	Complete Filled = iota
	NoValue         // a variable has no value, so that the pattern matches no text
	Partial         // the value of some variable is not known; a star stands in its place
)

// Fill returns the pattern with each variable replaced by its value, as literal text. A star replaces
// a variable with an unknown value, so the result matches every text that the pattern matches for
// some value. The tokens of the result are stored in buffer if they fit.
func (p *Pattern) Fill(values Values, buffer []Token) (Pattern, Filled) {
	if !p.HasVariables() {
		return *p, Complete
	}
	result := Complete
	out := Pattern{tokens: buffer[:0], has: p.has &^ variables}
	for i := range p.tokens {
		t := &p.tokens[i]
		if t.Kind != Variable {
			out.tokens = append(out.tokens, *t)
			continue
		}
		switch text, presence := values.Value(t.Text); {
		case presence == Given:
			out.tokens = append(out.tokens, Token{Text: text})
		case presence == Unknown:
			result = Partial
			out.tokens = append(out.tokens, Token{Kind: Star})
		case presence == Absent && t.Default != nil:
			out.tokens = append(out.tokens, Token{Text: *t.Default})
		default:
			return Pattern{}, NoValue
		}
	}
	return out, result
}

// FillGiven returns the pattern with each variable replaced by its value, as Fill does, but a variable with an unknown
// value stays a variable. The result is NoValue, Partial if a variable stays, or Complete.
func (p *Pattern) FillGiven(values Values) (Pattern, Filled) {
	if !p.HasVariables() {
		return *p, Complete
	}
	result := Complete
	var out Pattern
	for _, t := range p.tokens {
		if t.Kind == Variable {
			switch text, presence := values.Value(t.Text); {
			case presence == Given:
				t = Token{Text: text}
			case presence == Unknown:
				result = Partial
			case presence == Absent && t.Default != nil:
				t = Token{Text: *t.Default}
			default:
				return Pattern{}, NoValue
			}
		}
		out.add(t)
	}
	return out, result
}

// Captures returns the values of the variable key for which the pattern matches text. complete is
// false if there may be other values: the steps ran out, there are more than limit values, or the
// pattern has another variable.
func (p *Pattern) Captures(key, text string, limit int, steps *int) (values []string, complete bool) {
	at := -1
	for i, t := range p.tokens {
		switch {
		case t.Kind != Variable:
		case t.Text == key && at < 0:
			at = i
		default:
			return nil, false // the values of several variables depend on each other
		}
	}
	if at < 0 {
		return nil, true
	}
	before, after := p.tokens[:at], p.tokens[at+1:]
	for i := 0; i <= len(text); i++ {
		if *steps -= 1 + len(text)/8 + p.MatchSteps(i); *steps <= 0 {
			return values, false
		}
		if !matchFields(before, text[:i]) {
			continue
		}
		for j := i; j <= len(text); j++ {
			if *steps -= 1 + p.MatchSteps(len(text)-j); *steps <= 0 || len(values) >= limit {
				return values, false
			}
			if matchFields(after, text[j:]) {
				values = append(values, text[i:j])
			}
		}
	}
	return values, true
}
