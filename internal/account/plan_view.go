package account

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// View returns the account with the edits about some users, roles and sessions, which the caller names as in
// [Account.Principal], and about groups, which it names by ARN. It applies the edits of these principals, their groups
// and their policies, and of all roles and managed policies. Other users and groups are as in the live account. View
// ignores a name that no user, group or role has.
//
// The touched set contains the entities that determine the access of the named principals, without the roles that they
// may assume.
//
// Terraform plans resources one after another. An edit may therefore name something that is not planned yet, or that
// another edit removes first. Answers that depend on it are then unknown.
func (p *Plan) View(principals ...string) (*Account, Touched, error) {
	v := newView(p)
	for _, text := range principals {
		for _, s := range p.subjectsNamed(text) {
			if s.kind == GroupKind {
				v.groupsOf(&draft{memberOf: map[string]string{"": v.groupName(s.name)}})
				continue
			}
			v.addIdentity(s.kind, s.name)
		}
	}
	of, err := v.account()
	return of, v.touched, err
}

// Whole returns the account with all edits. As in [Plan.View], answers that depend on something that is not planned yet
// are unknown.
func (p *Plan) Whole() (*Account, error) {
	v := newView(p)
	users, groups := map[subject]bool{}, map[subject]bool{}
	var removed []Change
	removedPolicies := map[string]bool{}
	for _, u := range p.live.Users() { // the edits of a group or policy change them, too
		users[subjectOf(UserKind, u.Name)] = true
	}
	for s := range p.index {
		switch {
		case s == unnamedSubject(s.kind):
		case s.kind == UserKind:
			users[s] = true
		case s.kind == GroupKind:
			groups[s] = true
		case s.kind == PolicyKind && len(editsAbout[RemovePolicy](p, s)) > 0 && len(editsAbout[PutPolicy](p, s)) == 0:
			removed = append(removed, Remove(PolicyKind, s.name))
			removedPolicies[s.name] = true
		}
	}
	if len(removed) > 0 { // their removal detaches them from groups and roles that no edit names
		uses := func(arn string) bool { return removedPolicies[arn] }
		for _, g := range p.live.Groups() {
			if slices.ContainsFunc(g.Attached, uses) {
				groups[subjectOf(GroupKind, g.Name)] = true
			}
		}
		for _, r := range p.live.Roles() {
			if slices.ContainsFunc(r.Attached, uses) || uses(r.Boundary) {
				v.addIdentity(RoleKind, r.Name)
			}
		}
	}
	for s := range users {
		v.addIdentity(UserKind, s.name)
	}
	for s := range groups {
		if v.compose(GroupKind, s.name).exists {
			v.groupsOf(&draft{memberOf: map[string]string{"": s.name}})
		} else {
			removed = append(removed, Remove(GroupKind, s.name))
		}
	}
	of, err := v.account()
	if err != nil {
		return nil, err
	}
	return of.With(removed...)
}

func newView(p *Plan) *view {
	return &view{plan: p, touched: Touched{
		unnamedSubject(UserKind): true, unnamedSubject(GroupKind): true, unnamedSubject(RoleKind): true,
	}}
}

// account returns the live account with the collected changes.
func (v *view) account() (*Account, error) {
	v.addPending()
	// Policies come first and groups before users, since users and roles refer to groups, and all of them to policies.
	if err := v.plan.updateBase(); err != nil {
		return nil, err
	}
	return v.plan.base.With(slices.Concat(v.policies, v.groups, v.identities, v.pending)...)
}

// WithRoles returns an account, which [Plan.View] returned before, with some roles as the plan has them now.
func (p *Plan) WithRoles(view *Account, names []string) (*Account, error) {
	if err := p.updateBase(); err != nil {
		return nil, err
	}
	var changes []Change
	for _, name := range names {
		if role, ok := p.base.Role(name); ok {
			changes = append(changes, role)
		}
	}
	return view.With(changes...)
}

