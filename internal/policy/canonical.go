package policy

import (
	"bytes"
	"cmp"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"slices"
)

// Canonical returns the document in a form that all spellings of it share.
//
// These differences disappear: no Version and 2008-10-17; a list of one value and that value;
// one statement and a list of it; the order of statements, of values in a list,
// of types of principal, operators and keys; an identical statement or value
// given twice; actions, condition keys, service principals and names of
// operators in another case; ArnEquals and ArnLike; "*" and {"AWS": "*"} as
// principal; an account's id and its root ARN, in any partition; true and
// "true", in any case under Bool and Null; 10 and "10"; an operator without
// keys or a Condition without operators and none; an empty Sid or Id and none.
//
// These differences remain: another Sid or Id; resources, tag values and names of policy
// variables in another case; 10 and 10.0, and addresses or dates in another
// spelling; a pattern that another one covers; one statement and two that it
// could be split into. So equal documents always mean the same, but documents
// with the same meaning are not always equal.
//
// The canonical form has no positions, and it is its own canonical form. For a
// document that is not [Document.Known], Canonical returns the document itself.
func (d *Document) Canonical() *Document {
	if !d.Known() {
		return d
	}
	out := &Document{Version: Text{Value: cmp.Or(d.Version.Value, Version2008)}, ID: Text{Value: d.ID.Value}}
	byText := make(map[string]Statement, len(d.Statements))
	texts := make([]string, 0, len(d.Statements))
	for i := range d.Statements {
		s := d.Statements[i].canonical()
		text := string(s.appendJSON(nil))
		if _, ok := byText[text]; !ok {
			byText[text] = s
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)
	for i, text := range texts {
		s := byText[text]
		s.Index = i
		out.Statements = append(out.Statements, s)
	}
	return out
}

// Equal reports whether two documents have the same canonical form. A document
// that is not [Document.Known] equals no other, since it may still become different.
func Equal(a, b *Document) bool {
	textA, errA := a.Canonical().MarshalJSON()
	textB, errB := b.Canonical().MarshalJSON()
	return errA == nil && errB == nil && bytes.Equal(textA, textB)
}

// canonical returns the canonical form of a known statement, with index 0.
func (s *Statement) canonical() Statement {
	out := Statement{
		Sid: Text{Value: s.Sid.Value}, HasSid: s.Sid.Value != "",
		Effect:    Text{Value: s.Effect.Value},
		Principal: s.Principal.canonical(), NotPrincipal: s.NotPrincipal.canonical(),
		Action: s.Action.canonical(ascii.Fold), NotAction: s.NotAction.canonical(ascii.Fold),
		Resource: s.Resource.canonical(nil), NotResource: s.NotResource.canonical(nil),
		Conditions: canonicalConditions(s.Conditions),
	}
	out.HasCondition = len(out.Conditions) > 0
	return out
}

// canonical returns the sorted list without duplicates. spell, if not nil,
// returns the canonical spelling of a value.
func (l *List) canonical(spell func(string) string) *List {
	if l == nil {
		return nil
	}
	texts := make([]string, 0, len(l.Values))
	for _, v := range l.Values {
		if spell == nil {
			texts = append(texts, v.Value)
		} else {
			texts = append(texts, spell(v.Value))
		}
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	out := &List{Values: make([]Text, len(texts)), Single: len(texts) == 1}
	for i, text := range texts {
		out.Values[i].Value = text
	}
	return out
}

func (p *Principals) canonical() *Principals {
	if p == nil {
		return nil
	}
	if p.Everyone {
		return &Principals{Entries: []PrincipalEntry{{Type: "AWS", Values: List{Values: []Text{{Value: "*"}}, Single: true}}}}
	}
	out := &Principals{}
	for _, entry := range p.Entries {
		var spell func(string) string
		switch entry.Type {
		case "AWS":
			spell = func(s string) string {
				if name, err := ParsePrincipal("AWS", s); err == nil && name.Form == AccountPrincipal {
					return name.Account
				}
				return s
			}
		case "Service":
			spell = ascii.Fold
		}
		out.Entries = append(out.Entries, PrincipalEntry{Type: entry.Type, Values: *entry.Values.canonical(spell)})
	}
	slices.SortStableFunc(out.Entries, func(a, b PrincipalEntry) int { return cmp.Compare(a.Type, b.Type) })
	return out
}

// canonicalConditions groups the keys by the canonical names of their operators.
// A key that occurs under both ArnEquals and ArnLike has two conditions, but an operator can contain a
// key only once. The condition whose values sort first remains under ArnLike, the other under ArnEquals.
func canonicalConditions(operators []Operator) []Operator {
	type condition struct {
		name   OperatorName
		key    string
		values List
		text   string // the values as JSON, to sort and compare them
		second bool   // an earlier condition has the same operator and key
	}
	var all []condition
	for _, op := range operators {
		var spell func(string) string
		if f := op.Parsed.Comparison.Family(); f == BoolFamily || f == NullFamily {
			spell = foldBool
		}
		for i := range op.Keys {
			values := op.Keys[i].Values.canonical(spell)
			w := object{}
			w.list("", values)
			all = append(all, condition{op.Parsed, ascii.Fold(op.Keys[i].Key), *values, string(w.out), false})
		}
	}
	order := func(a, b condition) int {
		return cmp.Or(cmp.Compare(a.name.String(), b.name.String()), cmp.Compare(a.key, b.key), cmp.Compare(a.text, b.text))
	}
	slices.SortFunc(all, order)
	all = slices.CompactFunc(all, func(a, b condition) bool { return order(a, b) == 0 })
	for i := 1; i < len(all); i++ {
		all[i].second = all[i].name == all[i-1].name && all[i].key == all[i-1].key
	}
	var out []Operator
	for _, second := range [...]bool{false, true} {
		for _, cond := range all {
			if cond.second != second {
				continue
			}
			name := cond.name.String()
			if second {
				name = cond.name.arnEquals()
			}
			if n := len(out); n == 0 || out[n-1].Name != name {
				out = append(out, Operator{Name: name, Parsed: cond.name})
			}
			last := &out[len(out)-1]
			last.Keys = append(last.Keys, ConditionKey{Key: cond.key, Values: cond.values})
		}
	}
	return out
}

// foldBool returns the canonical spelling of a value under Bool or Null.
func foldBool(s string) string {
	if fold := ascii.Fold(s); fold == "true" || fold == "false" {
		return fold
	}
	return s
}

// Known reports whether every part of the document is known.
func (d *Document) Known() bool {
	if d.Unknown || d.Version.Unknown || d.ID.Unknown {
		return false
	}
	for i := range d.Statements {
		if !d.Statements[i].known() {
			return false
		}
	}
	return true
}

func (s *Statement) known() bool {
	if s.Unknown || s.Sid.Unknown || s.Effect.Unknown || s.ConditionsUnknown ||
		!s.Principal.known() || !s.NotPrincipal.known() ||
		!s.Action.known() || !s.NotAction.known() || !s.Resource.known() || !s.NotResource.known() {
		return false
	}
	for _, op := range s.Conditions {
		if op.Unknown {
			return false
		}
		for i := range op.Keys {
			if !op.Keys[i].Values.known() {
				return false
			}
		}
	}
	return true
}

func (p *Principals) known() bool {
	if p == nil {
		return true
	}
	if p.Unknown {
		return false
	}
	for i := range p.Entries {
		if !p.Entries[i].Values.known() {
			return false
		}
	}
	return true
}

func (l *List) known() bool {
	if l == nil {
		return true
	}
	for _, v := range l.Values {
		if v.Unknown {
			return false
		}
	}
	return !l.Unknown
}
