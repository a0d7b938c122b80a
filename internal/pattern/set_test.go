package pattern

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func terms(ps ...Pattern) (out []Term) {
	for _, p := range ps {
		out = append(out, Term{Pattern: p})
	}
	return out
}

// TestCovers_IsExactWithoutVariables compares every pair of patterns over all texts of their
// characters and one other character.
func TestCovers_IsExactWithoutVariables(t *testing.T) {
	texts := words("a:x", 5)
	all := patterns("a:*?~!", 3)
	matched := make([][]bool, len(all))
	for i, p := range all {
		matched[i] = matchedBy(p, texts)
	}
	covering := 0
	for i, p := range all {
		for j, q := range all {
			want := !slices.ContainsFunc(matched[j], func(bool) bool { return false })
			for k := range texts {
				want = want && (!matched[j][k] || matched[i][k])
			}
			if got := p.Covers(q, steps()); got != want {
				t.Fatalf("%s covers %s: %v, want %v", describe(p), describe(q), got, want)
			}
			if want {
				covering++
			}
		}
	}
	if covering < 1000 {
		t.Errorf("only %d pairs cover", covering)
	}
}

func TestCovers_HoldsForEveryValueOfAVariable(t *testing.T) {
	texts, values := words("a:x", 4), words("a:x", 2)
	all := patterns("a:*?$", 3)
	covering := 0
	for _, p := range all {
		for _, q := range all {
			if !p.HasVariables() && !q.HasVariables() || !p.Covers(q, steps()) {
				continue
			}
			covering++
			for _, value := range values {
				a, _ := p.Fill(single(value), nil)
				b, _ := q.Fill(single(value), nil)
				for i, matches := range matchedBy(b, texts) {
					if matches && !slowMatch(a.tokens, []rune(texts[i])) {
						t.Fatalf("%s covers %s, but with the value %q only the second matches %q",
							describe(p), describe(q), value, texts[i])
					}
				}
			}
		}
	}
	if covering < 300 {
		t.Errorf("only %d pairs cover", covering)
	}
}

// single gives every variable the same value.
type single string

func (s single) Value(string) (string, Presence) { return string(s), Given }

