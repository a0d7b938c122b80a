package account

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// View is the account as it will be for some users, roles and sessions, named as in [Account.Principal]: of these, their
// groups and their policies it has what is planned, of all others what is live. A name that nothing has is no error here.
//
// What is planned in parts may name things that are not planned yet, or that go before what names them does: what hangs on
// them is then unknown.
func (p *Plan) View(principals ...string) (*Account, Touched, error) {
	v := &view{plan: p, touched: Touched{whoever(UserKind): true, whoever(GroupKind): true, whoever(RoleKind): true}}
	for _, text := range principals {
		for _, s := range p.named(text) {
			v.identity(s.kind, s.name)
		}
	}
	v.pendings()
	// Policies come first and groups before users, since each is spoken of by the next.
	as, err := p.live.With(slices.Concat(v.policies, v.groups, v.identities, v.pending)...)
	return as, v.touched, err
}

// named is what a text may name: by a bare name, a user or a role.
func (p *Plan) named(text string) []subject {
	if kind, arn, ok := p.live.ByID(text); ok {
		name := arn[strings.LastIndex(arn, "/")+1:]
		for _, e := range editsAbout[PlanIdentity](p, subjectOf(kind, name)) {
			if e.From != "" && ascii.EqualFold(e.From, name) {
				name = e.Name
			}
		}
		return []subject{{kind, name}}
	}
	if !strings.HasPrefix(text, "arn:") {
		return []subject{{UserKind, text}, {RoleKind, text}}
	}
	principal, err := authz.ParsePrincipal(text)
	switch {
	case err != nil:
		return nil
	case principal.Kind == authz.User:
		return []subject{{UserKind, principal.Name()}}
	case principal.Kind == authz.Role || principal.Kind == authz.RoleSession:
		return []subject{{RoleKind, principal.Name()}}
	}
	return nil
}

// view gathers what a view consists of.
type view struct {
	plan    *Plan
	touched Touched
	done    Touched // what is gathered already

	policies, groups, identities, pending []Change
}

// draft is a user, group or role in the making, with its lists by name.
type draft struct {
	exists         bool
	name, path, id string
	tags           []Tag
	trust          Document
	boundary       string
	inline         map[string]InlinePolicy // by folded name
	attached       map[string]bool         // by ARN
	memberOf       map[string]string       // by folded name
	unknown        Unknown

	role Role // what else a role has
}

// base is the draft as it is live.
func (p *Plan) base(kind Kind, name string) *draft {
	e := &draft{name: name, path: "/", inline: map[string]InlinePolicy{}, attached: map[string]bool{}, memberOf: map[string]string{}}
	fill := func(name, path, id string, inline []InlinePolicy, attached []string, unknown Unknown) {
		e.exists, e.name, e.path, e.id, e.unknown = true, name, path, id, unknown
		for _, policy := range inline {
			e.inline[ascii.Fold(policy.Name)] = policy
		}
		for _, arn := range attached {
			e.attached[arn] = true
		}
	}
	switch kind {
	case UserKind:
		if u, ok := p.live.User(name); ok {
			fill(u.Name, u.Path, u.ID, u.Inline, u.Attached, u.Unknown)
			e.tags, e.boundary = u.Tags, u.Boundary
			for _, group := range u.Groups {
				e.memberOf[ascii.Fold(group)] = group
			}
		}
	case GroupKind:
		if g, ok := p.live.Group(name); ok {
			fill(g.Name, g.Path, g.ID, g.Inline, g.Attached, g.Unknown)
		}
	default:
		if r, ok := p.live.Role(name); ok {
			fill(r.Name, r.Path, r.ID, r.Inline, r.Attached, r.Unknown)
			e.tags, e.boundary, e.trust, e.role = r.Tags, r.Boundary, r.Trust, r
		}
	}
	return e
}

// compose is a user, group or role as it will be, if it will be. Its groups have their names of now.
func (v *view) compose(kind Kind, name string) *draft {
	p, about := v.plan, []subject{subjectOf(kind, name)}
	v.touched[about[0]] = true
	var itself *PlanIdentity
	leaves := false // its name, for another
	for _, edit := range editsAbout[PlanIdentity](p, about[0]) {
		if ascii.EqualFold(edit.Name, name) {
			itself = &edit
		} else {
			leaves = true
		}
	}
	removed := len(editsAbout[RemoveIdentity](p, about[0])) > 0
	var e *draft
	switch {
	case itself == nil && (removed || leaves):
		return &draft{name: name}
	case itself == nil:
		e = p.base(kind, name)
	case itself.From != "":
		e = p.base(kind, itself.From)
		if from := subjectOf(kind, itself.From); from != about[0] {
			about = append(about, from)
			v.touched[from] = true
		}
	case removed: // one in the place of another
		e = p.base(kind, "")
	default:
		e = p.base(kind, name)
	}
	e.memberOf = v.stillThere(e.memberOf)
	if itself != nil {
		e.exists, e.name, e.path, e.tags, e.boundary = true, itself.Name, itself.Path, itself.Tags, itself.Boundary
		e.unknown.Tags, e.unknown.Boundary = itself.Unknown.Tags, itself.Unknown.Boundary
		e.unknown.Attached = e.unknown.Attached || itself.Unknown.Attached
		if kind == RoleKind {
			e.trust = itself.Trust
		}
	}
	if e.exists {
		v.exclusive(e, about)
		v.takeAway(e, about)
		v.give(e, about)
	}
	return e
}

