package authz

// Three-valued logic over the statements forgets that one unknown value is the
// same wherever it is looked at: with the value of a key unknown, "allow if it
// is a" and "allow if it is not a" each hang on it, though one of them holds.
// So where that logic leaves a request open, the unknown values of the request
// are tried: for each, representatives of all the ways in which the policies
// can tell its values apart (representatives.go). It is the same evaluator
// that is asked about each of them. The search is bounded in steps, never in
// time, so that its answer is always the same.

// Possibility is the answer to whether something could be allowed.
type Possibility uint8

// The possibilities.
const (
	// Never: denied with any values of the context keys that are not given.
	Never Possibility = iota
	// Possible: allowed with some values of them, or not ruled out within the
	// bounded search.
	Possible
	// Unclear: it hangs on values that are known only later.
	Unclear
)

// CouldAllow answers whether the request is allowed for some values of the
// context keys that it does not give: absent, or present with any value. A
// gate against too much access asks this, as a conditional grant is still a
// grant.
//
// Where the bounded search can neither find such values nor rule them out, the
// answer is Possible.
func (p *Policies) CouldAllow(r *Request) Possibility {
	open := *r
	open.Context = r.Context.opened()
	f := p.facts(&open, false)
	switch outcome := f.outcome(&open); {
	case outcome == Allowed:
		return Possible
	case outcome.IsDenied():
		return Never
	}
	s := &search{policies: p, request: open, steps: maxSteps}
	s.collect(free)
	var unclear bool
	exhausted := s.each(func(o Outcome) bool {
		unclear = unclear || o == Undecided
		return o != Allowed
	})
	switch {
	case !exhausted:
		return Possible // stopped at a value that is allowed
	case unclear || s.uncertain || r.uncertain():
		// With everything known the search may go differently, so that only a
		// value that was found counts now.
		return Unclear
	case s.complete && s.steps > 0:
		return Never
	}
	return Possible
}

// resolve decides a request that three-valued logic leaves open.
func (p *Policies) resolve(r *Request) Outcome {
	if !r.uncertain() || r.Unknown.Principal || r.Unknown.ResourceAccount {
		return Undecided // it is the policies that are not known
	}
	s := &search{policies: p, request: *r, steps: maxSteps, exact: true}
	s.collect(hidden)
	first, result := true, Undecided
	s.each(func(o Outcome) bool {
		switch {
		case first:
			first, result = false, o
		case o == result:
		case o.IsDenied() && result.IsDenied():
			result = Denied
		default:
			result = Undecided
		}
		return result != Undecided
	})
	if !s.complete || s.steps <= 0 {
		return Undecided
	}
	return result
}

// uncertain reports whether something in the request is known only later.
func (r *Request) uncertain() bool {
	if r.Unknown != (Unknown{}) {
		return true
	}
	if r.Context != nil {
		for _, v := range r.Context.values {
			if v.unknown {
				return true
			}
		}
		return r.Context.hidden != ""
	}
	return false
}

// each visits every layer that is there.
func (p *Policies) each(visit func(*Layer)) {
	for _, l := range [...]*Layer{p.Identity, p.Group, p.Boundary, p.Session, p.ResourcePolicy, p.Endpoint} {
		if l != nil {
			visit(l)
		}
	}
	for _, levels := range [...][]*Layer{p.ServiceControl, p.ResourceControl} {
		for _, l := range levels {
			if l != nil {
				visit(l)
			}
		}
	}
}

func (c *Context) opened() *Context {
	out := &Context{values: map[string]contextValue{}, open: true}
	if c != nil {
		for k, v := range c.values {
			out.values[k] = v
		}
	}
	return out
}

// with is the context with one key set.
func (c *Context) with(key string, v contextValue) *Context {
	out := &Context{values: make(map[string]contextValue, len(c.values)+1), open: c.open, hidden: c.hidden}
	for k, v := range c.values {
		out.values[k] = v
	}
	out.values[key] = v
	return out
}

// maxSteps bounds a search: statements looked at, and steps of the automata
// that make representatives.
const maxSteps = 1_000_000

// cost is the steps for comparing a text of some length with all values.
func (c *condition) cost(length int) int {
	steps := 1 + len(c.values)
	for i := range c.values {
		steps += c.values[i].text.MatchSteps(length)
	}
	return steps
}

// search tries values of what is not known in a request.
type search struct {
	policies *Policies
	request  Request
	relevant []*statement
	// weight is how many steps one combination of values costs.
	weight     int
	dimensions []dimension
	// complete says that every way in which the policies can tell values
	// apart is among those tried.
	complete bool
	// exact tells kinds of denial apart.
	exact bool
	// uncertain says that a relevant statement is itself not fully known.
	uncertain bool
	steps     int
}

// each visits the outcomes of all combinations of values until visit returns
// false; it reports whether it went to the end. A combination is not refined
// further than it takes to decide.
func (s *search) each(visit func(Outcome) bool) bool {
	var try func(r *Request, depth int) bool
	try = func(r *Request, depth int) bool {
		if s.steps -= 1 + s.weight; s.steps <= 0 {
			return true
		}
		f := s.policies.facts(r, false)
		outcome := f.outcome(r)
		open := outcome == Undecided || outcome == Denied && s.exact
		if !open || depth == len(s.dimensions) {
			return visit(outcome)
		}
		d := &s.dimensions[depth]
		for i := 0; i < d.values; i++ {
			next := *r
			d.set(&next, i)
			if !try(&next, depth+1) {
				return false
			}
		}
		return true
	}
	return try(&s.request, 0)
}
