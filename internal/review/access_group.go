package review

import (
	"fmt"
	"slices"
)

// accessGroup is access that the same statements give on the same resources. People read one line about it instead of
// one for each service and access level.
type accessGroup struct {
	Access   // the worst of them, with its example
	levels   []string
	services []string
}

// groupAccess groups the access of one service, and then that of several services with the same levels. The order is
// that of the worst access of each group.
func groupAccess(all []Access) []accessGroup {
	var groups []accessGroup
	for _, a := range all {
		groups = append(groups, accessGroup{a, []string{a.Level}, []string{a.Service}})
	}
	groups = merge(groups, func(g *accessGroup) string { return g.origin() + g.Service }, func(to, from *accessGroup) {
		to.levels = append(to.levels, from.levels...)
	})
	return merge(groups, func(g *accessGroup) string { return g.origin() + fmt.Sprintf("%q", g.levels) },
		func(to, from *accessGroup) { to.services = append(to.services, from.services...) })
}

// origin is equal for access with the same statements, resources and condition.
func (g *accessGroup) origin() string {
	return fmt.Sprintf("%q %q %v ", g.resources(), g.Condition, g.Statements)
}

// merge adds each group to an earlier one with the same key.
func merge(groups []accessGroup, key func(*accessGroup) string, add func(to, from *accessGroup)) []accessGroup {
	var out []accessGroup
	at := map[string]int{}
	for i := range groups {
		k := key(&groups[i])
		if j, ok := at[k]; ok {
			add(&out[j], &groups[i])
			continue
		}
		at[k] = len(out)
		out = append(out, groups[i])
	}
	return out
}

// maxServices limits the services of a group that people see.
const maxServices = 5

// level adds the access levels and the services.
func (p phrase) level(g *accessGroup) phrase {
	levels := slices.DeleteFunc(slices.Clone(g.levels), func(level string) bool { return level == "" })
	if len(levels) == 0 {
		p = p.words("access")
	}
	for i, level := range levels {
		p = p.nth(i, "", ", ").name(level)
	}
	if g.Service == "*" {
		return p.words(" in every service")
	}
	for i, service := range g.services {
		if i == maxServices && len(g.services) > i+1 {
			return p.words(" and %d more services", len(g.services)-i)
		}
		p = p.nth(i, " in ", ", ").name(service)
	}
	return p
}
