package authz

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// compact drops all data that no decision needs, and lets the patterns share memory.
func (c *Compiled) compact() {
	pattern.Compact(c.patterns, c.keys)
	for i := range c.statements {
		s := &c.statements[i]
		s.source = nil
		for j := range s.conditions {
			s.conditions[j].source, s.conditions[j].operator = nil, ""
		}
	}
	if c.index != nil { // the index refers to the old patterns
		c.index = &index{}
		c.index.build(c.statements)
	}
}

// patterns visits every pattern.
func (c *Compiled) patterns(yield func(*pattern.Pattern) bool) {
	each := func(patterns []pattern.Pattern) bool {
		for i := range patterns {
			if !yield(&patterns[i]) {
				return false
			}
		}
		return true
	}
	for i := range c.statements {
		s := &c.statements[i]
		if !each(s.actions) || !each(s.resources) {
			return
		}
		for j := range s.conditions {
			for k := range s.conditions[j].values {
				v := &s.conditions[j].values[k]
				if !yield(&v.text) || v.arn != nil && !each(v.arn.Fields[:]) {
					return
				}
			}
		}
	}
}

// keys visits the keys of all conditions.
func (c *Compiled) keys(yield func(*string) bool) {
	for i := range c.statements {
		for j := range c.statements[i].conditions {
			if !yield(&c.statements[i].conditions[j].key) {
				return
			}
		}
	}
}