// stillThere are the groups of those that a user is in which do not go, by the names that they will have. One that is made in
// the place of another has no members.
func (v *view) stillThere(groups map[string]string) map[string]string {
	out := make(map[string]string, len(groups))
	for _, group := range groups {
		name := v.groupName(group)
		if len(editsAbout[RemoveIdentity](v.plan, subjectOf(GroupKind, group))) == 0 {
			out[ascii.Fold(name)] = name
		}
	}
	return out
}

// groupName is the name that a group will have.
func (v *view) groupName(name string) string {
	s := subjectOf(GroupKind, name)
	v.touched[s] = true
	for _, edit := range editsAbout[PlanIdentity](v.plan, s) {
		if edit.From != "" && ascii.EqualFold(edit.From, name) {
			return edit.Name
		}
	}
	return name
}

// exclusive keeps of the lists what is to be all that they have.
func (v *view) exclusive(e *draft, about []subject) {
	for _, only := range editsAbout[OnlyAttached](v.plan, about...) {
		e.attached = map[string]bool{}
		for _, arn := range only.ARNs {
			e.attached[arn] = true
		}
		e.unknown.Attached = e.unknown.Attached || only.Unknown
	}
	for _, only := range editsAbout[OnlyInline](v.plan, about...) {
		maps.DeleteFunc(e.inline, func(name string, _ InlinePolicy) bool {
			return !slices.ContainsFunc(only.Policies, func(kept string) bool { return ascii.Fold(kept) == name }) && !only.Unknown
		})
		e.unknown.Inline = e.unknown.Inline || only.Unknown
	}
	if about[0].kind != UserKind {
		return
	}
	concerned := slices.Clone(about)
	for group := range e.memberOf {
		concerned = append(concerned, subject{GroupKind, group})
	}
	for _, only := range editsAbout[OnlyMembers](v.plan, concerned...) {
		group := v.groupName(only.Group)
		switch {
		case slices.ContainsFunc(only.Users, func(user string) bool { return slices.Contains(about, subjectOf(UserKind, user)) }):
			e.memberOf[ascii.Fold(group)] = group
		default: // where there are further ones, any user may be one, see pendings
			delete(e.memberOf, ascii.Fold(group))
		}
	}
}

func (v *view) takeAway(e *draft, about []subject) {
	for _, edit := range editsAbout[Detach](v.plan, about...) {
		for _, arn := range edit.ARNs {
			delete(e.attached, arn)
		}
	}
	for _, edit := range editsAbout[RemoveInline](v.plan, about...) {
		delete(e.inline, ascii.Fold(edit.Policy))
	}
	for _, edit := range editsAbout[Leave](v.plan, about...) {
		for _, group := range edit.Groups {
			delete(e.memberOf, ascii.Fold(v.groupName(group)))
		}
	}
}

// give comes last: what one part of a configuration gives up and another takes over is there afterwards.
func (v *view) give(e *draft, about []subject) {
	for _, edit := range editsAbout[Attach](v.plan, about...) {
		for _, arn := range edit.ARNs {
			e.attached[arn] = true
		}
		e.unknown.Attached = e.unknown.Attached || edit.UnknownARN
	}
	for _, edit := range editsAbout[PutInline](v.plan, about...) {
		e.inline[ascii.Fold(edit.Policy.Name)] = edit.Policy
	}
	for _, edit := range editsAbout[Join](v.plan, about...) {
		for _, group := range edit.Groups {
			name := v.groupName(group)
			e.memberOf[ascii.Fold(name)] = name
		}
		e.unknown.Groups = e.unknown.Groups || edit.UnknownGroups
	}
}

// identity gathers a user or role with all that it has.
func (v *view) identity(kind Kind, name string) {
	e := v.compose(kind, name)
	if !e.exists {
		v.identities = append(v.identities, Remove(kind, name))
		return
	}
	groups := v.groupsOf(e)
	v.settle(e)
	inline, attached := e.lists()
	if kind == UserKind {
		v.identities = append(v.identities, User{
			Name: e.name, Path: e.path, ID: e.id, Tags: e.tags, Inline: inline, Attached: attached, Groups: groups, Boundary: e.boundary, Unknown: e.unknown,
		})
		return
	}
	r := e.role
	r.Name, r.Path, r.ID, r.Tags, r.Trust, r.Boundary, r.Unknown = e.name, e.path, e.id, e.tags, e.trust, e.boundary, e.unknown
	r.Inline, r.Attached = inline, attached
	v.identities = append(v.identities, r)
}

