package authz

// Three-valued logic over the statements forgets that an unknown value is the same in all of them.
// If the value of a key is unknown, "allow if the key is a" and "allow if the key is not a" each
// depend on it, though one of them is true. If that logic does not decide a request, a
// search tries values for the unknowns: representatives of all values that the policies can
// distinguish (representatives.go). The same evaluator decides each of them. A number of steps limits
// the search, and not a time, so equal requests get equal answers.

// Possibility answers whether a request could be allowed.
type Possibility uint8

// The possibilities.
const (
	// Never means denied for all values of the context keys that are not given.
	Never Possibility = iota
	// Possible means allowed for some values of them, or not ruled out within the bounded search.
	Possible
	// Unclear means that the answer depends on values that are not known yet.
	Unclear
)

// CouldAllow answers whether the request is allowed for some values of the context keys that it
// does not give: absent, or present with any value. A check against excessive access needs this,
// because a grant with a condition is also a grant.
//
// If the bounded search can neither find such values nor rule them out, the answer is Possible.
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
	exhausted := s.each(func(_ *Request, o Outcome) bool {
		unclear = unclear || o == Undecided
		return o != Allowed
	})
	switch {
	case !exhausted:
		return Possible // the search stopped at a value that is allowed
	case unclear || s.uncertain || open.uncertain():
		// When everything is known, the search may try other values. So only a value that was found
		// is a definite answer now.
		return Unclear
	case s.complete && s.steps > 0:
		return Never
	}
	return Possible
}

// resolve decides a request that three-valued logic does not decide. It returns Undecided if the answer
// depends on the unknown values.
func (p *Policies) resolve(r *Request) Outcome {
	if !r.uncertain() || r.Unknown.Principal || r.Unknown.ResourceAccount {
		return Undecided // the policies are not known
	}
	s := &search{policies: p, request: *r, steps: maxSteps, exact: true}
	s.collect(hidden)
	first, result := true, Undecided
	s.each(func(_ *Request, o Outcome) bool {
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

// uncertain reports whether a part of the request is not known yet. A value that CouldAllow chooses counts as known.
func (r *Request) uncertain() bool {
	if r.Unknown != (Unknown{}) {
		return true
	}
	if r.Context != nil {
		for _, v := range r.Context.values {
			if v.unknown && !(v.choice && r.Context.open) {
				return true
			}
		}
		return len(r.Context.hidden) > 0
	}
	return false
}

// each visits every layer that is not absent.
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

// opened returns the context with every other key free. It shares the values, which nothing changes.
func (c *Context) opened() *Context {
	out := &Context{open: true}
	if c != nil {
		out.values, out.hidden, out.closed, out.choosable = c.values, c.hidden, c.closed, c.choosable
	}
	return out
}

// with returns the context with one key set.
func (c *Context) with(key string, v contextValue) *Context {
	out := &Context{values: make(map[string]contextValue, len(c.values)+1), open: c.open, hidden: c.hidden,
		closed: c.closed, choosable: c.choosable}
	for k, v := range c.values {
		out.values[k] = v
	}
	out.values[key] = v
	return out
}

// maxSteps bounds a search: the statements visited, and the steps that package pattern takes.
const maxSteps = 1_000_000

// cost returns the steps for comparing a text of some length with all values.
func (c *condition) cost(length int) int {
	steps := 1 + len(c.values)
	for i := range c.values {
		steps += c.values[i].text.MatchSteps(length)
	}
	return steps
}

// search tries values for the unknown parts of a request.
type search struct {
	policies *Policies
	request  Request
	relevant []*statement
	// weight is the number of steps that one combination of values costs.
	weight     int
	dimensions []dimension
	// complete is set if the search tries all values that the policies can distinguish.
	complete bool
	// exact is set if the search distinguishes the kinds of denial.
	exact bool
	// uncertain is set if a relevant statement is itself not fully known.
	uncertain bool
	steps     int
}

// each visits the outcomes of all combinations of values until visit returns false, and reports
// whether it visited all. It stops setting values as soon as they decide the outcome. The request that
// it visits has the values set so far.
func (s *search) each(visit func(*Request, Outcome) bool) bool {
	var try func(r *Request, depth int) bool
	try = func(r *Request, depth int) bool {
		if s.steps -= 1 + s.weight; s.steps <= 0 {
			return true
		}
		f := s.policies.facts(r, false)
		outcome := f.outcome(r)
		open := outcome == Undecided || outcome == Denied && s.exact
		if !open || depth == len(s.dimensions) {
			return visit(r, outcome)
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
