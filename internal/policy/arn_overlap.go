package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// comparisonsFor returns the number to count for the comparison of a resource, written with a number of characters,
// with a type of resource.
func comparisonsFor(length int) int { return 1 + length/64 }

// mayNameSame reports whether an ARN may match both patterns. A variable may have any value.
func mayNameSame(a, b *pattern.ARN) bool {
	for _, i := range [...]int{pattern.ServiceField, pattern.PartitionField, pattern.RegionField, pattern.AccountField,
		pattern.ResourceField} {
		if !overlap(&a.Fields[i], &b.Fields[i]) {
			return false
		}
	}
	return true
}

// overlap reports whether a text may match both patterns. It decides most pairs without the search of
// [pattern.Intersect], which takes a thousand times longer.
func overlap(x, y *pattern.Pattern) bool {
	if x.IsEverything() || y.IsEverything() {
		return true
	}
	if !agree(x.Prefix(), y.Prefix(), strings.HasPrefix) || !agree(x.Suffix(), y.Suffix(), strings.HasSuffix) {
		return false
	}
	switch text, literal := x.LiteralText(); {
	case literal && !y.HasVariables():
		return y.Match(text)
	case starred(x) && starred(y):
		// The longer prefix, the middle of one pattern, that of the other one and the longer suffix match both.
		return true
	}
	_, ok := pattern.Intersect(*x, *y)
	return ok
}

// starred reports whether a star follows the prefix of a pattern, and a star precedes its suffix.
func starred(p *pattern.Pattern) bool {
	first, last, prefix := pattern.Text, pattern.Text, true
	for t := range p.Tokens() {
		if prefix && t.Kind != pattern.Text {
			first, prefix = t.Kind, false
		}
		if t.Kind != pattern.Text {
			last = t.Kind
		}
	}
	return first == pattern.Star && last == pattern.Star
}

// agree reports whether one of the texts begins, or ends, with the other one.
func agree(x, y string, has func(s, part string) bool) bool { return has(x, y) || has(y, x) }