// groupsOf gathers the groups that a user is in.
func (v *view) groupsOf(e *draft) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Values(e.memberOf)) {
		g := v.compose(GroupKind, name)
		if !g.exists {
			// Members of a group that goes are so no longer; of one that is not planned yet, nothing is known.
			e.unknown.Groups = e.unknown.Groups || len(editsAbout[RemoveIdentity](v.plan, subjectOf(GroupKind, name))) == 0
			continue
		}
		names = append(names, g.name)
		if v.once(subjectOf(GroupKind, g.name)) {
			v.settle(g)
			inline, attached := g.lists()
			v.groups = append(v.groups, Group{Name: g.name, Path: g.path, ID: g.id, Inline: inline, Attached: attached, Unknown: g.unknown})
		}
	}
	return names
}

func (v *view) once(s subject) bool {
	if v.done == nil {
		v.done = Touched{}
	}
	first := !v.done[s]
	v.done[s] = true
	return first
}

// settle gathers the managed policies that an entry has. Those that will be gone it will not have, or the plan will fail;
// of those that there are not yet, nothing is known.
func (v *view) settle(e *draft) {
	for _, arn := range slices.Sorted(maps.Keys(e.attached)) {
		switch v.policy(arn) {
		case isGone:
			delete(e.attached, arn)
		case isNowhere:
			delete(e.attached, arn)
			e.unknown.Attached = true
		}
	}
	if e.boundary != "" && v.policy(e.boundary) != isThere {
		e.boundary, e.unknown.Boundary = "", true
	}
}

type whereabouts uint8

const (
	isThere whereabouts = iota
	isGone
	isNowhere
)

// policy gathers a managed policy as it will be.
func (v *view) policy(arn string) whereabouts {
	s := subjectOf(PolicyKind, arn)
	v.touched[s] = true
	live, isLive := v.plan.live.Policy(arn)
	put := editsAbout[PutPolicy](v.plan, s)
	switch {
	case len(put) > 0:
		if v.once(s) {
			if !isLive || len(editsAbout[RemovePolicy](v.plan, s)) > 0 {
				live = Policy{ARN: arn}
			}
			const version = "planned"
			live.Default, live.Versions = version, []Version{{ID: version, Document: put[len(put)-1].Document}}
			v.policies = append(v.policies, live)
		}
		return isThere
	case len(editsAbout[RemovePolicy](v.plan, s)) > 0:
		return isGone
	case isLive:
		return isThere
	}
	return isNowhere
}

func (e *draft) lists() (inline []InlinePolicy, attached []string) {
	for _, name := range slices.Sorted(maps.Keys(e.inline)) {
		inline = append(inline, e.inline[name])
	}
	return inline, slices.Sorted(maps.Keys(e.attached))
}

// pendings gathers what will be given to someone whose name is known only later.
func (v *view) pendings() {
	for _, kind := range []Kind{UserKind, GroupKind, RoleKind} {
		s := whoever(kind)
		number := 0
		add := func(one Pending) {
			one.Key, one.To = fmt.Sprintf("planned %s %d", kind, number), kind
			number++
			v.pending = append(v.pending, one)
		}
		for _, edit := range editsAbout[Attach](v.plan, s) {
			one := Pending{Unknown: Unknown{Attached: edit.UnknownARN}}
			for _, arn := range edit.ARNs {
				if v.policy(arn) == isThere {
					one.Attached = append(one.Attached, arn)
				} else {
					one.Unknown.Attached = true
				}
			}
			add(one)
		}
		for _, edit := range editsAbout[PutInline](v.plan, s) {
			add(Pending{Inline: []InlinePolicy{edit.Policy}})
		}
		for _, edit := range editsAbout[Join](v.plan, s) {
			one := Pending{Unknown: Unknown{Groups: edit.UnknownGroups}}
			for _, group := range edit.Groups {
				v.join(&one, group)
			}
			add(one)
		}
		for _, edit := range editsAbout[OnlyMembers](v.plan, s) {
			var one Pending
			v.join(&one, edit.Group)
			add(one)
		}
	}
}

// join notes that someone will be in a group, if there will be such a group.
func (v *view) join(one *Pending, group string) {
	joined := &draft{memberOf: map[string]string{"": v.groupName(group)}}
	one.Groups = append(one.Groups, v.groupsOf(joined)...)
	one.Unknown.Groups = one.Unknown.Groups || joined.unknown.Groups
}
