package pattern

// Presence says whether a variable has a value.
type Presence uint8

// The ways in which a variable can have a value or not.
const (
	Absent   Presence = iota // none, so that the variable's default serves
	Given                    // one text
	Unusable                 // something other than one text, for which no default serves
	Unknown                  // any text or none: the value is not known
)

// Values gives variables their values.
type Values interface {
	// Value returns the value of the variable with this key. The text counts only if the variable
	// has a value.
	Value(key string) (text string, presence Presence)
}

// Filled says what [Pattern.Fill] could do.
type Filled uint8

// The results of filling a pattern.
const (
	Complete Filled = iota
	NoValue         // a variable has no value, so that the pattern matches no text
	Partial         // the value of some variable is not known; a star stands in its place
)

// Fill returns the pattern with the values of its variables in their place, as literal text. Where
// a value is not known, a star takes its place, so that the result matches whatever the pattern
// matches with some value. The tokens of the result are stored in buffer if they fit.
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

// Captures returns the values of the variable key with which the pattern matches text, at most a
// number of them. complete is false if there may be others: the steps or that number ran out, or
// another variable stands beside it.
func (p *Pattern) Captures(key, text string, most int, steps *int) (values []string, complete bool) {
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
			if *steps -= 1 + p.MatchSteps(len(text)-j); *steps <= 0 || len(values) >= most {
				return values, false
			}
			if matchFields(after, text[j:]) {
				values = append(values, text[i:j])
			}
		}
	}
	return values, true
}
