package analysis

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// literal is a condition with the answer that it must have. In the context of one value, it is the answer of the
// operator without its set qualifier.
type literal struct {
	atom int
	want bool
}

// anyARN matches the texts that ARN operators can compare.
var anyARN = func() pattern.Pattern {
	arn := pattern.CutARN(pattern.Glob("arn"))
	return arn.Fieldwise()
}()

// textKey returns the key under which the memory of the solver has an answer.
func textKey(literals []literal, w *world, nonEmpty bool) string {
	b := make([]byte, 0, 4*len(literals)+4)
	b = binary.AppendUvarint(b, uint64(w.id)) //nolint:gosec // never negative
	if nonEmpty {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	for _, l := range literals {
		n := uint64(l.atom) << 1 //nolint:gosec // never negative
		if l.want {
			n |= 1
		}
		b = binary.AppendUvarint(b, n)
	}
	return string(b)
}

type textAnswer struct {
	text   string
	status status
}

// text looks for a value for which each operator, without its set qualifier, gives the wanted answer.
func (s *solver) text(literals []literal, w *world, nonEmpty bool) (string, status) {
	key := textKey(literals, w, nonEmpty)
	if a, ok := s.textMemory[key]; ok {
		return a.text, a.status
	}
	text, st := s.findText(literals, w, nonEmpty)
	s.textMemory[key] = textAnswer{text, st}
	return text, st
}

func (s *solver) findText(literals []literal, w *world, nonEmpty bool) (string, status) {
	var texts, others []literal
	families := map[policy.Family]bool{}
	for _, l := range literals {
		if a := &s.atoms[l.atom]; a.comparesText() {
			texts = append(texts, l)
		} else {
			others = append(others, l)
			families[a.view.Operator.Comparison.Family()] = true
		}
	}
	if len(others) == 0 {
		return s.stringText(texts, w, baseChoice(nonEmpty))
	}
	if candidates, complete := s.finite(literals, w); complete {
		text, st, _ := s.tryTexts(candidates, literals, w, nonEmpty)
		return text, st
	}
	// The representatives of the other types are few, so they are tried one by one.
	views := make([]authz.ConditionView, len(others))
	for i, l := range others {
		views[i] = s.atoms[l.atom].view
	}
	candidates, complete := authz.RepresentativeTexts(views, &s.steps)
	complete = complete && len(families) == 1
	if len(texts) > 0 {
		// A text that satisfies the string operators may also be the number or date that the others want.
		text, st := s.stringText(texts, w, baseChoice(nonEmpty))
		if st == none {
			return "", none
		}
		candidates = append(candidates, text)
		candidates = append(candidates, s.writtenTexts(texts, w)...)
	}
	text, st, othersHold := s.tryTexts(candidates, literals, w, nonEmpty)
	if st == none && !(complete && (len(texts) == 0 || !othersHold)) {
		return "", open
	}
	return text, st
}

// tryTexts tries candidates. The status is none if none of them has the wanted answers. othersHold is set if one has
// those of the operators that do not compare texts.
func (s *solver) tryTexts(candidates []string, literals []literal, w *world, nonEmpty bool) (text string, st status,
	othersHold bool) {
	for _, text := range candidates {
		if text == "" && nonEmpty {
			continue
		}
		if s.steps -= len(literals); s.steps <= 0 {
			return "", exhausted, true
		}
		all, others, settled := true, true, true
		for _, l := range literals {
			a := &s.atoms[l.atom]
			own := s.of(a, w)
			if !own.knows(a.variables) {
				settled = false
				continue
			}
			if a.view.Matches(text, own.context) != l.want {
				all = false
				others = others && a.comparesText()
			}
		}
		othersHold = othersHold || others
		switch {
		case all && settled:
			return text, found, true
		case all:
			st = open
		}
	}
	return "", st, othersHold
}

// finite returns all texts with the wanted answer of one of the literals, if these are few.
func (s *solver) finite(literals []literal, w *world) (texts []string, ok bool) {
	for _, l := range literals {
		a := &s.atoms[l.atom]
		if a.view.Operator.Negated == l.want || len(a.variables) > 0 {
			continue
		}
		texts = texts[:0]
		ok = true
		for i := range a.view.Values {
			v := &a.view.Values[i]
			switch a.view.Operator.Comparison {
			case policy.StringEquals, policy.StringLike:
				text, literal := v.Text.LiteralText()
				ok = ok && literal
				texts = append(texts, text)
			case policy.Bool:
				if v.Valid {
					texts = append(texts, cases(strconv.FormatBool(v.Truth))...)
				}
			case policy.BinaryEquals:
				if v.Valid {
					texts = append(texts, base64.StdEncoding.EncodeToString(v.Binary))
				}
			default:
				ok = false
			}
		}
		if ok {
			return texts, true
		}
	}
	return nil, false
}

// cases returns all spellings of a word in lower case.
func cases(word string) []string {
	out := []string{""}
	for i := range len(word) {
		var next []string
		for _, text := range out {
			next = append(next, text+word[i:i+1], text+string(word[i]-'a'+'A'))
		}
		out = next
	}
	return out
}

// writtenTexts returns the values that the policies compare with, as far as they have no wildcards.
func (s *solver) writtenTexts(literals []literal, w *world) (out []string) {
	for _, l := range literals {
		if !s.atoms[l.atom].comparesText() {
			continue
		}
		for _, v := range s.values(l.atom, w) {
			if text, ok := v.term.Pattern.LiteralText(); ok && v.state == compared {
				out = append(out, text)
			}
		}
	}
	return out
}

// valueState says how a value of a string or ARN condition compares.
type valueState uint8

const (
	compared     valueState = iota // with the term
	different                      // it equals no text: a variable has no value
	incomparable                   // the operator is false with it, negated or not
	unsettled                      // variables decide whether it is an ARN
)

// value is a value of a string or ARN condition in a world.
type value struct {
	state valueState
	term  pattern.Term
}

// values returns the values of a string or ARN condition, with the settled variables filled in.
func (s *solver) values(id int, w *world) []value {
	a := &s.atoms[id]
	key := [2]int{id, 0}
	if len(a.variables) > 0 {
		key[1] = w.id + 1
	}
	if values, ok := s.valueMemory[key]; ok {
		return values
	}
	out := make([]value, 0, len(a.view.Values))
	for i := range a.view.Values {
		out = append(out, a.value(&a.view.Values[i], s.of(a, w)))
	}
	s.valueMemory[key] = out
	return out
}

func (a *atom) value(v *authz.ValueView, w *world) value {
	if a.view.Operator.Comparison != policy.ArnLike {
		p, result := v.Text.FillGiven(w)
		if result == pattern.NoValue {
			return value{state: different}
		}
		return value{term: pattern.Term{Pattern: p, Fold: a.view.Operator.Comparison == policy.StringEqualsIgnoreCase}}
	}
	text, result := v.Text.FillGiven(w)
	switch {
	case result == pattern.NoValue:
		return value{state: different}
	case !v.Valid:
		return value{state: incomparable}
	}
	arn := v.ARN
	if arn == nil {
		if result == pattern.Partial {
			return value{state: unsettled}
		}
		cut := pattern.CutARN(text)
		if arn = &cut; arn.Written != len(arn.Fields) || !arn.HasPrefix() {
			return value{state: incomparable}
		}
	}
	filled := *arn
	for i := range filled.Fields {
		filled.Fields[i], _ = filled.Fields[i].FillGiven(w)
		if i < pattern.ResourceField && v.ARN != nil {
			for t := range filled.Fields[i].Tokens() {
				if t.Kind == pattern.Text && slices.Contains([]byte(t.Text), ':') {
					return value{state: different} // no field of an ARN has a colon
				}
			}
		}
	}
	return value{term: pattern.Term{Pattern: filled.Fieldwise()}}
}

// choice is one way to give an operator the wanted answer.
type choice struct {
	required, excluded []pattern.Term
	// depends is set if variables decide whether it is one.
	depends bool
}

// choices returns the ways to give an operator the wanted answer for one value. A text is an answer if it satisfies
// one of them.
func (s *solver) choices(l literal, w *world) []choice {
	a := &s.atoms[l.atom]
	negated, isARN := a.view.Operator.Negated, a.view.Operator.Comparison == policy.ArnLike
	values := s.values(l.atom, w)
	if negated == l.want {
		// No value may equal the text. For a negated operator, the values must also be comparable.
		out := choice{}
		needsARN := false
		for _, v := range values {
			switch v.state {
			case compared:
				out.excluded = append(out.excluded, v.term)
				// If a variable has no value, the text need not be an ARN.
				needsARN = needsARN || isARN && !v.term.Pattern.HasVariables()
			case incomparable:
				if negated {
					return nil
				}
			case unsettled:
				out.depends = true
			}
		}
		if negated && needsARN {
			out.required = append(out.required, pattern.Term{Pattern: anyARN})
		}
		return []choice{out}
	}
	// Some value must equal the text. A negated operator is also false if one is incomparable.
	var out []choice
	notARN := false
	for _, v := range values {
		switch v.state {
		case compared:
			out = append(out, choice{required: []pattern.Term{v.term}})
			notARN = notARN || isARN
		case incomparable:
			if negated {
				return []choice{{}}
			}
		case unsettled:
			out = append(out, choice{depends: true})
		}
	}
	if negated && notARN {
		out = append(out, choice{excluded: []pattern.Term{{Pattern: anyARN}}})
	}
	return out
}

// baseChoice returns all texts, or all but the empty one.
func baseChoice(nonEmpty bool) choice {
	if !nonEmpty {
		return choice{}
	}
	return choice{excluded: []pattern.Term{{Pattern: pattern.Literal("")}}}
}

// stringText is [solver.text] for string and ARN operators. The text is one of base.
func (s *solver) stringText(literals []literal, w *world, base choice) (string, status) {
	var several [][]choice
	for _, l := range literals {
		c := s.choices(l, w)
		switch len(c) {
		case 0:
			return "", none
		case 1:
			base = base.and(&c[0])
		default:
			several = append(several, c)
		}
	}
	slices.SortStableFunc(several, func(a, b []choice) int { return len(a) - len(b) })
	var try func(c choice, i int) (string, status)
	try = func(c choice, i int) (string, status) {
		if s.steps -= 1 + len(c.excluded); s.steps <= 0 {
			return "", exhausted
		}
		if i == len(several) {
			text, st := s.setText(&c)
			if st == found && c.depends {
				return "", open
			}
			return text, st
		}
		best := none
		for j := range several[i] {
			next := c.and(&several[i][j])
			if clash(next.required) {
				continue
			}
			text, st := try(next, i+1)
			if st == found {
				return text, found
			}
			best = max(best, st)
		}
		return "", best
	}
	return try(base, 0)
}

func (c *choice) and(other *choice) choice {
	return choice{
		required: slices.Concat(c.required, other.required), excluded: slices.Concat(c.excluded, other.excluded),
		depends: c.depends || other.depends,
	}
}

// clash reports whether two required terms certainly have no text in common.
func clash(required []pattern.Term) bool {
	if len(required) < 2 {
		return false
	}
	last := &required[len(required)-1]
	for i := range required[:len(required)-1] {
		if apart(&required[i], last) {
			return true
		}
	}
	return false
}

// apart reports whether two terms certainly have no text in common. It compares only their ends.
func apart(a, b *pattern.Term) bool {
	if a.Fold || b.Fold {
		return false
	}
	return patternsApart(&a.Pattern, &b.Pattern)
}

func patternsApart(a, b *pattern.Pattern) bool {
	p, q := a.Prefix(), b.Prefix()
	if n := min(len(p), len(q)); p[:n] != q[:n] {
		return true
	}
	p, q = a.Suffix(), b.Suffix()
	if n := min(len(p), len(q)); p[len(p)-n:] != q[len(q)-n:] {
		return true
	}
	text, literal := a.LiteralText()
	if literal && !b.HasVariables() {
		return !b.Match(text)
	}
	text, literal = b.LiteralText()
	return literal && !a.HasVariables() && !a.Match(text)
}

// readable are texts to prefer in a witness.
var readable = [...]string{"value", "other"}

// setText returns a text of the set, and one that reads well if possible.
func (s *solver) setText(c *choice) (string, status) {
	set := pattern.Set{Required: c.required}
	for i := range c.excluded {
		e := &c.excluded[i]
		out := false
		for j := range c.required {
			out = out || apart(&c.required[j], e)
		}
		if !out {
			set.Excluded = append(set.Excluded, *e)
		}
	}
	for i := range set.Required {
		if text, literal := set.Required[i].Pattern.LiteralText(); literal && !set.Required[i].Fold {
			if set.Contains(text) {
				return text, s.ifSettled(&set)
			}
			if s.ifSettled(&set) == found {
				return "", none
			}
		}
	}
	if len(set.Required) == 0 {
		for _, text := range readable {
			if set.Contains(text) {
				return text, s.ifSettled(&set)
			}
		}
	}
	if len(set.Required) > 1 {
		// With one required term, variables are exact. If one term alone leaves nothing, nothing remains.
		for i := range set.Required {
			if !set.Required[i].Pattern.HasVariables() {
				continue
			}
			one := pattern.Set{Required: set.Required[i : i+1], Excluded: set.Excluded}
			if _, answer := one.Witness(&s.steps); answer == pattern.Empty {
				return "", none
			}
		}
	}
	text, answer := set.Witness(&s.steps)
	return text, statusOf(answer)
}

// ifSettled returns found for a set without variables, and open otherwise.
func (s *solver) ifSettled(set *pattern.Set) status {
	for _, terms := range [...][]pattern.Term{set.Required, set.Excluded} {
		for i := range terms {
			if terms[i].Pattern.HasVariables() {
				return open
			}
		}
	}
	return found
}

func statusOf(a pattern.Answer) status {
	return [...]status{pattern.Empty: none, pattern.Found: found, pattern.Open: open, pattern.Exhausted: exhausted}[a]
}
