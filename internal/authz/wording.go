package authz

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// describeValues returns the values of a list of the policy for a message.
func describeValues(l *policy.List) string {
	if l == nil {
		return "nothing"
	}
	out := make([]string, 0, len(l.Values))
	for i, v := range l.Values {
		switch {
		case i >= 3:
			out = append(out, "") // joinSome only counts it
		case v.Unknown:
			out = append(out, "a value that is not known yet")
		default:
			out = append(out, fmt.Sprintf("%q", abbreviate(v.Value)))
		}
	}
	if l.Unknown {
		out = append(out, "values that are not known yet")
	}
	if len(out) == 0 {
		return "an empty list"
	}
	return joinSome(out, 3)
}

// quoteSome quotes at most limit texts, and counts the others.
func quoteSome(texts []string, limit int) string {
	more := max(0, len(texts)-limit)
	out := make([]string, len(texts)-more)
	for i := range out {
		out[i] = fmt.Sprintf("%q", abbreviate(texts[i]))
	}
	if more > 0 {
		return strings.Join(out, ", ") + fmt.Sprintf(" and %d more", more)
	}
	return joinSome(out, limit)
}

// abbreviate returns a text for a message. It shortens a long one.
func abbreviate(text string) string {
	const limit = 2048 // the longest ARN
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}

// joinSome joins at most limit texts, and counts the others.
func joinSome(texts []string, limit int) string {
	if len(texts) > limit {
		return strings.Join(texts[:limit], ", ") + fmt.Sprintf(" and %d more", len(texts)-limit)
	}
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " or " + texts[n-1]
	}
	return strings.Join(texts, "")
}
