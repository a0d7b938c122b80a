package account

import (
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// PlannedEntity is a user, group or role as the plan leaves it. Its lists contain only the members that are certain.
type PlannedEntity struct {
	Name, Path string
	Exists     bool
	Removed    bool   // the plan removes it and creates no other one with this name
	RenamedTo  string // the plan gives it this name, and no other entity gets the present one
	Attached   []string
	Inline     []InlinePolicy
	Groups     []string
}

// Entity returns the planned user, group or role with a name. It compiles no policy.
func (p *Plan) Entity(kind Kind, name string) PlannedEntity {
	v := &view{plan: p, touched: Touched{}}
	e := v.compose(kind, name)
	out := PlannedEntity{Name: e.name, Path: e.path, Exists: e.exists}
	if !e.exists {
		s := subjectOf(kind, name)
		out.Removed = len(editsAbout[RemoveIdentity](p, s)) > 0
		for _, edit := range editsAbout[PlanIdentity](p, s) {
			if edit.From != "" && ascii.EqualFold(edit.From, name) {
				out.RenamedTo = edit.Name
			}
		}
		return out
	}
	out.Inline, _ = e.lists()
	for _, arn := range slices.Sorted(maps.Keys(e.attached)) {
		if exists, _ := p.PolicyExists(arn); exists {
			out.Attached = append(out.Attached, arn)
		}
	}
	for _, group := range slices.Sorted(maps.Values(e.memberOf)) {
		if p.exists(subjectOf(GroupKind, group)) {
			out.Groups = append(out.Groups, group)
		}
	}
	return out
}

// Live returns the account without the edits.
func (p *Plan) Live() *Account { return p.live }

// PolicyExists reports whether the planned account has a managed policy. removed says that the plan removes it.
func (p *Plan) PolicyExists(arn string) (exists, removed bool) {
	switch (&view{plan: p, touched: Touched{}}).addPolicy(arn) {
	case policyExists:
		return true, false
	case policyRemoved:
		return false, true
	}
	return false, false
}

// exists reports whether the planned account has a user, group or role.
func (p *Plan) exists(s subject) bool {
	planned, renamed := p.plannedIdentity(s)
	switch {
	case planned != nil:
		return true
	case renamed || len(editsAbout[RemoveIdentity](p, s)) > 0:
		return false
	}
	return p.live.identity(s.kind, s.name) != nil
}

// Count returns the number of users, groups, roles or managed policies of the account: in the live account and in the
// planned one. It does not count AWS's managed policies, and entities whose names are not known yet.
func (p *Plan) Count(kind Kind) (live, planned int) {
	own := func(arn string) bool { return strings.Contains(arn, ":"+p.live.id+":") }
	switch kind {
	case UserKind:
		live = p.live.users.len
	case RoleKind:
		live = p.live.roles.len
	case GroupKind:
		live = len(p.live.groups.all())
	default:
		for _, m := range p.live.policies.all() {
			if own(m.arn) {
				live++
			}
		}
	}
	planned = live
	for s, keys := range p.index {
		if s.kind != kind || len(keys) == 0 || s == unnamedSubject(kind) {
			continue
		}
		var before, after bool
		if kind == PolicyKind {
			before = p.live.policies.get(s.name) != nil
			after, _ = p.PolicyExists(s.name)
		} else {
			before, after = p.live.identity(kind, s.name) != nil, p.exists(s)
		}
		switch {
		case after && !before:
			planned++
		case before && !after:
			planned--
		}
	}
	return live, planned
}

// LiveEntity returns a user, group or role of the live account.
func (p *Plan) LiveEntity(kind Kind, name string) PlannedEntity {
	return NewPlan(p.live).Entity(kind, name)
}

// NameOf returns the name in the ARN of a user, group, role or policy.
func NameOf(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
