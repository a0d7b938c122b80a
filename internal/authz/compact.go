package authz

import "strings"

// compact lets go of everything that a decision does not need, and puts what is
// left side by side: the tokens of all patterns in one slice, their texts in one
// string.
func (c *Compiled) compact() {
	tokens, size := 0, 0
	texts := map[string]int{} // place in the joined text
	var joined strings.Builder
	put := func(text string) {
		if _, ok := texts[text]; !ok {
			texts[text] = size
			size += len(text)
			joined.WriteString(text)
		}
	}
	c.eachPattern(func(p *pattern) {
		tokens += len(p.tokens)
		for i := range p.tokens {
			put(p.tokens[i].text)
		}
	})
	for i := range c.statements {
		s := &c.statements[i]
		s.source = nil
		for j := range s.conditions {
			put(s.conditions[j].key)
		}
	}
	all := joined.String()
	text := func(t string) string { at := texts[t]; return all[at : at+len(t)] }
	arena := make([]token, 0, tokens)
	c.eachPattern(func(p *pattern) {
		from := len(arena)
		for _, t := range p.tokens {
			t.text = text(t.text)
			arena = append(arena, t)
		}
		p.tokens = arena[from:len(arena):len(arena)]
	})
	for i := range c.statements {
		for j := range c.statements[i].conditions {
			condition := &c.statements[i].conditions[j]
			condition.key = text(condition.key)
			condition.source, condition.operator = nil, ""
		}
	}
	if c.index != nil { // it points into the patterns
		c.index = &index{}
		c.index.build(c.statements)
	}
}

// eachPattern visits every pattern.
func (c *Compiled) eachPattern(visit func(*pattern)) {
	for i := range c.statements {
		s := &c.statements[i]
		for j := range s.actions {
			visit(&s.actions[j])
		}
		for j := range s.resources {
			visit(&s.resources[j])
		}
		for j := range s.conditions {
			for k := range s.conditions[j].values {
				v := &s.conditions[j].values[k]
				visit(&v.text)
				if v.arn != nil {
					for f := range v.arn {
						visit(&v.arn[f])
					}
				}
			}
		}
	}
}
