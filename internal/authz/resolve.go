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
	for _, l := range p.ServiceControl {
		visit(l)
	}
	for _, l := range p.ResourceControl {
		visit(l)
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

// with is the context with one key set, or absent where v is nil.
func (c *Context) with(key string, v *contextValue) *Context {
	out := &Context{values: make(map[string]contextValue, len(c.values)+1), open: c.open}
	for k, v := range c.values {
		out.values[k] = v
	}
	if v == nil {
		v = &contextValue{multi: true} // a multivalued key without values counts as absent
	}
	out.values[key] = *v
	return out
}

// maxSteps bounds a search: statements looked at, and steps of the automata
// that make representatives.
const maxSteps = 1_000_000

// search tries values of what is not known in a request.
type search struct {
	policies   *Policies
	request    Request
	relevant   []*statement
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
		s.steps -= 1 + len(s.relevant)
		if s.steps <= 0 {
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
			if st.matchAction(r) == no || st.matchResource(r) == no ||
				st.principals.match(r, boundary).any() == no || st.matchConditions(r) == no {
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
				s.collectVariables(&c.values[j].text, tests, c.key)
			}
		}
		for i := range st.resources {
			s.collectVariables(&st.resources[i], tests, "")
		}
	}
	for _, key := range order {
		s.addKey(key, keys[key], which)
	}
}

// collectVariables notes the unknown keys that a pattern's variables ask for.
// subject is the key that the pattern is compared with, or empty for the
// resource.
func (s *search) collectVariables(p *pattern, tests func(string) *keyTests, subject string) {
	for _, t := range p.tokens {
		if t.kind != variable {
			continue
		}
		k := tests(t.text)
		if k == nil {
			continue
		}
		known := !s.request.Unknown.Resource
		texts := []string{s.request.Resource}
		if subject != "" {
			v, is := s.request.Context.lookup(subject)
			texts, known = v.texts, is == present || is == absent
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
	values, complete := t.values(s)
	s.complete = s.complete && complete
	candidates := make([]*contextValue, 0, len(values)+1)
	if which == free {
		candidates = append(candidates, nil)
	}
	for i := range values {
		candidates = append(candidates, &values[i])
	}
	s.dimensions = append(s.dimensions, dimension{len(candidates), func(r *Request, i int) {
		r.Context = r.Context.with(key, candidates[i])
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
	if s.request.ResourceAccount == "" && s.request.Principal.Kind != Unnamed {
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
	t.variable = true
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
		s.steps -= 1 + len(text)/8
		if !globFields(before, text[:i]) {
			continue
		}
		for j := i; j <= len(text); j++ {
			if s.steps--; s.steps <= 0 || len(t.captured) >= mostCaptures {
				return false
			}
			if globFields(after, text[j:]) {
				t.captured = append(t.captured, text[i:j])
			}
		}
	}
	return true
}

// values is what to try for the key, and whether that is every case.
func (t *keyTests) values(s *search) ([]contextValue, bool) {
	texts, complete := t.texts(s)
	texts = t.different(texts)
	plain, sets := t.variable, false
	for _, c := range t.conditions {
		if c.op.Comparison != policy.Null {
			sets = sets || c.op.Qualifier != policy.NoQualifier
			plain = plain || c.op.Qualifier == policy.NoQualifier
		}
	}
	var out []contextValue
	if plain || !sets {
		for _, text := range texts {
			out = append(out, contextValue{texts: []string{text}})
		}
	}
	if !sets {
		return out, complete
	}
	const mostTexts = 8 // all subsets of them are tried
	if len(texts) > mostTexts {
		complete = false
		out = append(out, contextValue{texts: texts, multi: true})
		for i := range texts {
			out = append(out, contextValue{texts: texts[i : i+1], multi: true})
		}
		return out, complete
	}
	for set := 0; set < 1<<len(texts); set++ {
		v := contextValue{multi: true}
		for i, text := range texts {
			if set&(1<<i) != 0 {
				v.texts = append(v.texts, text)
			}
		}
		out = append(out, v)
	}
	return out, complete
}

// different leaves out texts that every condition on the key takes for the
// same as an earlier one. Where variables are in play nothing is left out.
func (t *keyTests) different(texts []string) []string {
	if t.variable {
		return texts
	}
	for _, c := range t.conditions {
		for i := range c.values {
			if c.values[i].text.variables {
				return texts
			}
		}
	}
	seen := map[string]bool{}
	out := texts[:0]
	for _, text := range texts {
		answers := make([]byte, 0, len(t.conditions)+1)
		for _, c := range t.conditions {
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
	return out
}
