package pattern

import (
	"slices"
	"strings"
	"testing"
)

// FuzzParse checks that the tokens of a pattern together are its text.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "a*b?c", "${aws:username}", "x${a, 'b'}y", "${*}${?}${$}", "$$${", "${a,b}", "${a ,'b'}", "$", "${${a}}",
	} {
		f.Add(text, true)
		f.Add(text, false)
	}
	f.Fuzz(func(t *testing.T, text string, variables bool) {
		p, err := Parse(text, variables)
		if err != nil {
			if !variables || !strings.Contains(text, "${") {
				t.Fatalf("%q is refused: %v", text, err)
			}
			return
		}
		var back strings.Builder
		last := Variable
		for token := range p.Tokens() {
			switch token.Kind {
			case Text:
				if token.Text == "" || last == Text {
					t.Fatalf("%q: literals in %+v", text, p)
				}
				back.WriteString(token.Text)
			case Star:
				if last == Star {
					t.Fatalf("%q: stars in %+v", text, p)
				}
				back.WriteByte('*')
			case One:
				back.WriteByte('?')
			default:
				back.WriteString("${" + token.Text)
				if token.Default != nil {
					back.WriteString(", '" + *token.Default + "'")
				}
				back.WriteByte('}')
			}
			last = token.Kind
		}
		if strings.Contains(text, "', '") || strings.Contains(text, "'${") {
			return // a default may contain such texts
		}
		plain, got := text, back.String()
		if variables {
			plain = strings.NewReplacer("${*}", "*", "${?}", "?", "${$}", "$").Replace(text)
		}
		for strings.Contains(plain, "**") { // Parse merges stars, and got does not distinguish literal stars from wildcards
			plain = strings.ReplaceAll(plain, "**", "*")
		}
		for strings.Contains(got, "**") {
			got = strings.ReplaceAll(got, "**", "*")
		}
		if got != plain {
			t.Fatalf("%q becomes %q", text, got)
		}
	})
}

func TestParse_Faults(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Fault
	}{
		{"a${b", MissingBrace}, {"${a${b}}", MissingBrace}, {"${a, 'b'c}", MissingBrace},
		{"${}", EmptyVariable}, {"${ }", EmptyVariable},
		{"${a b}", MisplacedSpace}, {"${a,  'b'}", MisplacedSpace}, {"${a, 'b' }", MisplacedSpace},
		{"${a, b}", MissingQuote}, {"${a, 'b}", MissingQuote},
	} {
		_, err := Parse(tt.text, true)
		if e, ok := err.(*SyntaxError); !ok || e.Fault != tt.want { //nolint:errorlint // Parse returns it unwrapped
			t.Errorf("%q: got %v, want fault %d", tt.text, err, tt.want)
		}
		if _, err := Parse(tt.text, false); err != nil {
			t.Errorf("%q is refused without variables: %v", tt.text, err)
		}
	}
}

func TestPattern_Parts(t *testing.T) {
	p, err := Parse("a${*}b*c?${K, 'd'}${L}e", true)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for v := range p.Variables() {
		keys = append(keys, v.Text)
	}
	folded, text := p.FoldKeys(), p.AsText()
	for name, tt := range map[string]struct{ got, want any }{
		"prefix":            {p.Prefix(), "a*b"},
		"suffix":            {p.Suffix(), "e"},
		"String":            {p.String(), "a${*}b*c?${K, 'd'}${L}e"},
		"keys":              {strings.Join(keys, " "), "K L"},
		"folded keys":       {folded.String(), "a${*}b*c?${k, 'd'}${l}e"},
		"as text":           {text.String(), "a${*}b${*}c${?}${K, 'd'}${L}e"},
		"has wildcards":     {p.HasWildcards(), true},
		"wildcards as text": {text.HasWildcards(), false},
		"has variables":     {p.HasVariables(), true},
		"is everything":     {p.IsEverything(), false},
		"everything":        {Glob("**").tokens[0].Kind, Star},
		"rest":              {len(p.Rest().tokens), len(p.tokens) - 1},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %v, want %v", name, tt.got, tt.want)
		}
	}
}

func TestLiteralText(t *testing.T) {
	for text, literal := range map[string]bool{"": true, "abc": true, "a*": false, "${a}": false, "a${*}": true} {
		p, err := Parse(text, true)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := p.LiteralText(); ok != literal {
			t.Errorf("%q is literal: %v", text, ok)
		}
	}
	p, _ := Parse("a${b}c", true)
	filled, _ := p.Fill(single("*"), nil)
	if text, ok := filled.LiteralText(); text != "a*c" || !ok {
		t.Errorf("filled: %q, %v", text, ok)
	}
}

