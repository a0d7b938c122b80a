package pattern

import "strings"

// The fields of an ARN, arn:partition:service:region:account:resource.
const (
	PrefixField = iota // always "arn"
	PartitionField
	ServiceField
	RegionField
	AccountField
	ResourceField
	arnFields
)

// ARN is a pattern for ARNs, cut into fields.
type ARN struct {
	// Fields are the patterns of the fields. They are unused if Everything is set.
	Fields [arnFields]Pattern
	// Written is the number of fields in the text. The other fields are stars.
	Written int
	// Everything is set for the pattern "*", which also matches texts that are not ARNs.
	Everything bool
}

// CutARN cuts a pattern into fields at the first five colons that are literal characters.
func CutARN(p Pattern) ARN {
	out := ARN{Everything: p.IsEverything()}
	field := 0
	for _, t := range p.tokens {
		for t.Kind == Text && field < ResourceField {
			head, tail, found := strings.Cut(t.Text, ":")
			if !found {
				break
			}
			out.Fields[field].add(Token{Text: head})
			field++
			t.Text = tail
		}
		out.Fields[field].add(t)
	}
	out.Written = field + 1
	for i := out.Written; i < arnFields; i++ {
		out.Fields[i] = Everything()
	}
	return out
}

// IsShort reports whether the text has fewer than six fields.
func (a *ARN) IsShort() bool { return !a.Everything && a.Written < arnFields }

// HasPrefix reports whether the first field is "arn".
func (a *ARN) HasPrefix() bool {
	text, literal := a.Fields[PrefixField].LiteralText()
	return literal && text == "arn"
}

// Resource returns the pattern of an ARN in a Resource element of a policy. In the first
// five fields a star that ends its field may reach beyond the colon, and any other wildcard stays
// within its field. The sixth field matches freely.
func (a *ARN) Resource() Pattern {
	return a.join(func(field Pattern, i int) bool { return i < len(field.tokens)-1 })
}

// Fieldwise returns the pattern in which no wildcard of the first five fields reaches beyond its
// field.
func (a *ARN) Fieldwise() Pattern {
	return a.join(func(Pattern, int) bool { return true })
}

// join makes one pattern of the fields. confined says whether the star at a position of one of the
// first five fields stays within the field.
func (a *ARN) join(confined func(field Pattern, i int) bool) Pattern {
	if a.Everything {
		return Everything()
	}
	var out Pattern
	for i, field := range a.Fields {
		if i > 0 {
			out.add(Token{Text: ":"})
		}
		for j, t := range field.tokens {
			switch {
			case i == ResourceField:
			case t.Kind == Star && confined(field, j):
				t.Kind = FieldStar
			case t.Kind == One:
				t.Kind = FieldOne
			}
			out.add(t)
		}
	}
	return out
}

// Covers reports whether the pattern matches, field by field, whatever other matches. It never
// claims too much: see [Pattern.Covers].
func (a *ARN) Covers(other *ARN, steps *int) bool {
	if a.Everything || other.Everything {
		return a.Everything
	}
	for i := range a.Fields {
		if !a.Fields[i].Covers(other.Fields[i], steps) {
			return false
		}
	}
	return true
}

// Intersect returns an ARN that both patterns match field by field, in the manner of [Intersect];
// ok is false if there is none. No wildcard reaches beyond a field, because a real ARN has no other
// colons before its sixth field than the five that separate its fields.
func (a *ARN) Intersect(other *ARN) (text string, ok bool) {
	if a.Everything || other.Everything {
		return Intersect(a.Fieldwise(), other.Fieldwise())
	}
	var fields [arnFields]string
	for i := range fields {
		if fields[i], ok = Intersect(a.Fields[i], other.Fields[i]); !ok {
			return "", false
		}
	}
	return strings.Join(fields[:], ":"), true
}

// ARNFields cuts a text at its first five colons; ok is false for a text that is not an ARN.
func ARNFields(text string) (fields [arnFields]string, ok bool) {
	for i := range ResourceField {
		end := strings.IndexByte(text, ':')
		if end < 0 {
			return fields, false
		}
		fields[i], text = text[:end], text[end+1:]
	}
	fields[ResourceField] = text
	return fields, fields[PrefixField] == "arn"
}
