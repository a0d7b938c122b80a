package authz

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// values describes a list of the policy in a message.
func values(l *policy.List) string {
	if l == nil {
		return "nothing"
	}
	out := make([]string, 0, len(l.Values))
	for i, v := range l.Values {
		switch {
		case i >= 3:
			out = append(out, "") // only counted
		case v.Unknown:
			out = append(out, "a value known only later")
		default:
			out = append(out, fmt.Sprintf("%q", shown(v.Value)))
		}
	}
	if l.Unknown {
		out = append(out, "values known only later")
	}
	if len(out) == 0 {
		return "an empty list"
	}
	return shorten(out, 3)
}

// quoted quotes at most a few of the texts, and counts the others.
func quoted(texts []string, most int) string {
	more := max(0, len(texts)-most)
	out := make([]string, len(texts)-more)
	for i := range out {
		out[i] = fmt.Sprintf("%q", shown(texts[i]))
	}
	if more > 0 {
		return strings.Join(out, ", ") + fmt.Sprintf(" and %d more", more)
	}
	return shorten(out, most)
}

// shown returns a text for a message, cut if it is long.
func shown(text string) string {
	const most = 2048 // the longest ARN
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// shorten joins at most a few of the texts, and counts the others.
func shorten(texts []string, most int) string {
	if len(texts) > most {
		return strings.Join(texts[:most], ", ") + fmt.Sprintf(" and %d more", len(texts)-most)
	}
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " or " + texts[n-1]
	}
	return strings.Join(texts, "")
}
