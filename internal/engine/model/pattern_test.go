package model

import (
	"regexp"
	"slices"
	"testing"
)

// patterns lists the table's patterns.
func patterns() []*Pattern {
	var found []*Pattern
	var visit func(*Shape)
	visit = func(s *Shape) {
		if s == nil {
			return
		}
		if s.Pattern != nil && !slices.Contains(found, s.Pattern) {
			found = append(found, s.Pattern)
		}
		for _, m := range s.Members {
			visit(m.Shape)
		}
		visit(s.Element)
		visit(s.Key)
	}
	for op := range All() {
		visit(op.Input)
		visit(op.Output)
	}
	return found
}

// FuzzPattern_Match compares class with the regular expressions.
func FuzzPattern_Match(f *testing.F) {
	for _, seed := range []string{"", "a", "a-b", "a--b", "/", "/a/", "a\n", "\n", "\x00", "é", "ÿ", "Ā", "世界",
		"\U0001F600", "a b", "\u00a0", "\u1000", "v1", "v1.a", "\x7f", "\uFFFD"} {
		f.Add(seed)
	}
	var all [][]*regexp.Regexp
	for _, p := range patterns() {
		var compiled []*regexp.Regexp
		for _, e := range p.expressions {
			compiled = append(compiled, regexp.MustCompile(`\A(?:`+e+`)\z`))
		}
		all = append(all, compiled)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for i, p := range patterns() {
			want := !slices.ContainsFunc(all[i], func(r *regexp.Regexp) bool { return !r.MatchString(value) })
			if got := p.Match(value); got != want {
				t.Errorf("%s matches %q: %v, want %v", p, value, got, want)
			}
		}
	})
}

func TestPattern_MostAreCharacterClasses(t *testing.T) {
	classes := 0
	for _, p := range patterns() {
		p.Match("")
		if p.class != nil {
			classes++
		}
	}
	if all := len(patterns()); classes < all*2/3 {
		t.Errorf("%d of %d patterns are a character class, want at least two thirds", classes, all)
	}
}
