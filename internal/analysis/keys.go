package analysis

import (
	"strconv"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// keyValue is a state of a context key. The zero keyValue is absent.
type keyValue struct {
	texts []string
	list  bool
}

// set gives the key its value in a context.
func (v *keyValue) set(ctx *authz.Context, key string) error {
	switch {
	case v.list:
		return ctx.SetMulti(key, v.texts)
	case len(v.texts) > 0:
		return ctx.Set(key, v.texts[0])
	}
	return nil
}

type keyAnswer struct {
	value  keyValue
	status status
}

// value looks for a state of a key with which every condition on it has the wanted answer. The literals are sorted.
func (s *solver) value(key int, literals []literal, w *world) (keyValue, status) {
	id := strconv.Itoa(key) + " " + textKey(literals, w, false)
	if a, ok := s.keyMemory[id]; ok {
		return a.value, a.status
	}
	v, st := s.findValue(key, literals, w)
	s.keyMemory[id] = keyAnswer{v, st}
	return v, st
}

func (s *solver) findValue(key int, literals []literal, w *world) (keyValue, status) {
	s.steps -= 1 + len(literals)
	if home := s.keyHomes[key]; home != nil {
		if home.settled[s.atoms[literals[0].atom].view.Key] {
			return s.settledValue(literals, w)
		}
		return keyValue{}, open // the value follows from the principal, but it is not known
	}
	if w.settled[s.keys[key]] {
		return s.settledValue(literals, w)
	}
	if set, ok := w.within[s.keys[key]]; ok {
		if text, presence := w.context.Value(s.keys[key]); presence == pattern.Given && set.Contains(text) {
			// The value of the example reads well.
			if _, st := s.settledValue(literals, w); st == found {
				return keyValue{texts: []string{text}}, found
			}
		}
		return s.valueWithin(key, literals, w, &set)
	}
	if s.all(literals, func(a *atom) bool { return a.absent }) {
		return keyValue{}, found
	}
	if s.keys[key] == "" {
		return keyValue{}, none // no request has a key without a name
	}
	best := none
	v, st := s.singleValue(key, literals, w)
	if st == found {
		return v, found
	}
	best = max(best, st)
	list := s.mayBeList(key)
	if list {
		if v, st = s.listValue(literals, w); st == found {
			return v, found
		}
		best = max(best, st)
	}
	if v, st = s.emptyText(key, literals, w); st == found {
		return v, found
	}
	best = max(best, st)
	if list && s.all(literals, func(a *atom) bool { return a.emptyList }) {
		return keyValue{texts: []string{""}, list: true}, found
	}
	return keyValue{}, best
}

func (s *solver) all(literals []literal, answer func(*atom) bool) bool {
	for _, l := range literals {
		if answer(&s.atoms[l.atom]) != l.want {
			return false
		}
	}
	return true
}

// settledValue compares the literals with the value that the key has.
func (s *solver) settledValue(literals []literal, w *world) (keyValue, status) {
	result := found
	for _, l := range literals {
		a := &s.atoms[l.atom]
		switch own := s.of(a, w); {
		case !own.knows(a.variables):
			result = open
		case a.view.Holds(own.context) != l.want:
			return keyValue{}, none
		}
	}
	return keyValue{}, result
}

// valueWithin looks for one text of a set.
func (s *solver) valueWithin(key int, literals []literal, w *world, set *pattern.Set) (keyValue, status) {
	var texts []literal
	for _, l := range literals {
		switch a := &s.atoms[l.atom]; {
		case a.comparesText():
			texts = append(texts, l)
		case a.readsText():
			return keyValue{}, open
		case a.view.Holds(single(a.view.Key, "value")) != l.want:
			return keyValue{}, none
		}
	}
	base := baseChoice(true)
	base.required = append(base.required, set.Required...)
	base.excluded = append(base.excluded, set.Excluded...)
	text, st := s.stringText(texts, w, base)
	return keyValue{texts: []string{text}}, st
}

// singleValue looks for one text that is not empty.
func (s *solver) singleValue(key int, literals []literal, w *world) (keyValue, status) {
	texts := make([]literal, 0, len(literals))
	for _, l := range literals {
		if a := &s.atoms[l.atom]; a.readsText() {
			texts = append(texts, l)
		} else if a.view.Holds(single(a.view.Key, "value")) != l.want {
			return keyValue{}, none
		}
	}
	text, st := s.text(texts, w, true)
	return keyValue{texts: []string{text}}, st
}

// emptyText tries the empty text, which Null and set operators treat as absent.
func (s *solver) emptyText(key int, literals []literal, w *world) (keyValue, status) {
	var texts []literal
	ctx := single(s.keys[key], "")
	for _, l := range literals {
		if a := &s.atoms[l.atom]; a.readsText() && !a.isSet() {
			if own := s.of(a, w); !own.knows(a.variables) {
				texts = append(texts, l)
			} else if a.view.Matches("", own.context) != l.want {
				return keyValue{}, none
			}
		} else if a.view.Holds(ctx) != l.want {
			return keyValue{}, none
		}
	}
	if len(texts) > 0 {
		return keyValue{}, open
	}
	return keyValue{texts: []string{""}}, found
}

// listValue looks for a list of texts. Each condition with ForAnyValue that must be true, and each with ForAllValues
// that must be false, needs a text of its own; the others restrict all texts.
func (s *solver) listValue(literals []literal, w *world) (keyValue, status) {
	var every []literal
	var some []literal
	for _, l := range literals {
		a := &s.atoms[l.atom]
		switch all := a.view.Operator.Qualifier == policy.ForAllValues; {
		case !a.isSet():
			if a.list != l.want {
				return keyValue{}, none
			}
		case all == l.want:
			every = append(every, l)
		default:
			some = append(some, l)
		}
	}
	out := keyValue{list: true}
	result := found
	add := func(literals []literal) bool {
		text, st := s.text(literals, w, true)
		if st != found {
			var empty status
			if text, empty = s.text(literals, w, false); empty == found {
				st = found
			}
		}
		if st == none {
			return false
		}
		result = min(result, st)
		for _, earlier := range out.texts {
			if earlier == text {
				return true
			}
		}
		out.texts = append(out.texts, text)
		return true
	}
	if len(some) == 0 && !add(every) {
		return keyValue{}, none
	}
	for _, l := range some {
		if !add(withLiteral(every, l)) {
			return keyValue{}, none
		}
	}
	if len(out.texts) == 1 && out.texts[0] == "" {
		out.texts = []string{"", ""} // a list of one empty text counts as absent
	}
	return out, result
}

// withLiteral returns the sorted literals with one more.
func withLiteral(literals []literal, l literal) []literal {
	out := make([]literal, 0, len(literals)+1)
	placed := false
	for _, other := range literals {
		if !placed && l.atom < other.atom {
			out, placed = append(out, l), true
		}
		out = append(out, other)
	}
	if !placed {
		out = append(out, l)
	}
	return out
}

// mayBeList reports whether a key may have a list of values. A key that the catalog knows as single-valued may not. AWS
// does not document how it compares a multivalued key without a set operator, so that such a key may also be a single
// text.
func (s *solver) mayBeList(key int) bool {
	k := catalog.Default().Key(s.keys[key])
	return k == nil || k.Multivalued
}
