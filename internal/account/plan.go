package account

import (
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Plan is an account with planned edits. Each group of edits has a key, such as the address of the planned
// resource. The order of the edits does not matter: an attachment may be planned before its user.
//
// Only one goroutine at a time may use a Plan. Several goroutines may use the accounts that it returns.
type Plan struct {
	live  *Account
	edits map[string][]Edit
	index map[subject]map[string]bool // the keys of the edits of each subject
	// prepared holds the compiled documents of the edits by key, so that views do not parse them again.
	prepared map[string]Prepared

	// base is the live account with all planned roles and managed policies. Every view begins with it, because a
	// principal may assume any role. stale has the roles and policies to apply to base again.
	base  *Account
	stale Touched
	// awsPolicies has the policies of AWS that the plan attaches and the account does not use yet.
	awsPolicies map[string]Policy
	// compiledAWSPolicies holds their compiled documents, so that views do not parse them again.
	compiledAWSPolicies Prepared

	// roles has the planned roles in base, and the entities that determine each of them.
	roles map[subject]Touched
}

// NewPlan returns a plan without edits.
func NewPlan(live *Account) *Plan {
	return &Plan{live: live, edits: map[string][]Edit{}, index: map[subject]map[string]bool{},
		prepared: map[string]Prepared{}, awsPolicies: map[string]Policy{},
		base: live, stale: Touched{}, roles: map[subject]Touched{}}
}

// Touched is a set of users, groups, roles and policies. An answer depends on them, or edits change them.
type Touched map[subject]bool

// Intersects reports whether the sets have an element in common. An answer is out of date if its set and the set of an
// edit intersect.
func (t Touched) Intersects(other Touched) bool {
	if len(other) < len(t) {
		t, other = other, t
	}
	for s := range t {
		if other[s] {
			return true
		}
	}
	return false
}

// Roles returns the names of the roles in the set, in ascending order and with ASCII letters in lower case.
func (t Touched) Roles() []string {
	var names []string
	for s := range t {
		if s.kind == RoleKind && s != unnamedSubject(RoleKind) {
			names = append(names, s.name)
		}
	}
	slices.Sort(names)
	return names
}

// Put replaces the edits of a key. It returns everything that the previous and the new edits change.
func (p *Plan) Put(key string, edits ...Edit) Touched {
	touched := Touched{}
	for _, e := range p.edits[key] {
		for _, s := range e.subjects() {
			delete(p.index[s], key)
			touched[s] = true
		}
	}
	p.edits[key], p.prepared[key] = edits, p.prepare(edits)
	for _, e := range edits {
		for _, s := range e.subjects() {
			if p.index[s] == nil {
				p.index[s] = map[string]bool{}
			}
			p.index[s][key] = true
			touched[s] = true
		}
	}
	p.markStale(touched)
	return touched
}

// markStale marks the roles and policies that edits of some entities change.
func (p *Plan) markStale(touched Touched) {
	for s := range touched {
		if s.kind == PolicyKind || s.kind == RoleKind && s != unnamedSubject(RoleKind) {
			p.stale[s] = true
		}
	}
	for role, dependencies := range p.roles {
		if dependencies.Intersects(touched) {
			p.stale[role] = true
		}
	}
}

// updateBase applies the stale roles and policies to base.
func (p *Plan) updateBase() error {
	if len(p.stale) == 0 {
		return nil
	}
	v := &view{plan: p}
	var missing []Change
	stale := slices.SortedFunc(maps.Keys(p.stale), func(a, b subject) int { return strings.Compare(a.name, b.name) })
	for _, s := range stale {
		if s.kind != PolicyKind {
			continue
		}
		v.touched = Touched{}
		v.addPolicy(s.name)
		if live, ok := p.live.Policy(s.name); ok {
			missing = append(missing, live) // in case that its planned change is withdrawn
		} else {
			missing = append(missing, Remove(PolicyKind, s.name))
		}
	}
	for _, s := range stale {
		if s.kind != RoleKind {
			continue
		}
		v.touched = Touched{}
		v.addIdentity(RoleKind, s.name)
		if len(p.index[s]) > 0 {
			p.roles[s] = v.touched
		} else {
			delete(p.roles, s)
		}
	}
	base, err := p.base.With(slices.Concat(missing, v.policies, v.identities)...)
	if err == nil {
		p.base, p.stale = base, Touched{}
	}
	return err
}

// prepare compiles the documents of edits. It ignores a document that cannot be compiled, because [Plan.View]
// returns the error.
func (p *Plan) prepare(edits []Edit) Prepared {
	var out Prepared
	for _, e := range edits {
		switch e := e.(type) {
		case PlanIdentity:
			if e.Kind == RoleKind {
				p.live.prepare(authz.ResourcePolicy, "trust policy of role "+e.Name, e.Trust, &out)
			}
		case PutPolicy:
			p.live.prepare(authz.Identity, e.ARN, e.Document, &out)
		case PutInline:
			p.live.prepare(authz.Identity, e.Policy.Name, e.Policy.Document, &out)
		case Observed:
			for _, policy := range e.Inline {
				p.live.prepare(authz.Identity, policy.Name, policy.Document, &out)
			}
		}
	}
	return out
}

// editsAbout returns the edits of type E about any of the subjects, in the order of their keys.
func editsAbout[E Edit](p *Plan, subjects ...subject) []E {
	keys := map[string]bool{}
	for _, s := range subjects {
		maps.Copy(keys, p.index[s])
	}
	var found []E
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		for _, e := range p.edits[key] {
			edit, ok := e.(E)
			if ok && slices.ContainsFunc(edit.subjects(), func(s subject) bool { return slices.Contains(subjects, s) }) {
				found = append(found, edit)
			}
		}
	}
	return found
}
