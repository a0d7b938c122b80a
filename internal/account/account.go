package account

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// Account is one account. It does not change, and goroutines may share it.
type Account struct {
	id, partition string

	users, roles hashTrie[*identity]
	groups       register[identity]
	policies     register[managed]

	// identities and policyIDs find users, groups, roles and policies by unique id.
	identities hashTrie[*identity]
	policyIDs  hashTrie[*managed]

	pending []*pending
	library *library

	awsPolicies PolicySource // nil if only the policies of the account are known

	assertions AssertionDetails
}

// New returns an empty account in the partition aws. id has 12 digits.
func New(id string) *Account { return NewIn("aws", id) }

// NewIn returns an empty account in a partition, such as aws-us-gov.
func NewIn(partition, id string) *Account {
	byName := hashTrie[*identity]{key: func(i *identity) string { return i.name }}
	return &Account{
		id: id, partition: partition,
		users: byName, roles: byName,
		groups: newRegister[identity](), policies: newRegister[managed](),
		identities: hashTrie[*identity]{key: func(i *identity) string { return i.id }},
		policyIDs:  hashTrie[*managed]{key: func(m *managed) string { return m.id }},
		library:    newLibrary(),
	}
}

// ID returns the account's id.
func (a *Account) ID() string { return a.id }

// ARN returns the ARN that a user, group, role or policy of the account has with
// this path and name. It does not check whether it exists.
func (a *Account) ARN(kind Kind, path, name string) string {
	return "arn:" + a.partition + ":iam::" + a.id + ":" + kind.String() + path + name
}

// RootARN returns the ARN of the account's root user.
func (a *Account) RootARN() string { return "arn:" + a.partition + ":iam::" + a.id + ":root" }

// ARNs returns the ARNs of all users, groups, roles or managed policies, sorted by name, and for policies by ARN.
func (a *Account) ARNs(kind Kind) []string {
	switch kind {
	case UserKind:
		return values(a.users.sorted(), a.arn)
	case RoleKind:
		return values(a.roles.sorted(), a.arn)
	case GroupKind:
		return values(a.groups.all(), a.arn)
	}
	return values(a.policies.all(), (*managed).String)
}

// ByID returns the kind and ARN of the user, group, role or policy with a unique id.
func (a *Account) ByID(id string) (kind Kind, arn string, ok bool) {
	if i, ok := a.identities.get(id); ok {
		return i.kind, a.arn(i), true
	}
	if m, ok := a.policyIDs.get(id); ok {
		return PolicyKind, m.arn, true
	}
	return AnyKind, "", false
}

// IDOf returns the unique id of the user, group or role with a name. It is empty if there is none.
func (a *Account) IDOf(kind Kind, name string) string {
	if i := a.identity(kind, name); i != nil {
		return i.id
	}
	return ""
}

// HasPending reports whether the account has policies or memberships whose owner is not known. See [Pending].
func (a *Account) HasPending() bool { return len(a.pending) > 0 }

// IsMember reports whether a user is in a group.
func (a *Account) IsMember(user, group string) bool {
	i, s := a.identity(UserKind, user), a.groups.slotOf(group)
	return i != nil && s != 0 && slices.Contains(i.references[i.attached:], s)
}

// HasInline reports whether a user, group or role has an inline policy with a name.
func (a *Account) HasInline(kind Kind, owner, name string) bool {
	i := a.identity(kind, owner)
	return i != nil && i.extras != nil &&
		slices.ContainsFunc(i.extras.inline, func(p inline) bool { return ascii.EqualFold(p.name, name) })
}

// PolicyNamed returns the ARN of the account's managed policy with a name, in any path. It is empty if there is none.
func (a *Account) PolicyNamed(name string) string {
	for _, m := range a.policies.all() {
		if _, found := policyName(m.arn); ascii.EqualFold(found, name) {
			return m.arn
		}
	}
	return ""
}

// NameOf returns the name of the user, group or role with a unique id.
func (a *Account) NameOf(kind Kind, id string) (string, bool) {
	i, ok := a.identities.get(id)
	if !ok || i.kind != kind {
		return "", false
	}
	return i.name, true
}

func (a *Account) arn(i *identity) string { return a.ARN(i.kind, i.path, i.name) }

func (a *Account) identity(kind Kind, name string) *identity {
	switch kind {
	case UserKind:
		i, _ := a.users.get(name)
		return i
	case RoleKind:
		i, _ := a.roles.get(name)
		return i
	case GroupKind:
		return a.groups.get(name)
	}
	return nil
}

// User returns the user with a name.
func (a *Account) User(name string) (User, bool) {
	if i, ok := a.users.get(name); ok {
		return a.user(i), true
	}
	return User{}, false
}

