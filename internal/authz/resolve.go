package authz

import "github.com/iam-as-code/terraform-provider-iam/internal/policy"

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
	out := &Context{values: make(map[string]contextValue, len(c.values)+1), open: c.open}
	for k, v := range c.values {
		out.values[k] = v
	}
	out.values[key] = v
	return out
}

// maxSteps bounds a search: statements looked at, and steps of the automata
// that make representatives.
const maxSteps = 1_000_000

// product is the steps for comparing a pattern and a text of these lengths: at
// worst the work is the product of both, though of very small pieces.
func product(pattern, text int) int { return pattern * text / 4096 }

// size is the pattern's length.
func (p *pattern) size() int {
	n := len(p.tokens)
	for i := range p.tokens {
		n += len(p.tokens[i].text)
	}
	return n
}

// cost is the steps for comparing a text of some length with all values.
func (c *condition) cost(length int) int {
	steps := 1 + len(c.values)
	for i := range c.values {
		steps += product(c.values[i].text.size(), length)
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

// dimension is one unknown part of the request with the values to try.
type dimension struct {
	values int
	set    func(r *Request, i int)
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

// collect finds the dimensions: the unknown action and resource, and the
// context keys whose presence is the given one and which a statement that may
// matter asks for.
func (s *search) collect(which presence) {
	s.complete = true
	r := &s.request
	boundary := s.policies.Boundary != nil
	s.policies.each(func(l *Layer) {
		s.steps -= len(l.statements)
		s.uncertain = s.uncertain || l.opaque
		for i := range l.statements {
			st := &l.statements[i]
			if st.opaque {
				s.uncertain = true
				continue
			}
			if st.notAction {
				s.weight += len(st.actions)
			}
			if st.matchAction(r) == no {
				continue
			}
			s.weight += 1 + len(st.resources)
			if st.matchResource(r) == no || st.principals.match(r, boundary).any() == no {
				continue
			}
			for j := range st.conditions {
				s.weight += st.conditions[j].cost(0)
			}
			if st.matchConditions(r) == no {
				continue
			}
			s.relevant = append(s.relevant, st)
			s.uncertain = s.uncertain || st.uncertain()
		}
	})
	if which == hidden {
		s.collectAction()
		s.collectResource()
	}
	keys, order := map[string]*keyTests{}, []string{}
	tests := func(key string) *keyTests {
		if _, is := r.Context.lookup(key); is != which {
			return nil
		}
		t := keys[key]
		if t == nil {
			t = &keyTests{}
			keys[key] = t
			order = append(order, key)
		}
		return t
	}
	for _, st := range s.relevant {
		for i := range st.conditions {
			c := &st.conditions[i]
			if t := tests(c.key); t != nil {
				t.conditions = append(t.conditions, c)
			}
			for j := range c.values {
				s.collectVariables(&c.values[j].text, tests, c)
			}
		}
		for i := range st.resources {
			s.collectVariables(&st.resources[i], tests, nil)
		}
	}
	for _, key := range order {
		s.addKey(key, keys[key], which)
	}
}

// collectVariables notes the unknown keys that a pattern's variables ask for.
// of is the condition whose value the pattern is, or nil for a resource.
func (s *search) collectVariables(p *pattern, tests func(string) *keyTests, of *condition) {
	for _, t := range p.tokens {
		if t.kind != variable {
			continue
		}
		k := tests(t.text)
		if k == nil {
			continue
		}
		k.variable = true
		known := !s.request.Unknown.Resource
		texts := []string{s.request.Resource}
		if of != nil {
			v, is := s.request.Context.lookup(of.key)
			texts, known = v.texts, is == present || is == absent
			switch of.op.Comparison {
			case policy.StringEquals, policy.StringLike, policy.ArnLike:
			default:
				known = false // texts are not all that such an operator takes for equal
			}
		}
		if !known {
			s.complete = false
			continue
		}
		for _, text := range texts {
			if !k.capture(p, t.text, text, s) {
				s.complete = false
			}
		}
	}
}

func (s *search) addKey(key string, t *keyTests, which presence) {
	values, complete := t.values(s, key, which == hidden && s.request.Context.values[key].single)
	s.complete = s.complete && complete
	s.dimensions = append(s.dimensions, dimension{len(values), func(r *Request, i int) {
		r.Context = r.Context.with(key, values[i])
	}})
}

func (s *search) collectAction() {
	if !s.request.Unknown.Action {
		return
	}
	valid := pattern{}
	for _, t := range []token{{kind: fieldOne}, {kind: fieldStar}, {text: ":"}, {kind: fieldOne}, {kind: fieldStar}} {
		valid.add(t)
	}
	var tests automaton
	tests.add(valid.tokens, false)
	for _, special := range []string{"sts:getcalleridentity", "sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession", "sts:setsourceidentity"} {
		tests.add([]token{{text: special}}, false)
	}
	tests.add([]token{{text: "kms:"}, {kind: star}}, false)
	for _, st := range s.relevant {
		for i := range st.actions {
			if p := &st.actions[i]; !p.unknown && !p.everything() {
				tests.add(p.tokens, false)
			}
		}
	}
	words, complete := tests.representatives(&s.steps)
	s.complete = s.complete && complete
	var actions []Action
	for _, word := range words {
		if a, err := ParseAction(word); err == nil {
			actions = append(actions, a)
		}
	}
	s.dimensions = append(s.dimensions, dimension{len(actions), func(r *Request, i int) {
		r.Action, r.Unknown.Action = actions[i], false
	}})
}

func (s *search) collectResource() {
	if !s.request.Unknown.Resource {
		return
	}
	if s.request.ResourceAccount == "" && (s.request.Principal.Kind != Unnamed || s.request.ManagementAccount != "") {
		s.complete = false // whose it is hangs on it as well
	}
	var tests automaton
	for _, st := range s.relevant {
		for i := range st.resources {
			p := &st.resources[i]
			if p.unknown || p.everything() {
				continue
			}
			tokens := p.tokens
			if p.variables {
				var result resolution
				if tokens, result = p.resolve(s.request.Context, nil); result == valueless {
					continue
				} else if result == uncertain {
					s.complete = false
				}
			}
			tests.add(tokens, false)
		}
	}
	words, complete := tests.representatives(&s.steps)
	s.complete = s.complete && complete
	s.dimensions = append(s.dimensions, dimension{len(words), func(r *Request, i int) {
		r.Resource, r.Unknown.Resource = words[i], false
	}})
}

// keyTests is all that the statements that may matter ask of one context key.
type keyTests struct {
	conditions []*condition
	// captured is the values with which the key, as a variable, makes a
	// pattern match; variable says that it stands as one.
	captured []string
	variable bool
}

// mostCaptures bounds the values that a variable is tried with.
const mostCaptures = 256

// capture finds the values of the variable key that make a pattern match a
// text. It reports whether it found all of them.
func (t *keyTests) capture(p *pattern, key, text string, s *search) bool {
	at := -1
	for i, tok := range p.tokens {
		if tok.kind != variable || tok.text == key && at < 0 {
			if tok.kind == variable {
				at = i
			}
			continue
		}
		return false // several variables: the values hang together
	}
	before, after := p.tokens[:at], p.tokens[at+1:]
	for i := 0; i <= len(text); i++ {
		if s.steps -= 1 + len(text)/8 + product(p.size(), i); s.steps <= 0 {
			return false
		}
		if !globFields(before, text[:i]) {
			continue
		}
		for j := i; j <= len(text); j++ {
			if s.steps -= 1 + product(p.size(), len(text)-j); s.steps <= 0 || len(t.captured) >= mostCaptures {
				return false
			}
			if globFields(after, text[j:]) {
				t.captured = append(t.captured, text[i:j])
			}
		}
	}
	return true
}

// values is what to try for the key, and whether that is every case. Where the
// key has a single value for sure, it is neither absent nor a list.
func (t *keyTests) values(s *search, key string, single bool) ([]contextValue, bool) {
	texts, complete := t.texts(s)
	texts, all := t.different(texts, s)
	complete = complete && all
	out := make([]contextValue, 0, len(texts)+3)
	for _, text := range texts {
		out = append(out, contextValue{texts: []string{text}})
	}
	if single {
		return out, complete
	}
	list := func(texts ...string) { out = append(out, contextValue{texts: texts, multi: true}) }
	// To operators without a set qualifier all lists are the same, but for the
	// empty one, which is absent. Null asks whether a list is the empty string.
	list()
	list("value")
	list("")
	if !t.asSet() {
		return t.distinct(out, key, complete, s)
	}
	list("", "")
	const mostTexts = 8 // all subsets of them are tried
	if len(texts) > mostTexts {
		list(texts...)
		for i := range texts {
			list(texts[i])
		}
		return t.distinct(out, key, false, s)
	}
	for set := 1; set < 1<<len(texts); set++ {
		var some []string
		for i, text := range texts {
			if set&(1<<i) != 0 {
				some = append(some, text)
			}
		}
		list(some...)
	}
	return t.distinct(out, key, complete, s)
}

// asSet reports whether a condition asks about the key's values one by one.
func (t *keyTests) asSet() bool {
	for _, c := range t.conditions {
		if c.op.Comparison != policy.Null && c.op.Qualifier != policy.NoQualifier {
			return true
		}
	}
	return false
}

// fixed reports whether all that is asked of the key is the conditions on it,
// and their answers hang on no other key.
func (t *keyTests) fixed() bool {
	for _, c := range t.conditions {
		for i := range c.values {
			if c.values[i].text.variables {
				return false
			}
		}
	}
	return !t.variable
}

// different leaves out texts that every condition on the key takes for the
// same as an earlier one. It reports false where the steps ran out.
func (t *keyTests) different(texts []string, s *search) ([]string, bool) {
	if !t.fixed() {
		return texts, true
	}
	seen := map[string]bool{}
	var out []string
	for _, text := range texts {
		answers := make([]byte, 0, len(t.conditions)+1)
		for _, c := range t.conditions {
			if s.steps -= c.cost(len(text)); s.steps <= 0 {
				return out, false
			}
			answers = append(answers, byte(c.matchOne(text, nil)))
		}
		if text == "" { // some operators take it as absent
			answers = append(answers, 'e')
		}
		if !seen[string(answers)] {
			seen[string(answers)] = true
			out = append(out, text)
		}
	}
	return out, true
}

// distinct leaves out values to which every condition on the key gives the same
// answers as to an earlier one.
func (t *keyTests) distinct(values []contextValue, key string, complete bool, s *search) ([]contextValue, bool) {
	if !t.fixed() {
		return values, complete
	}
	seen := map[string]bool{}
	var out []contextValue
	for _, v := range values {
		ctx := &Context{values: map[string]contextValue{key: v}}
		answers := make([]byte, 0, len(t.conditions))
		for _, c := range t.conditions {
			for _, text := range v.texts {
				s.steps -= c.cost(len(text))
			}
			if s.steps <= 0 {
				return out, false
			}
			answers = append(answers, byte(c.eval(ctx)))
		}
		if !seen[string(answers)] {
			seen[string(answers)] = true
			out = append(out, v)
		}
	}
	return out, complete
}
