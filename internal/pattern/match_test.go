package pattern

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"
)

// regularExpression returns the regular expression for a pattern. With inField set, its wildcards do
// not match colons.
func regularExpression(text string, inField bool) *regexp.Regexp {
	anyChar := "."
	if inField {
		anyChar = "[^:]"
	}
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for _, r := range text {
		switch r {
		case '*':
			b.WriteString(anyChar + "*")
		case '?':
			b.WriteString(anyChar)
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	b.WriteString(`\z`)
	return regexp.MustCompile(b.String())
}

// inField returns the pattern with its wildcards confined to a field.
func inField(p Pattern) Pattern {
	var out Pattern
	for _, t := range p.tokens {
		switch t.Kind {
		case Star:
			t.Kind = FieldStar
		case One:
			t.Kind = FieldOne
		}
		out.add(t)
	}
	return out
}

func TestMatch_AgreesWithSlowMatcher(t *testing.T) {
	texts := words("a:é", 4)
	for _, p := range patterns("a:*?~!", 4) {
		for _, text := range texts {
			want := slowMatch(p.tokens, []rune(text))
			if got := p.Match(text); got != want {
				t.Fatalf("%s matches %q: %v, want %v", describe(p), text, got, want)
			}
			if got := matchFields(p.tokens, text); got != want {
				t.Fatalf("matchFields: %s matches %q: %v, want %v", describe(p), text, got, want)
			}
			if got := matchBits(p.tokens, text); got != want {
				t.Fatalf("matchBits: %s matches %q: %v, want %v", describe(p), text, got, want)
			}
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"*", "a:b"}, {"a*b*c", "aXbYbZc"}, {"?", "é"}, {"*?b", "éb"}, {"a?c", "a\nc"}, {"**a", "ba"},
		{"a.c", "abc"},
		{"*ab*ab*", "aab"}, {"?*?", "a"}, {"a*:b", "a:c:b"}, {"*A*B", "A:AB"}, {"a+", "aa"}, {"[a]", "a"}, {`\*`, `\x`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, s string) {
		if len(text) > 100 || len(s) > 200 || !utf8.ValidString(text) || !utf8.ValidString(s) ||
			strings.Contains(text, "\ufffd") {
			t.Skip()
		}
		p := Glob(text)
		for _, tt := range []struct {
			p    Pattern
			want bool
		}{
			{p, regularExpression(text, false).MatchString(s)},
			{inField(p), regularExpression(text, true).MatchString(s)},
		} {
			for name, got := range map[string]bool{
				"Match":       tt.p.Match(s),
				"matchFields": matchFields(tt.p.tokens, s),
				"matchBits":   matchBits(tt.p.tokens, s),
				"automaton":   automatonMatches(tt.p, s),
			} {
				if got != tt.want {
					t.Errorf("%s: %s matches %q: %v, want %v", name, describe(tt.p), s, got, tt.want)
				}
			}
		}
	})
}

// automatonMatches matches a text with the automaton.
func automatonMatches(p Pattern, s string) bool {
	var a automaton
	a.add(Term{Pattern: p})
	state := a.start()
	for _, r := range s {
		state = a.next(state, r)
	}
	return len(a.matched(state)) > 0
}

// TestMatchBits_LongTexts matches texts of more than 64 characters, so that the positions cross the
// boundaries of the words of a bitSet.
func TestMatchBits_LongTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 4))
	random := func(letters string, n int) string {
		var b strings.Builder
		all := []rune(letters)
		for range n {
			b.WriteRune(all[r.IntN(len(all))])
		}
		return b.String()
	}
	matched := 0
	for range 3000 {
		s := random("aaaaaab", 56+r.IntN(16)) + random("ab:é", 4) + random("aab", r.IntN(80))
		text := []rune(s)
		for range 1 + r.IntN(4) {
			at := r.IntN(len(text))
			text = append(text[:at:at], append([]rune(random("**?ab:", 1)), text[min(len(text), at+r.IntN(30)):]...)...)
			if len(text) == 0 {
				text = []rune("*")
			}
		}
		p := Glob(string(text))
		want := matchStars(p.tokens, s)
		if want {
			matched++
		}
		if got := matchBits(p.tokens, s); got != want {
			t.Fatalf("%q matches %q: %v, want %v", string(text), s, got, want)
		}
		if got, want := matchBits(inField(p).tokens, s), regularExpression(string(text), true).MatchString(s); got != want {
			t.Fatalf("%q matches %q within fields: %v, want %v", string(text), s, got, want)
		}
	}
	if matched < 300 {
		t.Errorf("only %d of 3000 texts match", matched)
	}
}

func TestMatch_IsNotExponential(t *testing.T) {
	p := Glob(strings.Repeat("a*", 100) + "b")
	s := strings.Repeat("a", 2000)
	if matchStars(p.tokens, s) || matchFields(p.tokens, s) {
		t.Error("the pattern matches")
	}
}

func TestMatch_VariableMatchesNothing(t *testing.T) {
	p := patternOf("*$*")
	for _, text := range []string{"", "a", "k", "${k}"} {
		if p.Match(text) {
			t.Errorf("matches %q", text)
		}
	}
}

func TestMatch_AllocatesNothing(t *testing.T) {
	arn := CutARN(Glob("arn:aws:s3:eu-*-1:1234567890??:logs/*/2026-??/*.json"))
	p := arn.Resource()
	const text = "arn:aws:s3:eu-central-1:123456789012:logs/team/2026-03/a.json"
	if !p.Match(text) {
		t.Fatal("does not match")
	}
	if n := testing.AllocsPerRun(100, func() { p.Match(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestMatch_Rest checks that a matching text consists of the prefix and a match of the rest.
func TestMatch_Rest(t *testing.T) {
	check := func(pick uint, text string) bool {
		all := []string{"", "a", "ab*", "a?b", "*a", "ab*b"}
		p := Glob(all[pick%uint(len(all))])
		after, has := strings.CutPrefix(text, p.Prefix())
		rest := p.Rest()
		return p.Match(text) == (has && rest.Match(after))
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
	for _, text := range words("ab", 5) {
		for pick := range uint(6) {
			if !check(pick, text) {
				t.Errorf("pattern %d and %q", pick, text)
			}
		}
	}
}

func TestCouldMatch(t *testing.T) {
	for _, tc := range []struct {
		pattern, text string
		want          bool
	}{
		{"home/${aws:username}/*", "home/ann/1", true},
		{"home/${aws:username}/*", "team/ann/1", false},
		{"${a:b}", "", true},
		{"a${a:b, 'x'}c", "abc", true},
		{"a*", "b", false},
	} {
		p, err := Parse(tc.pattern, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.CouldMatch(tc.text); got != tc.want {
			t.Errorf("%q, %q: got %v, want %v", tc.pattern, tc.text, got, tc.want)
		}
	}
}
