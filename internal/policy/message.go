package policy

import (
	"fmt"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"strings"
)

// Quote quotes a text for a message and shortens a long one.
func Quote(s string) string {
	const limit = 200
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "") + "…"
	}
	return fmt.Sprintf("%q", s)
}

// DidYouMean returns the end of a sentence that suggests the known name most similar to
// the written one. It returns "" if no known name is similar.
func DidYouMean(written string, known ...string) string {
	best, distance := "", 3
	for _, name := range known {
		if d := ascii.EditDistance(written, name, distance); d < distance {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; perhaps %q was meant", best)
}

// inside returns the words of a message for a value in a list.
func inside(list bool) string {
	if list {
		return " in the list"
	}
	return ""
}