// subjectsNamed returns the users and roles that a text may name. A name without an ARN may belong to a user
// or to a role.
func (p *Plan) subjectsNamed(text string) []subject {
	if kind, arn, ok := p.live.ByID(text); ok {
		return []subject{{kind, p.NameOf(kind, arn[strings.LastIndex(arn, "/")+1:])}}
	}
	if !strings.HasPrefix(text, "arn:") {
		return []subject{{UserKind, text}, {RoleKind, text}}
	}
	if group, ok := GroupName(text); ok {
		return []subject{{GroupKind, group}}
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

// GroupName returns the name of the group with an ARN. ok is false for the ARN of anything else.
func GroupName(arn string) (name string, ok bool) {
	parsed, err := policy.ParseARN(arn)
	if err != nil || parsed.Service != "iam" || !strings.HasPrefix(parsed.Resource, "group/") {
		return "", false
	}
	return parsed.Resource[strings.LastIndex(parsed.Resource, "/")+1:], true
}

// view collects the changes that make up a view.
type view struct {
	plan    *Plan
	touched Touched
	visited Touched // the subjects collected already

	policies, groups, identities, pending []Change
}

// draft is a planned user, group or role, with its lists by name.
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
	// replaced says that the plan removes the entity and creates it again. What belongs to the old one is lost, unless
	// applying the plan adds it again.
	replaced bool

	role Role // the other fields of a role
}

// liveDraft returns the live user, group or role as a draft.
func (p *Plan) liveDraft(kind Kind, name string) *draft {
	e := &draft{name: name, path: "/", inline: map[string]InlinePolicy{}, attached: map[string]bool{},
		memberOf: map[string]string{}}
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

// compose returns the planned user, group or role with this name. In the result, exists is false if the planned account
// does not have it.
func (v *view) compose(kind Kind, name string) *draft {
	p, subjects := v.plan, []subject{subjectOf(kind, name)}
	v.touched[subjects[0]] = true
	planned, renamed := p.plannedIdentity(subjects[0])
	removed := len(editsAbout[RemoveIdentity](p, subjects[0])) > 0
	replaced := p.replaces(subjects[0])
	var e *draft
	switch {
	case planned == nil && (removed || renamed):
		return &draft{name: name}
	case planned == nil:
		e = p.liveDraft(kind, name)
	case planned.From != "":
		e = p.liveDraft(kind, planned.From)
		if from := subjectOf(kind, planned.From); from != subjects[0] {
			subjects = append(subjects, from)
			v.touched[from] = true
		}
	case replaced: // the new one starts without policies
		e = p.liveDraft(kind, "")
		e.replaced = true
	default:
		e = p.liveDraft(kind, name)
	}
	e.memberOf = v.remainingGroups(e.memberOf)
	if planned != nil {
		e.exists, e.name, e.path, e.tags, e.boundary = true, planned.Name, planned.Path, planned.Tags, planned.Boundary
		e.unknown.Tags, e.unknown.Boundary = planned.Unknown.Tags, planned.Unknown.Boundary
		e.unknown.Attached = e.unknown.Attached || planned.Unknown.Attached
		if kind == RoleKind {
			e.trust = planned.Trust
		}
	}
	if e.exists {
		v.applyObserved(e, subjects)
		v.applyExclusive(e, subjects)
		v.applyRemovals(e, subjects)
		v.applyAdditions(e, subjects)
	}
	return e
}

// plannedIdentity returns the edit that creates or changes the entity with a name. renamed reports that the present
// owner of the name gets another one. Of a creation and a change of the entity, the creation is the edit: Terraform
// first plans to keep an entity that it is told to replace.
func (p *Plan) plannedIdentity(s subject) (planned *PlanIdentity, renamed bool) {
	for _, edit := range editsAbout[PlanIdentity](p, s) {
		switch {
		case !ascii.EqualFold(edit.Name, s.name):
			renamed = true
		case planned == nil || edit.From == "":
			planned = &edit
		}
	}
	return planned, renamed
}

// replaces reports whether the plan removes an entity and creates another one with the same name.
func (p *Plan) replaces(s subject) bool {
	created, existing := false, len(editsAbout[RemoveIdentity](p, s)) > 0
	for _, edit := range editsAbout[PlanIdentity](p, s) {
		created = created || edit.From == "" && ascii.EqualFold(edit.Name, s.name)
		existing = existing || ascii.EqualFold(edit.From, s.name)
	}
	return created && existing
}

// ReplacesAny reports whether one of the edits plans a user, group or role that the plan replaces.
func (p *Plan) ReplacesAny(edits ...Edit) bool {
	return slices.ContainsFunc(edits, func(e Edit) bool {
		identity, ok := e.(PlanIdentity)
		return ok && p.Replaces(identity.Kind, identity.Name)
	})
}

// Replaces reports whether the plan removes a user, group or role and creates another one with the same name.
func (p *Plan) Replaces(kind Kind, name string) bool { return p.replaces(subjectOf(kind, name)) }

// LostWith returns the keys of the edits that keep something of a user, group or role which the plan replaces. Applying
// the plan removes it together with its owner, and does not add it again.
func (p *Plan) LostWith(kind Kind, name string) []string {
	s := subjectOf(kind, name)
	if !p.replaces(s) {
		return nil
	}
	var lost []string
	for _, key := range slices.Sorted(maps.Keys(p.index[s])) {
		if slices.ContainsFunc(p.edits[key], func(e Edit) bool { return IsKept(e) && slices.Contains(e.subjects(), s) }) {
			lost = append(lost, key)
		}
	}
	return lost
}

// IsKept reports whether an edit only keeps something that exists already. Applying the plan makes no call for it.
func IsKept(e Edit) bool {
	switch e := e.(type) {
	case Attach:
		return e.Kept
	case PutInline:
		return e.Kept
	case Observed:
		return true
	case Join:
		return e.Kept
	case OnlyAttached:
		return e.Kept
	case OnlyMembers:
		return e.Kept
	}
	return false
}

// remainingGroups returns the groups that no edit removes, by their planned names. A group that replaces another one
// starts without members.
func (v *view) remainingGroups(groups map[string]string) map[string]string {
	out := make(map[string]string, len(groups))
	for _, group := range groups {
		name := v.groupName(group)
		s := subjectOf(GroupKind, group)
		if len(editsAbout[RemoveIdentity](v.plan, s)) == 0 && !v.plan.replaces(s) {
			out[ascii.Fold(name)] = name
		}
	}
	return out
}

// groupName returns the planned name of a group.
func (v *view) groupName(name string) string {
	v.touched[subjectOf(GroupKind, name)] = true
	return v.plan.NameOf(GroupKind, name)
}

// NameOf returns the planned name of the user, group or role with this present name.
func (p *Plan) NameOf(kind Kind, present string) string {
	for _, edit := range editsAbout[PlanIdentity](p, subjectOf(kind, present)) {
		if edit.From != "" && ascii.EqualFold(edit.From, present) {
			return edit.Name
		}
	}
	return present
}

// applyObserved adds what Terraform found an entity to have. An entity that replaces another one has nothing of it.
func (v *view) applyObserved(e *draft, subjects []subject) {
	if e.replaced {
		return
	}
	for _, edit := range editsAbout[Observed](v.plan, subjects...) {
		for _, arn := range edit.ARNs {
			e.attached[arn] = true
		}
		for _, policy := range edit.Inline {
			e.inline[ascii.Fold(policy.Name)] = policy
		}
	}
}

// applyExclusive reduces the lists to the members that the edits OnlyAttached, OnlyInline and OnlyMembers name.
func (v *view) applyExclusive(e *draft, subjects []subject) {
	for _, only := range editsAbout[OnlyAttached](v.plan, subjects...) {
		if only.Kept && e.replaced {
			continue
		}
		e.attached = map[string]bool{}
		for _, arn := range only.ARNs {
			e.attached[arn] = true
		}
		e.unknown.Attached = e.unknown.Attached || only.Unknown
	}
	for _, only := range editsAbout[OnlyInline](v.plan, subjects...) {
		maps.DeleteFunc(e.inline, func(name string, _ InlinePolicy) bool {
			return !slices.ContainsFunc(only.Policies, func(p string) bool { return ascii.Fold(p) == name }) && !only.Unknown
		})
		e.unknown.Inline = e.unknown.Inline || only.Unknown
	}
	if subjects[0].kind != UserKind {
		return
	}
	userAndGroups := slices.Clone(subjects)
	for group := range e.memberOf {
		userAndGroups = append(userAndGroups, subject{GroupKind, group})
	}
	for _, only := range editsAbout[OnlyMembers](v.plan, userAndGroups...) {
		group := v.groupName(only.Group)
		if only.Kept && (e.replaced || v.plan.Replaces(GroupKind, only.Group)) {
			delete(e.memberOf, ascii.Fold(group))
			continue
		}
		switch {
		case slices.ContainsFunc(only.Users,
			func(user string) bool { return slices.Contains(subjects, subjectOf(UserKind, user)) }):
			e.memberOf[ascii.Fold(group)] = group
		default: // addPending handles a member that is unknown and may be this user
			delete(e.memberOf, ascii.Fold(group))
		}
	}
}

// applyRemovals detaches policies, removes inline policies and leaves groups.
func (v *view) applyRemovals(e *draft, subjects []subject) {
	for _, edit := range editsAbout[Detach](v.plan, subjects...) {
		for _, arn := range edit.ARNs {
			delete(e.attached, arn)
		}
	}
	for _, edit := range editsAbout[RemoveInline](v.plan, subjects...) {
		delete(e.inline, ascii.Fold(edit.Policy))
	}
	for _, edit := range editsAbout[Leave](v.plan, subjects...) {
		for _, group := range edit.Groups {
			delete(e.memberOf, ascii.Fold(v.groupName(group)))
		}
	}
}

// applyAdditions attaches policies, adds inline policies and joins groups. It comes after applyRemovals, because one
// resource may remove something that another resource adds.
func (v *view) applyAdditions(e *draft, subjects []subject) {
	for _, edit := range editsAbout[Attach](v.plan, subjects...) {
		if edit.Kept && e.replaced {
			continue
		}
		for _, arn := range edit.ARNs {
			e.attached[arn] = true
		}
		e.unknown.Attached = e.unknown.Attached || edit.UnknownARN
	}
	for _, edit := range editsAbout[PutInline](v.plan, subjects...) {
		if edit.Kept && e.replaced {
			continue
		}
		e.inline[ascii.Fold(edit.Policy.Name)] = edit.Policy
	}
	for _, edit := range editsAbout[Join](v.plan, subjects...) {
		for _, group := range edit.Groups {
			if edit.Kept && (e.replaced || v.plan.Replaces(GroupKind, group)) {
				continue
			}
			name := v.groupName(group)
			e.memberOf[ascii.Fold(name)] = name
		}
		e.unknown.Groups = e.unknown.Groups || edit.UnknownGroups
	}
}

// addIdentity collects a user or role with its groups and policies.
func (v *view) addIdentity(kind Kind, name string) {
	e := v.compose(kind, name)
	if !e.exists {
		v.identities = append(v.identities, Remove(kind, name))
		return
	}
	groups := v.groupsOf(e)
	v.resolvePolicies(e)
	inline, attached := e.lists()
	if kind == UserKind {
		v.identities = append(v.identities, User{
			Name: e.name, Path: e.path, ID: e.id, Tags: e.tags, Inline: inline, Attached: attached, Groups: groups,
			Boundary: e.boundary, Unknown: e.unknown,
		})
		return
	}
	r := e.role
	r.Name, r.Path, r.ID, r.Tags, r.Trust, r.Boundary, r.Unknown = e.name, e.path, e.id, e.tags, e.trust, e.boundary,
		e.unknown
	r.Inline, r.Attached = inline, attached
	v.identities = append(v.identities, r)
}

// groupsOf collects the groups of a user and returns their names.
func (v *view) groupsOf(e *draft) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Values(e.memberOf)) {
		g := v.compose(GroupKind, name)
		if !g.exists {
			// A removed group has no members. If no edit removes the group, a later edit may create it with unknown policies.
			e.unknown.Groups = e.unknown.Groups || len(editsAbout[RemoveIdentity](v.plan, subjectOf(GroupKind, name))) == 0
			continue
		}
		names = append(names, g.name)
		if v.firstVisit(subjectOf(GroupKind, g.name)) {
			v.resolvePolicies(g)
			inline, attached := g.lists()
			v.groups = append(v.groups,
				Group{Name: g.name, Path: g.path, ID: g.id, Inline: inline, Attached: attached, Unknown: g.unknown})
		}
	}
	return names
}

