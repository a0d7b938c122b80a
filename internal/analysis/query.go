package analysis

import (
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// clause asks for a request that every wanted rule matches, one rule of each choice, and no avoided one.
type clause struct {
	wanted, avoided []*rule
	choices         [][]*rule
}

// depth returns the number of action patterns that an action has to match together: one of each wanted rule, and one of
// each avoided rule with NotAction.
func (c *clause) depth() int {
	n := len(c.wanted) + len(c.choices)
	for _, r := range c.avoided {
		if r.actions.not {
			n++
		}
	}
	return n
}

// statement returns a statement that the clause wants, or nil.
func (c *clause) statement() *rule {
	for _, rules := range append([][]*rule{c.wanted}, c.choices...) {
		for _, r := range rules {
			if r.view != nil {
				return r
			}
		}
	}
	return nil
}

// query asks for a request of which one of the clauses is true.
type query struct {
	s       *solver
	callers []caller
	clauses []clause
	// answers puts a request to package authz. definite is false if the answer depends on values that are not known.
	answers func(*authz.Request) (yes, definite bool)
	anyARN  bool
	// skip reports that no request for an action of STS is an answer, whatever the policies say.
	skip func(p authz.Principal, action authz.Action) bool

	// finish completes a witness. It is nil if nothing is missing.
	finish func(*Witness)

	witness *Witness
	// blame is the first statement about which the search decided nothing, or nil.
	blame *rule
	// disagreed is set if package authz gives another answer than the solver.
	disagreed bool
	// undecided is set if the search met a request whose answer depends on values that are not known. With stop set, the
	// search ends there.
	undecided, stop bool
}

// run searches a request.
func (q *query) run() status {
	for i := range q.clauses {
		q.s.depth = max(q.s.depth, q.clauses[i].depth())
	}
	return q.search(q.s.classify())
}

// search searches a request whose action is in one of the classes.
func (q *query) search(classes []actionClass, complete bool) status {
	best := none
	switch {
	case !complete:
		best = exhausted
	case q.s.partial:
		best = open
	}
	for i := range q.callers {
		c := &q.callers[i]
		named := newBits(len(q.s.rules))
		for _, r := range q.s.rules {
			if r.names(c.example) {
				named.add(r.index)
			}
		}
		for j := range q.clauses {
			st := q.clause(c, &q.clauses[j], named, classes)
			if best = max(best, st); best == found {
				return found
			}
			if st != none && q.blame == nil {
				q.blame = q.clauses[j].statement()
			}
			if q.s.steps <= 0 {
				return exhausted
			}
			if q.undecided && q.stop {
				return open
			}
		}
	}
	return best
}

// clause searches a request of one caller for one clause.
func (q *query) clause(c *caller, of *clause, named bits, classes []actionClass) status {
	for _, r := range of.wanted {
		if !named.has(r.index) {
			return none
		}
	}
	matching := 0
	for i := range classes {
		if !slices.ContainsFunc(of.wanted, func(r *rule) bool { return !classes[i].rules.has(r.index) }) {
			matching++
		}
	}
	if q.s.steps -= 1 + len(classes)/8; matching == 0 {
		return none
	}
	if len(of.choices) > 0 {
		return q.choose(c, of, named, classes)
	}
	// Classes for which the same rules have to be avoided have the same answer, apart from the resources.
	groups := map[string][]*actionClass{}
	var order []string
	for i := range classes {
		class := &classes[i]
		if !slices.ContainsFunc(of.wanted, func(r *rule) bool { return !class.rules.has(r.index) }) {
			key := make([]byte, 0, 2*len(of.avoided))
			for j, r := range of.avoided {
				if class.rules.has(r.index) && named.has(r.index) {
					key = append(key, byte(j), byte(j>>8))
				}
			}
			if groups[string(key)] == nil {
				order = append(order, string(key))
			}
			groups[string(key)] = append(groups[string(key)], class)
		}
	}
	best := none
	for _, key := range order {
		group := groups[key]
		p := &problem{wanted: of.wanted, domain: &anyResource, world: c.world}
		for _, r := range of.avoided {
			if group[0].rules.has(r.index) && named.has(r.index) {
				p.avoided = append(p.avoided, r)
			}
		}
		// Any resource first: a proof for all resources is one for those of each action.
		p.try = func(string, map[int]keyValue, *world) bool { return true }
		switch st := q.s.solve(p); {
		case st == none:
			continue
		case q.s.steps <= 0:
			return exhausted
		}
		if best = max(best, q.actions(c, p, group)); best == found || q.s.steps <= 0 || q.undecided && q.stop {
			return best
		}
	}
	return best
}

// choose tries each rule of the first choice.
func (q *query) choose(c *caller, of *clause, named bits, classes []actionClass) status {
	best := none
	for _, r := range of.choices[0] {
		one := clause{wanted: append(of.wanted[:len(of.wanted):len(of.wanted)], r), avoided: of.avoided,
			choices: of.choices[1:]}
		if best = max(best, q.clause(c, &one, named, classes)); best == found {
			return best
		}
		if q.s.steps <= 0 {
			return exhausted
		}
	}
	return best
}

// actions searches a request for an action of some classes, with a resource that the action may have.
func (q *query) actions(c *caller, p *problem, group []*actionClass) status {
	usable := func(name string) bool {
		service, _, _ := strings.Cut(name, ":")
		return !ascii.EqualFold(service, "sts") || !q.skip(c.example, authz.MustAction(name)) // only calls to STS are skipped
	}
	best := none
	for _, choice := range choicesOf(group, usable) {
		if q.s.steps -= 1; q.s.steps <= 0 {
			return exhausted
		}
		if !q.anyARN && slices.ContainsFunc(p.wanted, func(r *rule) bool {
			return !choice.domain.mayMatch(q.s,
				&r.resources)
		}) {
			continue
		}
		action := authz.MustAction(choice.name)
		p.domain = choice.domain
		if q.anyARN {
			p.domain = &anyResource
		}
		p.try = func(resource string, keys map[int]keyValue, w *world) bool {
			return q.try(c, action, resource, keys, w)
		}
		if best = max(best, q.s.solve(p)); best == found || q.anyARN || q.undecided && q.stop {
			return best
		}
	}
	return best
}

// try puts a request to package authz, and keeps it if it is an answer.
func (q *query) try(c *caller, action authz.Action, resource string, keys map[int]keyValue, w *world) bool {
	values := map[string]string{}
	chosen := map[string]keyValue{}
	for key, v := range keys {
		chosen[q.s.keys[key]] = v
	}
	maps.Copy(chosen, w.chosen)
	named := c.example.Kind != authz.Unnamed
	for key, v := range chosen {
		if named && !v.list && len(v.texts) > 0 && slices.Contains(principalKeys, key) {
			values[key] = v.texts[0]
		}
	}
	r := &authz.Request{Principal: c.principal(values), Action: action, Resource: resource, Context: authz.NewContext()}
	if named {
		r.Context.SetPrincipal(r.Principal)
		r.ResourceAccount = otherAccount(r)
	}
	for key, v := range chosen {
		if _, derived := values[key]; !derived {
			_ = v.set(r.Context, key) // each key is set once
		}
	}
	yes, definite := q.answers(r)
	switch {
	case !definite:
		q.undecided = true
		return false
	case !yes:
		q.disagreed = true
		return false
	}
	q.witness = q.shorten(r, values, chosen)
	if q.finish != nil {
		q.finish(q.witness)
	}
	return true
}

// otherAccount returns an account that owns the resource and that the principal does not belong to, so that
// the resource's policy alone decides.
func otherAccount(r *authz.Request) string {
	if r.Principal.Account == "" {
		return ""
	}
	if fields, ok := pattern.ARNFields(r.Resource); ok {
		if a := fields[pattern.AccountField]; isAccount(a) && a != r.Principal.Account {
			return ""
		}
	}
	if r.Principal.Account == "999999999999" {
		return "999999999998"
	}
	return "999999999999"
}

// shorten removes the context keys that the answer does not depend on.
func (q *query) shorten(r *authz.Request, derived map[string]string, chosen map[string]keyValue) *Witness {
	out := &Witness{}
	names := slices.Sorted(maps.Keys(chosen))
	for i := 0; i < len(names); i++ {
		key := names[i]
		if _, follows := derived[key]; follows || len(chosen[key].texts) == 0 {
			delete(chosen, key)
			continue
		}
		v := chosen[key]
		if dependent(key) {
			continue // it is consistent with another part of the request
		}
		delete(chosen, key)
		shorter := *r
		shorter.Context = authz.NewContext()
		if r.Principal.Kind != authz.Unnamed {
			shorter.Context.SetPrincipal(r.Principal)
		}
		for other, value := range chosen {
			if _, follows := derived[other]; !follows {
				_ = value.set(shorter.Context, other)
			}
		}
		if yes, definite := q.answers(&shorter); yes && definite {
			*r = shorter
			continue
		}
		chosen[key] = v
	}
	for key, v := range chosen {
		out.Keys = append(out.Keys, authz.ContextKey{Name: q.s.written(key), Values: v.texts, Multivalued: v.list})
	}
	if r.Principal.Kind != authz.Unnamed {
		for _, key := range principalKeys {
			if text, presence := r.Context.Value(key); presence == pattern.Given && q.s.reads(key) {
				out.Keys = append(out.Keys, authz.ContextKey{Name: q.s.written(key), Values: []string{text}})
			}
		}
	}
	slices.SortFunc(out.Keys, func(a, b authz.ContextKey) int { return strings.Compare(a.Name, b.Name) })
	out.Request = *r
	return out
}

// reads reports whether a condition or a policy variable uses a key.
func (s *solver) reads(key string) bool {
	for i := range s.atoms {
		if s.keys[s.atoms[i].key] == key || slices.Contains(s.atoms[i].variables, key) {
			return true
		}
	}
	for i := range s.patterns {
		for t := range s.patterns[i].Variables() {
			if t.Text == key {
				return true
			}
		}
	}
	return false
}

// dependent reports whether a key depends on other parts of a request.
func dependent(key string) bool {
	return key == tagKeysKey || strings.HasPrefix(key, requestTagPrefix) || key == resourceAccountKey
}

// written returns a key as a condition spells it, or else as the catalog does.
func (s *solver) written(key string) string {
	for i := range s.atoms {
		if s.keys[s.atoms[i].key] == key {
			return s.atoms[i].view.Written
		}
	}
	return spelling(key)
}

// spelling returns a key in lower case as the catalog spells it.
func spelling(key string) string {
	known := catalog.Default().Key(key)
	if known == nil {
		return key
	}
	prefix, _, _ := strings.Cut(known.Name, "${") // the text for a placeholder is the key's own
	return prefix + key[min(len(prefix), len(key)):]
}
