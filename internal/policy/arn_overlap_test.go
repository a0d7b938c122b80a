package policy

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// TestOverlap_AgreesWithIntersect compares every pair of short patterns.
func TestOverlap_AgreesWithIntersect(t *testing.T) {
	patterns := []pattern.Pattern{{}}
	texts := []string{""}
	for range 4 {
		var longer []string
		for _, text := range texts {
			for _, c := range []string{"a", "b", "*", "?", "${v}"} {
				longer = append(longer, text+c)
			}
		}
		texts = longer
		for _, text := range texts {
			p, err := pattern.Parse(text, true)
			if err != nil {
				t.Fatal(err)
			}
			patterns = append(patterns, p)
		}
	}
	pairs := 0
	for i := range patterns {
		for j := i % 7; j < len(patterns); j += 7 {
			x, y := &patterns[i], &patterns[j]
			_, want := pattern.Intersect(*x, *y)
			if got := overlap(x, y); got != want {
				t.Fatalf("%q and %q: got %t, want %t", x.String(), y.String(), got, want)
			}
			pairs++
		}
	}
	if pairs < 50_000 {
		t.Errorf("%d pairs", pairs)
	}
}