func TestCovers_Examples(t *testing.T) {
	for _, tt := range []struct {
		name, pattern, other string
		want                 bool
	}{
		{"equal texts", "s3:GetObject", "s3:GetObject", true},
		{"prefix", "s3:Get*", "s3:GetObject*", true},
		{"two wildcards in either order", "?*", "*?", true},
		{"at least two characters", "??*", "?*?", true},
		{"at least one of many", "*?*", "*", false},
		{"variable under a star", "home/*", "home/${u}/x", true},
		{"variable under a single character", "home/?", "home/${u}", false},
		{"same variable", "home/${u}/*", "home/${u}/docs", true},
		{"other variable", "home/${u}/*", "home/${v}/docs", false},
		{"same variable with another default", "home/${u}/*", "home/${u, 'x'}/docs", false},
		{"literal wildcard", "a${*}b", "a*b", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(tt.pattern, true)
			if err != nil {
				t.Fatal(err)
			}
			other, err := Parse(tt.other, true)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Covers(other, steps()); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCovers_IsFalseWithoutSteps(t *testing.T) {
	p, none := Glob("?*"), 0
	if p.Covers(Glob("*?"), &none) {
		t.Error("Covers is true without any steps")
	}
}

// TestSetWitness_AgreesWithBruteForce checks that a witness is in the set and is a shortest one,
// and that a set proven empty has no text.
func TestSetWitness_AgreesWithBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := words("a:x", 6)
	all := patterns("a:*?~!", 4)
	counts := map[Answer]int{}
	for range 20000 {
		var s Set
		for range r.IntN(3) {
			s.Required = append(s.Required, terms(all[r.IntN(len(all))])...)
		}
		for range r.IntN(3) {
			s.Excluded = append(s.Excluded, terms(all[r.IntN(len(all))])...)
		}
		text, answer := s.Witness(steps())
		counts[answer]++
		in := func(text string) bool {
			match := func(t Term) bool { return slowMatch(t.Pattern.tokens, []rune(text)) }
			return !slices.ContainsFunc(s.Required, func(t Term) bool { return !match(t) }) &&
				!slices.ContainsFunc(s.Excluded, match)
		}
		first := slices.IndexFunc(texts, in) // a shortest text, because texts are ordered by length
		switch {
		case answer == Found && !in(text):
			t.Fatalf("%v: %q is not in the set", s, text)
		case answer == Found && first >= 0 && len(texts[first]) < len(text):
			t.Fatalf("%v: %q is longer than %q", s, text, texts[first])
		case answer == Empty && first >= 0:
			t.Fatalf("%v: %q is in the set", s, texts[first])
		case answer != Found && answer != Empty:
			t.Fatalf("%v: answer %v", s, answer)
		}
	}
	if counts[Found] < 2000 || counts[Empty] < 2000 {
		t.Errorf("answers: %v", counts)
	}
}

// TestSetWitness_EmptyHoldsForEveryValue checks that a set proven empty has no text for any value
// of a variable.
func TestSetWitness_EmptyHoldsForEveryValue(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	texts, values := words("a:x", 4), words("ax:", 2)
	all := patterns("a:*?$", 4)
	counts := map[Answer]int{}
	for range 4000 {
		s := Set{Required: terms(all[r.IntN(len(all))]), Excluded: terms(all[r.IntN(len(all))])}
		if r.IntN(2) == 0 {
			s.Required = append(s.Required, terms(all[r.IntN(len(all))])...)
		}
		_, answer := s.Witness(steps())
		if s.hasVariables() {
			counts[answer]++
		}
		if answer != Empty {
			continue
		}
		for _, value := range values {
			fill := func(t Term) []Token { p, _ := t.Pattern.Fill(single(value), nil); return p.tokens }
			for _, text := range texts {
				match := func(t Term) bool { return slowMatch(fill(t), []rune(text)) }
				if !slices.ContainsFunc(s.Required, func(t Term) bool { return !match(t) }) &&
					!slices.ContainsFunc(s.Excluded, match) {
					t.Fatalf("%v: with the value %q, %q is in the set", s, value, text)
				}
			}
		}
	}
	if counts[Empty] < 300 || counts[Open] < 300 || counts[Found] > 0 {
		t.Errorf("answers: %v", counts)
	}
}

func TestSetWitness_Folding(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  Set
		want string
	}{
		{"either case", Set{Required: []Term{{Glob("AbC"), true}, {Glob("aBc"), true}}}, "ABC"},
		{"one exact", Set{Required: []Term{{Glob("ABC"), true}, {Glob("aBc"), false}}}, "aBc"},
		{"Kelvin sign", Set{Required: []Term{{Glob("k"), true}}, Excluded: []Term{{Glob("k"), false}, {Glob("K"), false}}},
			"\u212a"},
		{"character that no pattern mentions",
			Set{Required: []Term{{Glob("?"), false}}, Excluded: []Term{{Glob("X"), true}, {Glob(":"), false}}}, "y"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, answer := tt.set.Witness(steps()); got != tt.want || answer != Found {
				t.Errorf("got %q (%v), want %q", got, answer, tt.want)
			}
		})
	}
}

func TestSetWitness_Exhausted(t *testing.T) {
	few := 3
	s := Set{Required: terms(Glob("aaaaaaaa"))}
	if _, answer := s.Witness(&few); answer != Exhausted {
		t.Errorf("answer %v", answer)
	}
}

func TestIntersect_AgreesWithBruteForce(t *testing.T) {
	texts := words("a:bx", 4)
	all := patterns("a:b*?~!", 3)
	matched := make([][]bool, len(all))
	for i, p := range all {
		matched[i] = matchedBy(p, texts)
	}
	overlapping := 0
	for i, p := range all {
		for j, q := range all {
			text, ok := Intersect(p, q)
			if ok {
				overlapping++
				if !slowMatch(p.tokens, []rune(text)) || !slowMatch(q.tokens, []rune(text)) {
					t.Fatalf("%q is not in both %s and %s", text, describe(p), describe(q))
				}
				continue
			}
			for k := range texts {
				if matched[i][k] && matched[j][k] {
					t.Fatalf("%q is in both %s and %s", texts[k], describe(p), describe(q))
				}
			}
		}
	}
	if overlapping < 10000 {
		t.Errorf("only %d pairs overlap", overlapping)
	}
}

func TestIntersect_Examples(t *testing.T) {
	for _, tt := range []struct{ name, a, b, want string }{
		{"star and literal", "s3:Get*", "s3:GetObject", "s3:GetObject"},
		{"two stars", "reports/*", "*/secret", "reports/secret"},
		{"stars at both ends", "a*", "*", "aanything"},
		{"single characters", "a?", "?b", "ab"},
		{"characters beyond ASCII", "?ü", "é?", "éü"},
		{"variable", "home/${u}/*", "home/bob/?", "home/bob/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, _ := Parse(tt.a, true)
			b, _ := Parse(tt.b, true)
			if got, ok := Intersect(a, b); got != tt.want || !ok {
				t.Errorf("got %q (%v), want %q", got, ok, tt.want)
			}
		})
	}
}

