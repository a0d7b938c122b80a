package policy

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// MarshalJSON writes the document as JSON without white space, its elements in
// the order in which AWS documents them. It does not escape `<`, `>` and `&`, but
// json.Marshal escapes them afterwards, so call this method directly or use an
// encoder with SetEscapeHTML(false). Numbers and booleans become strings, since the
// language treats them as text.
//
// It returns an error for a document that is not [Document.Known].
func (d *Document) MarshalJSON() ([]byte, error) {
	if !d.Known() {
		return nil, errors.New("the policy has parts that are not known yet, so it cannot be written as JSON")
	}
	w := object{}
	if d.Version.Present() {
		w.name("Version").text(d.Version.Value)
	}
	if d.ID.Present() {
		w.name("Id").text(d.ID.Value)
	}
	w.name("Statement")
	if d.SingleStatement && len(d.Statements) == 1 {
		w.out = d.Statements[0].appendJSON(w.out)
		return w.end(), nil
	}
	w.out = append(w.out, '[')
	for i := range d.Statements {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = d.Statements[i].appendJSON(w.out)
	}
	w.out = append(w.out, ']')
	return w.end(), nil
}

func (s *Statement) appendJSON(out []byte) []byte {
	w := object{out: out}
	if s.HasSid {
		w.name("Sid").text(s.Sid.Value)
	}
	w.name("Effect").text(s.Effect.Value)
	w.principals("Principal", s.Principal)
	w.principals("NotPrincipal", s.NotPrincipal)
	w.list("Action", s.Action)
	w.list("NotAction", s.NotAction)
	w.list("Resource", s.Resource)
	w.list("NotResource", s.NotResource)
	if s.HasCondition {
		w.name("Condition")
		operators := object{out: w.out}
		for _, op := range s.Conditions {
			operators.name(op.Name)
			keys := object{out: operators.out}
			for i := range op.Keys {
				keys.list(op.Keys[i].Key, &op.Keys[i].Values)
			}
			operators.out = keys.end()
		}
		w.out = operators.end()
	}
	return w.end()
}

// object writes the members of a JSON object.
type object struct {
	out  []byte
	open bool
}

func (w *object) name(name string) *object {
	if w.open {
		w.out = append(w.out, ',')
	} else {
		w.out = append(w.out, '{')
		w.open = true
	}
	w.text(name)
	w.out = append(w.out, ':')
	return w
}

func (w *object) end() []byte {
	if !w.open {
		w.out = append(w.out, '{')
	}
	return append(w.out, '}')
}

func (w *object) text(s string) { w.out = appendString(w.out, s) }

func (w *object) list(name string, l *List) {
	if l == nil {
		return
	}
	w.name(name)
	if l.Single && len(l.Values) == 1 {
		w.text(l.Values[0].Value)
		return
	}
	w.out = append(w.out, '[')
	for i, v := range l.Values {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.text(v.Value)
	}
	w.out = append(w.out, ']')
}

func (w *object) principals(name string, p *Principals) {
	if p == nil {
		return
	}
	w.name(name)
	if p.Everyone {
		w.text("*")
		return
	}
	entries := object{out: w.out}
	for i := range p.Entries {
		entries.list(p.Entries[i].Type, &p.Entries[i].Values)
	}
	w.out = entries.end()
}

// appendString appends a JSON string, with only the escapes that JSON requires.
func appendString(out []byte, s string) []byte {
	const hex = "0123456789abcdef"
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	out = append(out, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\r':
			out = append(out, '\\', 'r')
		case c == '\t':
			out = append(out, '\\', 't')
		case c < 0x20:
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
