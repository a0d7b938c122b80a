package authz

import (
	"maps"
	"slices"
)

// Given returns the keys that were set to known values, sorted by name. Keys that follow from the principal are not
// among them.
func (c *Context) Given() (keys []ContextKey) {
	if c == nil {
		return nil
	}
	for _, folded := range slices.Sorted(maps.Keys(c.values)) {
		if v := c.values[folded]; !v.derived && !v.unknown {
			keys = append(keys, ContextKey{Name: v.key, Values: slices.Clone(v.texts), Multivalued: v.multi})
		}
	}
	return keys
}