// Group returns the group with a name.
func (a *Account) Group(name string) (Group, bool) {
	if i := a.groups.get(name); i != nil {
		return a.group(i), true
	}
	return Group{}, false
}

// Role returns the role with a name.
func (a *Account) Role(name string) (Role, bool) {
	if i, ok := a.roles.get(name); ok {
		return a.role(i), true
	}
	return Role{}, false
}

// Policy returns the managed policy with an ARN.
func (a *Account) Policy(arn string) (Policy, bool) {
	if m := a.policies.get(arn); m != nil {
		return m.value(), true
	}
	return Policy{}, false
}

// Users returns all users, sorted by name.
func (a *Account) Users() []User { return values(a.users.sorted(), a.user) }

// Groups returns all groups, sorted by name.
func (a *Account) Groups() []Group { return values(a.groups.all(), a.group) }

// Roles returns all roles, sorted by name.
func (a *Account) Roles() []Role { return values(a.roles.sorted(), a.role) }

// ManagedPolicies returns all managed policies, including AWS's own, sorted by ARN.
func (a *Account) ManagedPolicies() []Policy { return values(a.policies.all(), (*managed).value) }

func values[R, V any](records []R, value func(R) V) []V {
	out := make([]V, len(records))
	for i, r := range records {
		out[i] = value(r)
	}
	return out
}

func (a *Account) user(i *identity) User {
	return User{
		Name: i.name, Path: i.path, ID: i.id, Created: timeOf(i.created), Tags: slices.Clone(i.extraFields().tags),
		Inline:   i.inlinePolicies(),
		Attached: a.attachedARNs(i), Groups: a.groupNames(i.groups()), Boundary: a.boundaryARN(i),
		Unknown: i.extraFields().unknown,
	}
}

func (a *Account) group(i *identity) Group {
	return Group{
		Name: i.name, Path: i.path, ID: i.id, Created: timeOf(i.created), Inline: i.inlinePolicies(),
		Attached: a.attachedARNs(i), Unknown: i.extraFields().unknown,
	}
}

func (a *Account) role(i *identity) Role {
	r := i.extras.role
	profiles := make([]json.RawMessage, len(r.instanceProfiles))
	for k, p := range r.instanceProfiles {
		profiles[k] = slices.Clone(p)
	}
	return Role{
		Name: i.name, Path: i.path, ID: i.id, Description: r.description, Created: timeOf(i.created),
		MaxSessionDuration: r.maxSessionDuration,
		Trust:              r.trust.value(), Tags: slices.Clone(i.extraFields().tags), Inline: i.inlinePolicies(),
		Attached: a.attachedARNs(i), Boundary: a.boundaryARN(i),
		LastUsed: timeOf(r.lastUsed), LastUsedRegion: r.lastUsedRegion, InstanceProfiles: profiles,
		Unknown: i.extraFields().unknown,
	}
}

func (i *identity) inlinePolicies() []InlinePolicy {
	var out []InlinePolicy
	for _, p := range i.extraFields().inline {
		out = append(out, InlinePolicy{p.name, p.document.value()})
	}
	return out
}

func (a *Account) attachedARNs(i *identity) []string {
	var out []string
	for _, s := range i.policies() {
		_, arn := a.policies.at(s)
		out = append(out, arn)
	}
	return out
}

func (a *Account) groupNames(slots []slot) []string {
	var out []string
	for _, s := range slots {
		_, name := a.groups.at(s)
		out = append(out, name)
	}
	return out
}

func (a *Account) boundaryARN(i *identity) string {
	if i.boundary == 0 {
		return ""
	}
	_, arn := a.policies.at(i.boundary)
	return arn
}

// defaultDocument returns the document of the default version.
func (m *managed) defaultDocument() Document {
	if d := m.versions[m.current].document; d.tree != nil {
		return d
	}
	return document{compiled: m.compiled}.value()
}

func (m *managed) value() Policy {
	p := Policy{
		ARN: m.arn, ID: m.id, Description: m.description, Created: timeOf(m.created), Updated: timeOf(m.updated),
		Unattachable: m.unattachable, Tags: slices.Clone(m.tags), Default: m.versions[m.current].id,
	}
	for i, v := range m.versions {
		if i == m.current {
			v.document = m.defaultDocument()
		}
		p.Versions = append(p.Versions, Version{v.id, timeOf(v.created), v.document})
	}
	return p
}

// policyName returns the path and name in the ARN of a managed policy.
func policyName(arn string) (path, name string) {
	_, resource, _ := strings.Cut(arn, ":policy/")
	cut := strings.LastIndexByte(resource, '/') + 1
	return "/" + resource[:cut], resource[cut:]
}
