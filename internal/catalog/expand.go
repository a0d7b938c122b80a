package catalog

import (
	"sort"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// Expand returns the IDs of the actions that a pattern matches, such as s3:Get*, in ascending order. Case does not
// count.
func (c *Catalog) Expand(action string) []int {
	if !hasWildcard(action) {
		if a := c.Action(action); a != nil {
			return []int{a.ID}
		}
		return nil
	}
	p := pattern.Glob(ascii.Fold(action))
	prefix := p.Prefix()
	first := sort.SearchStrings(c.folded, prefix)
	var ids []int
	for i := first; i < len(c.folded) && strings.HasPrefix(c.folded[i], prefix); i++ {
		if p.Match(c.folded[i]) {
			ids = append(ids, i)
		}
	}
	return ids
}

// matchesAny reports whether the pattern, which has a wildcard, matches an action.
func (c *Catalog) matchesAny(action string) bool {
	p := pattern.Glob(ascii.Fold(action))
	prefix := p.Prefix()
	for i := sort.SearchStrings(c.folded, prefix); i < len(c.folded) && strings.HasPrefix(c.folded[i], prefix); i++ {
		if p.Match(c.folded[i]) {
			return true
		}
	}
	return false
}
