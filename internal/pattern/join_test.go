package pattern

import "testing"

func TestJoin_MatchesInTurn(t *testing.T) {
	p := Join(Glob("a*"), Literal(":"), Glob("?c"))
	for text, want := range map[string]bool{"a:bc": true, "axx:cc": true, "a:c": false, "abc": false, "a::c:xc": true} {
		if got := p.Match(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

func TestWithoutColons_MatchesNoColon(t *testing.T) {
	p := Glob("a*:?c")
	q := p.WithoutColons()
	for _, tc := range []struct {
		text          string
		with, without bool
	}{
		{"a:bc", true, true}, {"axx:cc", true, true}, {"ax:y:cc", true, false}, {"a::c", true, false}, {"abc", false, false},
	} {
		if got := p.Match(tc.text); got != tc.with {
			t.Errorf("%q matches the glob: %v", tc.text, got)
		}
		if got := q.Match(tc.text); got != tc.without {
			t.Errorf("%q matches without colons: %v", tc.text, got)
		}
	}
}

// someValues gives the variable a a value, b none, and the others an unknown one.
type someValues struct{}

func (someValues) Value(key string) (string, Presence) {
	switch key {
	case "a":
		return "*", Given
	case "b":
		return "", Absent
	case "c":
		return "", Unusable
	}
	return "", Unknown
}

func TestFillGiven_KeepsUnknownVariables(t *testing.T) {
	for _, tc := range []struct {
		text, want string
		result     Filled
	}{
		{"x*", "x*", Complete},
		{"x${a}y*", "x*y*", Complete},
		{"x${a}y${d}", "x${*}y${d}", Partial},
		{"x${b, 'z'}", "xz", Complete},
		{"x${b}", "", NoValue},
		{"x${c, 'z'}", "", NoValue},
		{"${d, 'e'}", "${d, 'e'}", Partial},
	} {
		p, err := Parse(tc.text, true)
		if err != nil {
			t.Fatal(err)
		}
		got, result := p.FillGiven(someValues{})
		if got.String() != tc.want || result != tc.result {
			t.Errorf("%s: got %q, %v, want %q, %v", tc.text, got.String(), result, tc.want, tc.result)
		}
	}
	p, _ := Parse("x${a}y", true)
	if filled, _ := p.FillGiven(someValues{}); filled.Match("xay") || !filled.Match("x*y") {
		t.Error("a value is a wildcard")
	}
}
