package analysis

// formula says which rules must match a request.
type formula struct {
	op    operation
	rules []*rule
	parts []formula
}

type operation uint8

const (
	always operation = iota // true
	never                   // false
	some                    // some rule matches
	no                      // no rule matches
	allOf                   // all parts are true
	oneOf                   // some part is true
)

func someOf(rules []*rule) formula { return formula{op: some, rules: rules} }

func and(parts ...formula) formula { return formula{op: allOf, parts: parts} }

func or(parts ...formula) formula { return formula{op: oneOf, parts: parts} }

// not returns the opposite formula.
func (f *formula) not() formula {
	opposite := [...]operation{always: never, never: always, some: no, no: some, allOf: oneOf, oneOf: allOf}
	out := formula{op: opposite[f.op], rules: f.rules}
	for i := range f.parts {
		out.parts = append(out.parts, f.parts[i].not())
	}
	return out
}

// term is a way to make a formula true: one rule of each choice matches, and no avoided rule.
type term struct {
	choices [][]*rule
	avoided []*rule
}

// terms returns all ways to make the formula true.
func (f *formula) terms() []term {
	switch f.op {
	case always:
		return []term{{}}
	case some:
		if len(f.rules) == 0 {
			return nil
		}
		return []term{{choices: [][]*rule{f.rules}}}
	case no:
		return []term{{avoided: f.rules}}
	case oneOf:
		var out []term
		for i := range f.parts {
			out = append(out, f.parts[i].terms()...)
		}
		return out
	case allOf:
		out := []term{{}}
		for i := range f.parts {
			var next []term
			for _, t := range f.parts[i].terms() {
				for _, before := range out {
					next = append(next, term{
						choices: append(before.choices[:len(before.choices):len(before.choices)], t.choices...),
						avoided: concat(before.avoided, t.avoided),
					})
				}
			}
			out = next
		}
		return out
	}
	return nil
}
