package authz

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// keyTests collects the conditions and variables of the relevant statements that use one context key.
type keyTests struct {
	conditions []*condition
	// variable is set if a pattern contains the key as a policy variable. captured has the values of that
	// variable with which the pattern matches the text of the request.
	captured []string
	variable bool
	// within contains the possible values of the key. It is nil if every value is possible.
	within []pattern.Set
}

// maxCaptures bounds the number of values to try for a variable.
const maxCaptures = 256

// capture collects the values of the variable key that make a pattern match a text. It reports
// whether it found all of them.
func (t *keyTests) capture(p *pattern.Pattern, key, text string, s *search) bool {
	values, complete := p.Captures(key, text, maxCaptures-len(t.captured), &s.steps)
	t.captured = append(t.captured, values...)
	return complete
}

// values returns the values to try for the key, and whether they cover every case. If the key
// certainly has a single value, it is neither absent nor a list.
func (t *keyTests) values(s *search, key string, single bool) ([]contextValue, bool) {
	texts, complete := t.texts(s)
	if t.within != nil {
		texts, complete = t.possible(texts, complete, s)
	}
	texts, all := t.different(texts, s)
	complete = complete && all
	out := make([]contextValue, 0, len(texts)+3)
	for _, text := range texts {
		out = append(out, contextValue{texts: []string{text}})
	}
	if single {
		return out, complete
	}
	list := func(texts ...string) { out = append(out, contextValue{texts: texts, multi: true}) }
	// Operators without a set qualifier treat all lists alike, except the empty one, which is absent.
	// Null treats a list of one empty string as absent.
	list()
	list("value")
	list("")
	if !t.asSet() {
		return t.distinct(out, key, complete, s)
	}
	list("", "")
	const maxTexts = 8 // the search tries all subsets of so many texts
	if len(texts) > maxTexts {
		list(texts...)
		for i := range texts {
			list(texts[i])
		}
		return t.distinct(out, key, false, s)
	}
	for set := 1; set < 1<<len(texts); set++ {
		var some []string
		for i, text := range texts {
			if set&(1<<i) != 0 {
				some = append(some, text)
			}
		}
		list(some...)
	}
	return t.distinct(out, key, complete, s)
}

// possible returns the texts that the key may have, and for each set one that differs from all captured values.
func (t *keyTests) possible(texts []string, complete bool, s *search) ([]string, bool) {
	for _, set := range t.within {
		set.Excluded = slices.Clip(set.Excluded)
		for _, text := range t.captured {
			set.Excluded = append(set.Excluded, pattern.Term{Pattern: pattern.Literal(text)})
		}
		text, answer := set.Witness(&s.steps)
		if answer == pattern.Found {
			texts = append(texts, text)
		}
		complete = complete && answer != pattern.Exhausted
	}
	return slices.DeleteFunc(distinct(texts), func(text string) bool {
		return !slices.ContainsFunc(t.within, func(set pattern.Set) bool { return set.Contains(text) })
	}), complete
}

// asSet reports whether a condition compares the key's values one by one.
func (t *keyTests) asSet() bool {
	for _, c := range t.conditions {
		if c.op.Comparison != policy.Null && c.op.Qualifier != policy.NoQualifier {
			return true
		}
	}
	return false
}

// fixed reports whether only conditions use the key, and their answers depend on no other key.
func (t *keyTests) fixed() bool {
	for _, c := range t.conditions {
		for i := range c.values {
			if c.values[i].text.HasVariables() {
				return false
			}
		}
	}
	return !t.variable
}

// different removes each text for which every condition gives the same answer as for an earlier text.
// It returns false if the steps ran out.
func (t *keyTests) different(texts []string, s *search) ([]string, bool) {
	if !t.fixed() {
		return texts, true
	}
	seen := map[string]bool{}
	var out []string
	for _, text := range texts {
		answers := make([]byte, 0, len(t.conditions)+1)
		for _, c := range t.conditions {
			if s.steps -= c.cost(len(text)); s.steps <= 0 {
				return out, false
			}
			answers = append(answers, byte(c.matchOne(text, nil)))
		}
		if text == "" { // some operators treat the empty text as absent
			answers = append(answers, 'e')
		}
		if !seen[string(answers)] {
			seen[string(answers)] = true
			out = append(out, text)
		}
	}
	return out, true
}

// distinct removes each value for which every condition gives the same answer as for an earlier value.
func (t *keyTests) distinct(values []contextValue, key string, complete bool, s *search) ([]contextValue, bool) {
	if !t.fixed() {
		return values, complete
	}
	seen := map[string]bool{}
	var out []contextValue
	for _, v := range values {
		ctx := &Context{values: map[string]contextValue{key: v}}
		answers := make([]byte, 0, len(t.conditions))
		for _, c := range t.conditions {
			for _, text := range v.texts {
				s.steps -= c.cost(len(text))
			}
			if s.steps <= 0 {
				return out, false
			}
			answers = append(answers, byte(c.eval(ctx)))
		}
		if !seen[string(answers)] {
			seen[string(answers)] = true
			out = append(out, v)
		}
	}
	return out, complete
}
