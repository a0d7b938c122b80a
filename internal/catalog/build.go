package catalog

import (
	"maps"
	"slices"
	"strings"
)

// catalog returns a catalog of the lines. Of several actions with the same name, the last one counts.
func (b *builder) catalog() *Catalog {
	c := &Catalog{date: b.date, keys: b.keys, forms: map[string][]*ResourceType{}}
	total := 0
	for _, prefix := range sortedNames(b.services) {
		s := b.services[prefix]
		c.services = append(c.services, s.Service)
		total += len(s.actions)
	}
	for _, name := range sortedNames(b.types) {
		t := b.types[name]
		t.Service.ResourceTypes = append(t.Service.ResourceTypes, t)
		c.addForms(t)
	}
	c.actions, c.folded = make([]Action, 0, total), make([]string, 0, total)
	ordered := slices.SortedFunc(maps.Values(b.services), func(x, y *parsedService) int {
		return strings.Compare(x.Prefix+":", y.Prefix+":")
	})
	for _, s := range ordered {
		c.addActions(s)
	}
	c.fillTable()
	c.orderKeys()
	return c
}

// addActions adds the actions of a service. The services come in the order of the full names of their actions.
func (c *Catalog) addActions(s *parsedService) {
	byName := func(x, y parsedAction) int { return strings.Compare(x.folded, y.folded) }
	if !slices.IsSortedFunc(s.actions, byName) {
		slices.SortStableFunc(s.actions, byName)
	}
	first := len(c.actions)
	for i, a := range s.actions {
		if i+1 < len(s.actions) && a.folded == s.actions[i+1].folded {
			continue
		}
		a.ID = len(c.actions)
		c.actions = append(c.actions, *a.Action)
		c.folded = append(c.folded, a.folded)
	}
	s.Actions = c.actions[first:len(c.actions):len(c.actions)]
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
