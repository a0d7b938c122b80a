package accesscheck

import (
	"reflect"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// entity is a user, group or role with the parts that decide about access.
type entity struct {
	kind             account.Kind
	name             string
	id, path         string
	boundary         string
	tags             map[account.Tag]bool
	inline           map[string]account.InlinePolicy // by name in lower case
	attached, groups map[string]string               // as written, by themselves in lower case for groups
	trust            account.Document
	unknown          account.Unknown
}

// entitiesOf returns the users, groups and roles of an account by kind and name in lower case, and their order.
func entitiesOf(acc *account.Account) (byName map[owner]*entity, order []owner) {
	byName = map[owner]*entity{}
	add := func(e entity, inline []account.InlinePolicy, attached, groups []string, tags []account.Tag) {
		e.inline, e.attached, e.groups = map[string]account.InlinePolicy{}, map[string]string{}, map[string]string{}
		e.tags = tagSet(tags)
		for _, p := range inline {
			e.inline[ascii.Fold(p.Name)] = p
		}
		for _, arn := range attached {
			e.attached[arn] = arn
		}
		for _, g := range groups {
			e.groups[ascii.Fold(g)] = g
		}
		key := ownerOf(e.kind, e.name)
		byName[key] = &e
		order = append(order, key)
	}
	for _, u := range acc.Users() {
		add(entity{kind: account.UserKind, name: u.Name, id: u.ID, path: u.Path, boundary: u.Boundary, unknown: u.Unknown},
			u.Inline, u.Attached, u.Groups, u.Tags)
	}
	for _, g := range acc.Groups() {
		add(entity{kind: account.GroupKind, name: g.Name, id: g.ID, path: g.Path, unknown: g.Unknown}, g.Inline, g.Attached,
			nil, nil)
	}
	for _, r := range acc.Roles() {
		add(entity{kind: account.RoleKind, name: r.Name, id: r.ID, path: r.Path, boundary: r.Boundary, trust: r.Trust,
			unknown: r.Unknown}, r.Inline, r.Attached, nil, r.Tags)
	}
	return byName, order
}

func tagSet(tags []account.Tag) map[account.Tag]bool {
	out := map[account.Tag]bool{}
	for _, t := range tags {
		out[t] = true
	}
	return out
}

// owner names a user, group, role or managed policy. Names are in lower case.
type owner struct {
	kind account.Kind
	name string
}

func ownerOf(kind account.Kind, name string) owner {
	if kind != account.PolicyKind {
		name = ascii.Fold(name)
	}
	return owner{kind, name}
}

// differentParts returns the parts of two accounts that differ in a way that may decide about access: users, groups,
// roles and managed policies first by kind, then by name. A user, group or role that only one account has differs in
// all its parts.
func differentParts(before, after *account.Account) []Object {
	old, oldOrder := entitiesOf(before)
	updated, order := entitiesOf(after)
	for _, key := range oldOrder {
		if updated[key] == nil {
			order = append(order, key)
		}
	}
	var out []Object
	for _, key := range order {
		out = appendDifferent(out, old[key], updated[key])
	}
	return append(out, differentPolicies(before, after)...)
}

// appendDifferent appends the parts of a user, group or role that differ. One of the entities may be nil.
func appendDifferent(out []Object, a, b *entity) []Object {
	some := b
	if some == nil {
		some = a
	}
	object := Object{Kind: some.kind, Name: some.name}
	both := a != nil && b != nil
	none := &entity{}
	if a == nil {
		a = none
	}
	if b == nil {
		b = none
	}
	if !both || a.id != b.id || a.path != b.path || a.boundary != b.boundary || a.unknown != b.unknown ||
		!reflect.DeepEqual(a.tags, b.tags) {
		out = append(out, object)
	}
	if some.kind == account.RoleKind && (!both || !sameDocument(a.trust, b.trust)) {
		trust := object
		trust.Trust = true
		out = append(out, trust)
	}
	for _, name := range keysOf(a.inline, b.inline) {
		one, hadIt := a.inline[name]
		other, hasIt := b.inline[name]
		if hadIt && hasIt && sameDocument(one.Document, other.Document) {
			continue
		}
		part := object
		if part.Inline = other.Name; !hasIt {
			part.Inline = one.Name
		}
		out = append(out, part)
	}
	for _, arn := range missingIn(a.attached, b.attached) {
		part := object
		part.Attached = arn
		out = append(out, part)
	}
	for _, group := range missingIn(a.groups, b.groups) {
		part := object
		part.Group = group
		out = append(out, part)
	}
	return out
}

// missingIn returns the values that only one of two maps has, sorted.
func missingIn(a, b map[string]string) (out []string) {
	for _, key := range keysOf(a, b) {
		one, inA := a[key]
		other, inB := b[key]
		if inA != inB {
			if !inA {
				one = other
			}
			out = append(out, one)
		}
	}
	return out
}

// keysOf returns the keys of two maps, sorted.
func keysOf[V any](a, b map[string]V) []string {
	var out []string
	for key := range a {
		out = append(out, key)
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			out = append(out, key)
		}
	}
	slices.Sort(out)
	return out
}

// differentPolicies returns the managed policies of which only one account has some version, or of which the default
// versions or the tags differ.
func differentPolicies(before, after *account.Account) (out []Object) {
	arns := slices.Concat(before.ARNs(account.PolicyKind), after.ARNs(account.PolicyKind))
	slices.Sort(arns)
	for _, arn := range slices.Compact(arns) {
		old, hadIt := before.Policy(arn)
		updated, hasIt := after.Policy(arn)
		if hadIt && hasIt && samePolicy(&old, &updated) {
			continue
		}
		out = append(out, Object{Kind: account.PolicyKind, Name: arn})
	}
	return out
}

func samePolicy(a, b *account.Policy) bool {
	return sameDocument(defaultDocument(a), defaultDocument(b)) && a.Unattachable == b.Unattachable &&
		reflect.DeepEqual(tagSet(a.Tags), tagSet(b.Tags)) && hasDocuments(a, b.Versions) && hasDocuments(b, a.Versions)
}

// hasDocuments reports whether a policy has the document of each version. The number of versions does not count,
// because a planned policy may have the same document in the existing version and in a planned one.
func hasDocuments(p *account.Policy, versions []account.Version) bool {
	return !slices.ContainsFunc(versions, func(v account.Version) bool {
		return !slices.ContainsFunc(p.Versions, func(w account.Version) bool { return sameDocument(v.Document, w.Document) })
	})
}

func defaultDocument(p *account.Policy) account.Document {
	for _, v := range p.Versions {
		if v.ID == p.Default {
			return v.Document
		}
	}
	return account.Document{}
}

// sameDocument reports whether two documents have the same canonical form. Documents with parts that are not known are
// the same only if all known parts are the same, too.
func sameDocument(a, b account.Document) bool {
	one, isText := a.Text()
	other, isTextToo := b.Text()
	if isText && isTextToo && one == other {
		return true
	}
	first, err := a.Policy()
	if err != nil {
		return false
	}
	second, err := b.Policy()
	return err == nil && (policy.Equal(first, second) || !first.Known() && reflect.DeepEqual(first, second))
}