func TestExample_MatchesItsPattern(t *testing.T) {
	for _, p := range patterns("a:*?~!", 4) {
		if text := p.Example(); !slowMatch(p.tokens, []rune(text)) {
			t.Errorf("%s does not match its example %q", describe(p), text)
		}
	}
}

func TestRepresentatives_StandForEveryCombination(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	texts := words("a:xA", 4)
	all := patterns("aA:*?~!", 3)
	for range 500 {
		tests := terms(all[r.IntN(len(all))], all[r.IntN(len(all))], all[r.IntN(len(all))])
		tests[0].Fold = r.IntN(3) == 0
		combination := func(text string) string {
			var b strings.Builder
			for _, test := range tests {
				tokens, s := test.Pattern.tokens, text
				if test.Fold {
					p := Glob(strings.ToLower(describe(test.Pattern)))
					if test.Pattern.has&fieldStars != 0 || strings.Contains(describe(test.Pattern), "!") {
						p = patternOf(strings.ToLower(describe(test.Pattern)))
					}
					tokens, s = p.tokens, strings.ToLower(text)
				}
				if slowMatch(tokens, []rune(s)) {
					b.WriteByte('1')
				} else {
					b.WriteByte('0')
				}
			}
			return b.String()
		}
		representatives, complete := Representatives(tests, steps())
		if !complete {
			t.Fatal("the steps ran out")
		}
		found := map[string]bool{}
		for _, text := range representatives[1:] {
			if c := combination(text); found[c] {
				t.Fatalf("%v: %q stands for a combination that another text stands for", tests, text)
			} else {
				found[c] = true
			}
		}
		for _, text := range texts[1:] {
			if c := combination(text); !found[c] {
				t.Fatalf("%v: no representative of %q (%s)", tests, text, c)
			}
		}
	}
}

func FuzzSet(f *testing.F) {
	for _, seed := range [][3]string{{"a*", "*b", "ab"}, {"?*", "*?", ""}, {"*", "a", "*"}, {"a:*", "*:b", "a:?:b"},
		{"é*", "*é", "é"}} {
		f.Add(seed[0], seed[1], seed[2], "ab")
	}
	f.Fuzz(func(t *testing.T, a, b, c, text string) {
		if len(a) > 12 || len(b) > 12 || len(c) > 12 || len(text) > 20 {
			t.Skip()
		}
		a, b, c, text = strings.ToValidUTF8(a, "."), strings.ToValidUTF8(b, "."), strings.ToValidUTF8(c, "."),
			strings.ToValidUTF8(text, ".")
		p, q, x := Glob(a), Glob(b), Glob(c)
		match := func(p Pattern, text string) bool { return slowMatch(p.tokens, []rune(text)) }
		budget := 200_000
		word, answer := (&Set{Required: terms(p, q), Excluded: terms(x)}).Witness(&budget)
		switch in := match(p, text) && match(q, text) && !match(x, text); {
		case answer == Found && (!match(p, word) || !match(q, word) || match(x, word)):
			t.Errorf("%q is not in %q and %q without %q", word, a, b, c)
		case answer == Empty && in:
			t.Errorf("%q is in %q and %q without %q", text, a, b, c)
		}
		if common, ok := Intersect(p, q); ok && (!match(p, common) || !match(q, common)) {
			t.Errorf("%q is not in both %q and %q", common, a, b)
		} else if !ok && match(p, text) && match(q, text) {
			t.Errorf("%q is in both %q and %q", text, a, b)
		}
		if p.Covers(q, &budget) && match(q, text) && !match(p, text) {
			t.Errorf("Covers says that %q covers %q, but only the second matches %q", a, b, text)
		}
	})
}

func TestSet_Contains(t *testing.T) {
	set := Set{
		Required: []Term{{Pattern: Glob("a*")}, {Pattern: Glob("*B"), Fold: true}}, Excluded: []Term{{Pattern: Glob("*x*")}},
	}
	for text, want := range map[string]bool{"ab": true, "aB": true, "a-b": true, "Ab": false, "axb": false, "a": false} {
		if got := set.Contains(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
