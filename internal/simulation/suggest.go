package simulation

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// meant suggests a known name where the written one is close to it.
func meant(written string, known []string) string {
	best, distance := "", 4
	for _, name := range known {
		if d := editDistance(policy.Fold(written), policy.Fold(name)); d < distance && d < len(name) {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; perhaps %q was meant", best)
}

// editDistance counts the letters to change, add or remove to make b of a.
func editDistance(a, b string) int {
	if len(a) > 64 {
		return len(a)
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
