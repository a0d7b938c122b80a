package account

import (
	"maps"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Plan is an account as it will be: a live one with planned edits over it, each under a key of its own, such as the address
// of what plans it. In which order they come does not matter: an attachment may be planned before its user.
//
// A Plan must not be used by two goroutines at once. What it answers may.
type Plan struct {
	live  *Account
	edits map[string][]Edit
	index map[subject]map[string]bool // the keys of the edits about something
	// prepared keeps the documents of the edits compiled, by key, so that no view parses them again.
	prepared map[string]Prepared
}

// NewPlan is an account as it will be if nothing changes.
func NewPlan(live *Account) *Plan {
	return &Plan{live: live, edits: map[string][]Edit{}, index: map[subject]map[string]bool{}, prepared: map[string]Prepared{}}
}

// Touched is what an answer was made of, or what an edit bears on.
type Touched map[subject]bool

// Meets reports whether two have something in common: an answer has to be asked for again when an edit meets it.
func (t Touched) Meets(other Touched) bool {
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

// Put lays edits over the account under a key, in the place of those that were there under it, and says what that bears on.
func (p *Plan) Put(key string, edits ...Edit) Touched {
	touched := Touched{}
	for _, e := range p.edits[key] {
		for _, s := range e.about() {
			delete(p.index[s], key)
			touched[s] = true
		}
	}
	p.edits[key], p.prepared[key] = edits, p.prepare(edits)
	for _, e := range edits {
		for _, s := range e.about() {
			if p.index[s] == nil {
				p.index[s] = map[string]bool{}
			}
			p.index[s][key] = true
			touched[s] = true
		}
	}
	return touched
}

// prepare compiles the documents of edits. A document that cannot be compiled is an error of the view that has it.
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
		}
	}
	return out
}

// editsAbout are the edits of one kind about any of some subjects, in the order of their keys.
func editsAbout[E Edit](p *Plan, subjects ...subject) []E {
	keys := map[string]bool{}
	for _, s := range subjects {
		maps.Copy(keys, p.index[s])
	}
	var found []E
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		for _, e := range p.edits[key] {
			edit, ok := e.(E)
			if ok && slices.ContainsFunc(edit.about(), func(s subject) bool { return slices.Contains(subjects, s) }) {
				found = append(found, edit)
			}
		}
	}
	return found
}