// valueTable maps variables to values and to presences.
type valueTable struct {
	texts    map[string]string
	presence map[string]Presence
}

func (v valueTable) Value(key string) (string, Presence) {
	if text, ok := v.texts[key]; ok {
		return text, Given
	}
	return "", v.presence[key]
}

func TestFill(t *testing.T) {
	values := valueTable{map[string]string{"given": "v*", "empty": ""},
		map[string]Presence{"many": Unusable, "later": Unknown}}
	for _, tt := range []struct {
		name, text, matches, misses string
		want                        Filled
	}{
		{"no variable", "a*", "ab", "b", Complete},
		{"value", "a${given}b", "av*b", "avxb", Complete},
		{"empty value", "a${empty}b", "ab", "axb", Complete},
		{"default", "a${none, '?'}b", "a?b", "axb", Complete},
		{"default beside a value", "${given, 'd'}", "v*", "d", Complete},
		{"no value", "a${none}b", "", "ab", NoValue},
		{"several values", "a${many}b", "", "ab", NoValue},
		{"several values and a default", "a${many, 'd'}b", "", "adb", NoValue},
		{"unknown value", "a${later}b", "a:b", "a", Partial},
		{"unknown value and no value", "${later}${none}", "", "a", NoValue},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(tt.text, true)
			if err != nil {
				t.Fatal(err)
			}
			var buffer [8]Token
			filled, got := p.Fill(values, buffer[:])
			if got != tt.want {
				t.Fatalf("result %v, want %v", got, tt.want)
			}
			if got != NoValue && (!filled.Match(tt.matches) || filled.Match(tt.misses)) {
				t.Errorf("filled pattern %q: matches %q: %v; matches %q: %v",
					filled.String(), tt.matches, filled.Match(tt.matches), tt.misses, filled.Match(tt.misses))
			}
		})
	}
}

func TestCaptures_AgreeWithBruteForce(t *testing.T) {
	values := words("a:", 4)
	for _, p := range patterns("a:*?$", 3) {
		if strings.Count(describe(p), "$") != 1 {
			continue
		}
		for _, text := range words("a:", 4) {
			got, complete := p.Captures("k", text, 100, steps())
			if !complete {
				t.Fatalf("%s and %q: not complete", describe(p), text)
			}
			for _, value := range values {
				filled, _ := p.Fill(single(value), nil)
				if want := slowMatch(filled.tokens, []rune(text)); want != slices.Contains(got, value) {
					t.Fatalf("%s matches %q with the value %q: %v, but the captures are %q", describe(p), text, value, want, got)
				}
			}
		}
	}
}

func TestCaptures_Incomplete(t *testing.T) {
	two, _ := Parse("${k}${l}", true)
	one, _ := Parse("*${k}*", true)
	few := 3
	if _, complete := two.Captures("k", "ab", 100, steps()); complete {
		t.Error("the captures of a pattern with two variables are complete")
	}
	if _, complete := one.Captures("k", "aaaaaaaa", 100, &few); complete {
		t.Error("complete without enough steps")
	}
	if values, complete := one.Captures("k", "aaaaaaaa", 4, steps()); complete || len(values) != 4 {
		t.Errorf("%d values, complete: %v", len(values), complete)
	}
}

func TestARN_Readings(t *testing.T) {
	for _, tt := range []struct {
		name, pattern, text string
		resource, fieldwise bool
	}{
		{"star inside a field and a colon", "arn:aws:sns:us-*-1:1:t", "arn:aws:sns:us-x:y-1:1:t", false, false},
		{"star inside a field", "arn:aws:sns:us-*-1:1:t", "arn:aws:sns:us-east-1:1:t", true, true},
		{"star at the end of a field and a colon", "arn:aws:sns:*:1:t", "arn:aws:sns:us-east-1:x:1:t", true, false},
		{"question mark and a colon", "arn:aws:sns:?:1:t", "arn:aws:sns:::1:t", false, false},
		{"colons in the sixth field", "arn:aws:s3:::b/*/d", "arn:aws:s3:::b/c:c/c/d", true, true},
		{"short pattern", "arn:aws:s3", "arn:aws:s3:::b", true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			arn := CutARN(Glob(tt.pattern))
			resource, fieldwise := arn.Resource(), arn.Fieldwise()
			if got := resource.Match(tt.text); got != tt.resource {
				t.Errorf("as a resource: %v, want %v", got, tt.resource)
			}
			if got := fieldwise.Match(tt.text); got != tt.fieldwise {
				t.Errorf("field by field: %v, want %v", got, tt.fieldwise)
			}
		})
	}
}