// firstVisit marks s as collected. It reports whether this is the first call for s.
func (v *view) firstVisit(s subject) bool {
	if v.visited == nil {
		v.visited = Touched{}
	}
	first := !v.visited[s]
	v.visited[s] = true
	return first
}

// resolvePolicies collects the managed policies of a draft. It leaves out policies that the plan removes, because
// Terraform detaches a policy before it removes it. A policy that is not planned yet makes the draft's
// policies unknown.
func (v *view) resolvePolicies(e *draft) {
	for _, arn := range slices.Sorted(maps.Keys(e.attached)) {
		switch v.addPolicy(arn) {
		case policyRemoved:
			delete(e.attached, arn)
		case policyMissing:
			delete(e.attached, arn)
			e.unknown.Attached = true
		}
	}
	if e.boundary != "" && v.addPolicy(e.boundary) != policyExists {
		e.boundary, e.unknown.Boundary = "", true
	}
}

// policyState tells whether a managed policy exists after the plan is applied.
type policyState uint8

const (
	policyExists  policyState = iota
	policyRemoved             // the plan removes it
	policyMissing             // neither the account nor the plan has it
)

// addPolicy collects a planned managed policy.
func (v *view) addPolicy(arn string) policyState {
	s := subjectOf(PolicyKind, arn)
	v.touched[s] = true
	live, isLive := v.plan.live.Policy(arn)
	put := editsAbout[PutPolicy](v.plan, s)
	switch {
	case len(put) > 0:
		if v.firstVisit(s) {
			if !isLive || len(editsAbout[RemovePolicy](v.plan, s)) > 0 {
				live = Policy{ARN: arn}
			}
			const version = "planned"
			live.Default, live.Versions = version, []Version{{ID: version, Document: put[len(put)-1].Document}}
			v.policies = append(v.policies, live)
		}
		return policyExists
	case len(editsAbout[RemovePolicy](v.plan, s)) > 0:
		return policyRemoved
	case isLive:
		return policyExists
	}
	if p, ok := v.plan.awsPolicy(arn); ok {
		if v.firstVisit(s) {
			v.policies = append(v.policies, p)
		}
		return policyExists
	}
	return policyMissing
}

