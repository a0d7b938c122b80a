package analysis

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// solver finds a request that some rules match and other rules do not.
//
// The dimensions of a request are independent of each other: the action, the resource, and each context key. A search
// that asserts a rule, and avoids another one by negating one of its parts, therefore only has to check that each
// dimension keeps a value. Policy variables connect dimensions. The search treats them as letters of their own, which
// is enough for most proofs, and tries values for them to find a request.
type solver struct {
	steps int

	rules []*rule
	atoms []atom
	keys  []string
	// patterns are resource patterns, and actionPatterns are action patterns in lower case.
	patterns, actionPatterns []pattern.Pattern

	atomIDs, keyIDs, patternIDs, actionIDs map[string]int

	textMemory     map[string]textAnswer
	keyMemory      map[string]keyAnswer
	valueMemory    map[[2]int][]value
	resourceMemory map[string]resourceAnswer
	// coverMemory and disjointMemory have the answers about pairs of resource patterns.
	coverMemory, disjointMemory map[[2]int]bool

	worlds int
	// partial is set if the callers do not stand for all principals.
	partial bool
	// home has the keys of the principal whose statements are being added, and keyHomes those of the keys that follow from
	// one of several principals. merged are worlds with the keys of such a principal.
	home     *world
	keyHomes map[int]*world
	merged   map[[2]int]*world
	// several is set if the question is about several principals.
	several bool
	// depth is the greatest number of action patterns that an action has to match together.
	depth int
}

// defaultSteps suffices for AWS's own policies, of which the largest needs about a sixth.
const defaultSteps = 10_000_000

func newSolver(o Options) *solver {
	s := &solver{
		steps:   o.Steps,
		atomIDs: map[string]int{}, keyIDs: map[string]int{}, patternIDs: map[string]int{}, actionIDs: map[string]int{},
		textMemory: map[string]textAnswer{}, keyMemory: map[string]keyAnswer{}, valueMemory: map[[2]int][]value{},
		resourceMemory: map[string]resourceAnswer{},
		keyHomes:       map[int]*world{}, merged: map[[2]int]*world{},
		coverMemory: map[[2]int]bool{}, disjointMemory: map[[2]int]bool{},
	}
	if s.steps <= 0 {
		s.steps = defaultSteps
	}
	return s
}

// world returns a world in which the keys of a context are settled.
func (s *solver) world(ctx *authz.Context, settled map[string]bool, within map[string]pattern.Set) *world {
	s.worlds++
	return &world{id: s.worlds, context: ctx, settled: settled, within: within}
}

// state is what the search has asserted so far.
type state struct {
	at       place
	literals []literal // sorted by atom
}

// assume returns the state with a condition's answer. ok is false if no value of its key is left.
func (s *solver) assume(st state, l literal, w *world) (state, bool) {
	for _, other := range st.literals {
		if other.atom == l.atom {
			return st, other.want == l.want
		}
	}
	st.literals = withLiteral(st.literals, l)
	_, exists := s.value(s.atoms[l.atom].key, s.about(st.literals, l.atom), w)
	return st, exists != none
}

// about returns the literals about the key of an atom.
func (s *solver) about(literals []literal, atom int) []literal {
	key := s.atoms[atom].key
	out := make([]literal, 0, len(literals))
	for _, l := range literals {
		if s.atoms[l.atom].key == key {
			out = append(out, l)
		}
	}
	return out
}

// problem asks for a request that all rules of wanted match and no rule of avoided. All of them match the action.
type problem struct {
	wanted, avoided []*rule
	domain          *domain
	world           *world
	// try puts a request to package authz. It reports whether the request is an answer.
	try func(resource string, keys map[int]keyValue, w *world) bool
}

// solve searches a request.
func (s *solver) solve(p *problem) status {
	start := state{}
	for _, r := range p.wanted {
		for _, a := range r.atoms {
			var ok bool
			if start, ok = s.assume(start, literal{a, true}, p.world); !ok {
				return none
			}
		}
	}
	return s.enter(p, start, p.wanted)
}

// enter chooses a resource pattern of each wanted rule.
func (s *solver) enter(p *problem, st state, wanted []*rule) status {
	if len(wanted) == 0 {
		return s.avoid(p, st, p.avoided)
	}
	e := &wanted[0].resources
	switch {
	case e.not:
		st.at.excluded = merged(st.at.excluded, e.patterns...)
		if e.every || !s.reachable(p, st) {
			return none
		}
		return s.enter(p, st, wanted[1:])
	case e.every:
		return s.enter(p, st, wanted[1:])
	}
	best := none
	for _, id := range e.patterns {
		next := st
		next.at.required = merged(next.at.required, id)
		if !s.reachable(p, next) {
			continue
		}
		if best = max(best, s.enter(p, next, wanted[1:])); best == found || s.steps <= 0 {
			break
		}
	}
	if s.steps <= 0 {
		return max(best, exhausted)
	}
	return best
}

