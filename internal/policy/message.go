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
		if d := editDistance(ascii.Fold(written), ascii.Fold(name), distance); d < distance {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; perhaps %q was meant", best)
}

// editDistance returns the number of bytes to change, add or remove to turn a into b. It returns
// limit without comparing if the lengths differ by limit or more, or if a is longer than 64 bytes.
func editDistance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(a) > 64 {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// inside returns the words of a message for a value in a list.
func inside(list bool) string {
	if list {
		return " in the list"
	}
	return ""
}