// awsPolicy returns a managed policy of AWS that the account does not use yet.
func (p *Plan) awsPolicy(arn string) (Policy, bool) {
	if found, ok := p.awsPolicies[arn]; ok {
		return found, true
	}
	found, ok := p.live.AWSPolicy(arn)
	if !ok {
		return Policy{}, false
	}
	p.awsPolicies[arn] = found
	p.live.prepare(authz.Identity, arn, found.Versions[0].Document, &p.compiledAWSPolicies)
	return found, true
}

func (e *draft) lists() (inline []InlinePolicy, attached []string) {
	for _, name := range slices.Sorted(maps.Keys(e.inline)) {
		inline = append(inline, e.inline[name])
	}
	for _, arn := range slices.Sorted(maps.Keys(e.attached)) {
		if !containsFold(attached, arn) { // edits may differ in the case of an ARN
			attached = append(attached, arn)
		}
	}
	return inline, attached
}

// addPending collects the edits about users, groups and roles with unknown names.
func (v *view) addPending() {
	for _, kind := range []Kind{UserKind, GroupKind, RoleKind} {
		s := unnamedSubject(kind)
		number := 0
		add := func(entry Pending) {
			entry.Key, entry.To = fmt.Sprintf("planned %s %d", kind, number), kind
			number++
			v.pending = append(v.pending, entry)
		}
		for _, edit := range editsAbout[Attach](v.plan, s) {
			entry := Pending{Unknown: Unknown{Attached: edit.UnknownARN}}
			for _, arn := range edit.ARNs {
				if v.addPolicy(arn) == policyExists {
					entry.Attached = append(entry.Attached, arn)
				} else {
					entry.Unknown.Attached = true
				}
			}
			add(entry)
		}
		for _, edit := range editsAbout[PutInline](v.plan, s) {
			add(Pending{Inline: []InlinePolicy{edit.Policy}})
		}
		for _, edit := range editsAbout[Join](v.plan, s) {
			entry := Pending{Unknown: Unknown{Groups: edit.UnknownGroups}}
			for _, group := range edit.Groups {
				v.addGroup(&entry, group)
			}
			add(entry)
		}
		for _, edit := range editsAbout[OnlyMembers](v.plan, s) {
			var entry Pending
			v.addGroup(&entry, edit.Group)
			add(entry)
		}
	}
}

// addGroup adds a group to a pending entry, if the group exists after the plan is applied.
func (v *view) addGroup(entry *Pending, group string) {
	joined := &draft{memberOf: map[string]string{"": v.groupName(group)}}
	for _, name := range v.groupsOf(joined) {
		if !containsFold(entry.Groups, name) { // another name in the edit may be the present name of the same group
			entry.Groups = append(entry.Groups, name)
		}
	}
	entry.Unknown.Groups = entry.Unknown.Groups || joined.unknown.Groups
}