func (s *solver) reachable(p *problem, st state) bool {
	_, exists := s.resource(st.at, p.domain, p.world)
	return exists != none
}

// merged returns a sorted set of numbers with some more.
func merged(set []int, more ...int) []int {
	out := slices.Concat(set, more)
	slices.Sort(out)
	return slices.Compact(out)
}

// avoid negates one part of each rule.
func (s *solver) avoid(p *problem, st state, rules []*rule) status {
	rules = slices.Clone(rules)
	for {
		if s.steps -= 1 + len(rules); s.steps <= 0 {
			return exhausted
		}
		var fewest []state
		pick := -1
		open := rules[:0]
		forced := false
		for _, r := range rules {
			options, avoided := s.options(p, st, r)
			switch {
			case avoided:
				continue
			case len(options) == 0:
				return none
			case len(options) == 1 && !forced:
				st, forced = options[0], true // it is avoided now
				pick = -1
				continue
			}
			if !forced && (pick < 0 || len(options) < len(fewest)) {
				pick, fewest = len(open), options
			}
			open = append(open, r)
		}
		rules = open
		switch {
		case forced:
			continue
		case len(rules) == 0:
			return s.finish(p, st)
		}
		rest := slices.Concat(rules[:pick], rules[pick+1:])
		best := none
		for _, next := range fewest {
			if best = max(best, s.avoid(p, next, rest)); best == found || s.steps <= 0 {
				break
			}
		}
		if s.steps <= 0 {
			return max(best, exhausted)
		}
		return best
	}
}

// options returns the states in which a rule does not match. avoided is set if it does not match in this state either.
func (s *solver) options(p *problem, st state, r *rule) (options []state, avoided bool) {
	for _, a := range r.atoms {
		for _, l := range st.literals {
			if l.atom == a && !l.want {
				return nil, true
			}
		}
	}
	with, avoided := s.outside(p, st, r)
	if avoided {
		return nil, true
	}
	options = with
	for _, a := range r.atoms {
		if _, possible := s.assume(st, literal{a, true}, p.world); !possible {
			return nil, true
		}
		if next, possible := s.assume(st, literal{a, false}, p.world); possible {
			options = append(options, next)
		}
	}
	return options, false
}

// outside returns the states in which the rule does not match the resource. avoided is set if it does not match it in
// this state either.
func (s *solver) outside(p *problem, st state, r *rule) (options []state, avoided bool) {
	e := &r.resources
	if e.not {
		if e.every {
			return nil, true
		}
		// Each of the patterns is an exception of the rule.
		for _, id := range e.patterns {
			next := st
			next.at.required = merged(next.at.required, id)
			if s.reachable(p, next) {
				options = append(options, next)
			}
		}
		inside := st
		inside.at.excluded = merged(inside.at.excluded, e.patterns...)
		return options, len(options) > 0 && !s.reachable(p, inside)
	}
	if e.every {
		return nil, false
	}
	next := st
	touched := false
	for _, id := range e.patterns {
		if s.overlap(p, st, id) {
			touched = true
			next.at.excluded = merged(next.at.excluded, id)
		}
	}
	if !touched {
		return nil, true
	}
	if s.reachable(p, next) {
		options = append(options, next)
	}
	return options, false
}

// overlap reports whether a resource that the state allows may match a pattern. It may be wrong about a pattern that
// only several patterns together exclude.
func (s *solver) overlap(p *problem, st state, id int) bool {
	for _, excluded := range st.at.excluded {
		if s.covers(excluded, id) {
			return false
		}
	}
	for _, required := range st.at.required {
		if s.disjoint(required, id, p.world) {
			return false
		}
	}
	return true
}

// covers reports whether a resource pattern matches everything that another one matches.
func (s *solver) covers(a, b int) bool {
	if a == b {
		return true
	}
	key := [2]int{a, b}
	answer, ok := s.coverMemory[key]
	if !ok {
		answer = s.patterns[a].Covers(s.patterns[b], &s.steps)
		s.coverMemory[key] = answer
	}
	return answer
}

// disjoint reports whether two resource patterns certainly have no text in common.
func (s *solver) disjoint(a, b int, w *world) bool {
	if a == b {
		return false
	}
	p, exists := s.filled(a, w)
	q, also := s.filled(b, w)
	if !exists || !also || patternsApart(&p, &q) {
		return true
	}
	key := [2]int{min(a, b), max(a, b)}
	if p.HasVariables() || q.HasVariables() || s.patterns[a].HasVariables() || s.patterns[b].HasVariables() {
		_, common := pattern.Intersect(p, q)
		return !common
	}
	answer, ok := s.disjointMemory[key]
	if !ok {
		_, common := pattern.Intersect(p, q)
		answer = !common
		s.disjointMemory[key] = answer
	}
	return answer
}
