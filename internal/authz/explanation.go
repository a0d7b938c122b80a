package authz

import (
	"fmt"
	"strings"
)

// Explanation returns a few lines for people: the decision's reason and, for a denial, how the
// nearest statement failed to allow the request.
func (d *Decision) Explanation() string {
	var b strings.Builder
	b.WriteString(d.Reason)
	if miss := d.NearestMiss; miss != nil {
		fmt.Fprintf(&b, "\nThe nearest statement that could allow it is in %s:", miss.StatementRef)
		for _, failure := range miss.Failures {
			b.WriteString("\n  - " + failure.Message)
		}
	}
	if len(d.MissingKeys) > 0 {
		fmt.Fprintf(&b, "\nContext keys that conditions use and the request does not have: %s.",
			strings.Join(d.MissingKeys, ", "))
	}
	return b.String()
}