func TestCutARN(t *testing.T) {
	p, _ := Parse("arn:aws:s3::${aws:PrincipalAccount}:a:*", true)
	arn := CutARN(p)
	var fields []string
	for i := range arn.Fields {
		fields = append(fields, arn.Fields[i].String())
	}
	if got, want := strings.Join(fields, "|"), "arn|aws|s3||${aws:PrincipalAccount}|a:*"; got != want || arn.Written != 6 {
		t.Errorf("%d fields: %s, want %s", arn.Written, got, want)
	}
	if short := CutARN(Glob("arn:a*")); short.Written != 2 || !short.HasPrefix() || !short.Fields[5].IsEverything() {
		t.Errorf("short: %+v", short)
	}
	if wrong := CutARN(Glob("a*:b")); wrong.HasPrefix() {
		t.Error("a pattern for the first field counts as the prefix")
	}
}

// TestARN_CoversAndIntersects compares Covers and Intersect of ARNs with those of their Fieldwise
// patterns.
func TestARN_CoversAndIntersects(t *testing.T) {
	var all []ARN
	for _, text := range []string{
		"arn:a:b:c:d:e", "arn:*:b:c:d:e", "arn:a:b:c:d:*", "arn:a:b:c:?:e*", "arn:a:b*:c:d:*e", "arn:a:b:*:*:*",
		"arn:a:b:::x", "arn:a",
	} {
		all = append(all, CutARN(Glob(text)))
	}
	all = append(all, ARN{Everything: true})
	for i := range all {
		for j := range all {
			a, b := &all[i], &all[j]
			p, q := a.Fieldwise(), b.Fieldwise()
			if got, want := a.Covers(b, steps()), p.Covers(q, steps()); got != want {
				t.Errorf("%s covers %s: %v, want %v", describe(p), describe(q), got, want)
			}
			text, ok := a.Intersect(b)
			if _, want := Intersect(p, q); ok != want {
				t.Errorf("%s intersects %s: %v, want %v", describe(p), describe(q), ok, want)
			}
			if ok && (!p.Match(text) || !q.Match(text)) {
				t.Errorf("%q is not in both %s and %s", text, describe(p), describe(q))
			}
		}
	}
}

func TestARNFields(t *testing.T) {
	fields, ok := ARNFields("arn:aws:s3:::b:c")
	if !ok || fields[ServiceField] != "s3" || fields[ResourceField] != "b:c" {
		t.Errorf("%q, %v", fields, ok)
	}
	for _, text := range []string{"", "arn:aws:s3::", "b:aws:s3:::x"} {
		if _, ok := ARNFields(text); ok {
			t.Errorf("%q is an ARN", text)
		}
	}
}

func TestCompact_KeepsPatterns(t *testing.T) {
	var all []Pattern
	var want []string
	for _, text := range []string{"", "a*b", "a*${k, 'd'}b", "arn:aws:s3:::b/*", "a"} {
		p, err := Parse(text, true)
		if err != nil {
			t.Fatal(err)
		}
		all, want = append(all, p), append(want, text)
	}
	extra := []string{"b", "other"}
	each := func(yield func(*Pattern) bool) {
		for i := range all {
			if !yield(&all[i]) {
				return
			}
		}
	}
	Compact(each, func(yield func(*string) bool) {
		for i := range extra {
			if !yield(&extra[i]) {
				return
			}
		}
	})
	for i := range all {
		if got := all[i].String(); got != want[i] {
			t.Errorf("Compact changes %q to %q", want[i], got)
		}
	}
	if extra[0] != "b" || extra[1] != "other" {
		t.Errorf("Compact changes the texts to %q", extra)
	}
}

func TestPattern_IsDisjoint(t *testing.T) {
	for _, test := range []struct {
		p, q string
		want bool
	}{
		{"a*", "b*", true}, {"*a", "*b", true}, {"a*", "ab*", false}, {"*a", "*ba", false}, {"*", "a", false},
		{"a*b", "a*c", true}, {"a?", "ab", false},
	} {
		p, q := Glob(test.p), Glob(test.q)
		if got := p.IsDisjoint(&q); got != test.want || got != q.IsDisjoint(&p) {
			t.Errorf("%s and %s: %v, want %v", test.p, test.q, got, test.want)
		}
	}
}
