package account

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Change adds, replaces or removes one entry of an account. A [User], [Group],
// [Role], [Policy] or [Pending] is a change that adds itself; it replaces the entry
// with the same name or unique id. [Remove] and [RemoveID] return changes that
// remove an entry.
type Change interface {
	apply(a *Account) error
}

// With returns a second account with the changes applied in order. The account
// itself does not change. With returns an error for a document that cannot be
// compiled and for a value that is not valid in an account.
func (a *Account) With(changes ...Change) (*Account, error) {
	out := *a
	out.pending = slices.Clone(a.pending)
	for _, c := range changes {
		if err := c.apply(&out); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

type removal struct {
	kind Kind
	name string // or ARN
	id   string
}

// Remove removes the user, group or role with a name, or the policy with an ARN. It
// does nothing if there is none. References to the removed entry remain, and
// [Account.Access] then returns an error for a principal with such a reference.
func Remove(kind Kind, nameOrARN string) Change { return removal{kind: kind, name: nameOrARN} }

// RemoveID removes the user, group, role or policy with a unique id, like [Remove].
func RemoveID(id string) Change { return removal{id: id} }

func (r removal) apply(a *Account) error {
	switch {
	case r.id != "":
		if i, ok := a.identities.get(r.id); ok {
			a.drop(i)
		}
		if m, ok := a.policyIDs.get(r.id); ok {
			a.dropPolicy(m)
		}
	case r.kind == PolicyKind:
		if m := a.policies.get(r.name); m != nil {
			a.dropPolicy(m)
		}
	default:
		if i := a.identity(r.kind, r.name); i != nil {
			a.drop(i)
		}
	}
	return nil
}

func (a *Account) drop(i *identity) {
	switch i.kind {
	case UserKind:
		a.users = a.users.remove(i.name)
	case RoleKind:
		a.roles = a.roles.remove(i.name)
	default:
		a.groups.remove(i.name)
	}
	a.dropID(i)
}

func (a *Account) dropID(i *identity) {
	if i.id != "" {
		a.identities = a.identities.remove(i.id)
	}
}

func (a *Account) dropPolicy(m *managed) {
	a.policies.remove(m.arn)
	if m.id != "" {
		a.policyIDs = a.policyIDs.remove(m.id)
	}
}

// put adds a user, group or role. It replaces the one with the same name or id.
func (a *Account) put(i *identity) error {
	if i.id != "" {
		if m, ok := a.policyIDs.get(i.id); ok {
			return fmt.Errorf("%s %s: its unique id %s belongs to the policy %s", i.kind, i.name, i.id, m.arn)
		}
		if old, ok := a.identities.get(i.id); ok && (old.kind != i.kind || !ascii.EqualFold(old.name, i.name)) {
			if old.kind != i.kind {
				return fmt.Errorf("%s %s: its unique id %s belongs to the %s %s", i.kind, i.name, i.id, old.kind, old.name)
			}
			a.rename(old, i.name)
		}
	}
	if old := a.identity(i.kind, i.name); old != nil {
		a.dropID(old)
	}
	switch i.kind {
	case UserKind:
		a.users = a.users.put(i)
	case RoleKind:
		a.roles = a.roles.put(i)
	default:
		a.groups.put(i.name, i)
	}
	if i.id != "" {
		a.identities = a.identities.put(i)
	}
	return nil
}

// rename frees the present name of an identity that gets a new one. The members of a group stay members.
func (a *Account) rename(old *identity, name string) {
	if old.kind != GroupKind {
		a.drop(old)
		return
	}
	a.dropID(old)
	a.groups.rename(old.name, name)
}

func (u User) apply(a *Account) error {
	i, err := a.newIdentity(UserKind, u.Name, u.Path, u.ID, u.Inline, u.Unknown, u.Tags)
	if err != nil {
		return err
	}
	i.created = seconds(u.Created)
	if err := a.setReferences(i, u.Attached, u.Groups, u.Boundary); err != nil {
		return err
	}
	return a.put(i)
}

func (g Group) apply(a *Account) error {
	if g.Unknown.Groups || g.Unknown.Boundary || g.Unknown.Tags {
		return fmt.Errorf(
			"group %s: its groups, tags or permissions boundary are marked as unknown; groups have none of these", g.Name)
	}
	i, err := a.newIdentity(GroupKind, g.Name, g.Path, g.ID, g.Inline, g.Unknown, nil)
	if err != nil {
		return err
	}
	i.created = seconds(g.Created)
	if err := a.setReferences(i, g.Attached, nil, ""); err != nil {
		return err
	}
	return a.put(i)
}

func (r Role) apply(a *Account) error {
	if r.Unknown.Groups {
		return fmt.Errorf("role %s: its groups are marked as unknown; a role cannot be in a group", r.Name)
	}
	i, err := a.newIdentity(RoleKind, r.Name, r.Path, r.ID, r.Inline, r.Unknown, r.Tags)
	if err != nil {
		return err
	}
	i.created = seconds(r.Created)
	trust, err := a.library.compile(authz.ResourcePolicy, "trust policy of role "+r.Name, r.Trust)
	if err != nil {
		return fmt.Errorf("role %s: its trust policy is not valid: %w", r.Name, err)
	}
	if i.extras == nil {
		i.extras = &extras{}
	}
	i.extras.role = &role{
		description: r.Description, maxSessionDuration: r.MaxSessionDuration, lastUsed: seconds(r.LastUsed),
		lastUsedRegion:   r.LastUsedRegion,
		instanceProfiles: slices.Clone(r.InstanceProfiles), trust: trust,
		trustLayer: authz.Unite(authz.ResourcePolicy,
			[]authz.Part{{Compiled: trust.compiled, Name: citation("trust policy of role " + r.Name)}}),
	}
	if err := a.setReferences(i, r.Attached, nil, r.Boundary); err != nil {
		return err
	}
	return a.put(i)
}

// newIdentity returns the record of a user, group or role. It does not set the references and the fields of roles.
func (a *Account) newIdentity(kind Kind, name, path, id string, policies []InlinePolicy, unknown Unknown,
	tags []Tag) (*identity, error) {
	label := fmt.Sprintf("%s %s", kind, name)
	if err := checkName(kind, name); err != nil {
		return nil, err
	}
	if path == "" {
		path = "/"
	}
	if path[0] != '/' || path[len(path)-1] != '/' || strings.ContainsAny(path, ": \t\r\n") {
		return nil,
			fmt.Errorf("%s: its path is %s; a path begins and ends with a slash and contains neither a colon nor white space",
				label, policy.Quote(path))
	}
	for i, t := range tags {
		for _, other := range tags[:i] {
			if ascii.EqualFold(t.Key, other.Key) {
				return nil,
					fmt.Errorf("%s: it has the tag %s twice; tag keys are compared without regard to case", label, policy.Quote(t.Key))
			}
		}
	}
	compiled, err := a.compileInline(kind, name, policies)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", label, err)
	}
	i := &identity{kind: kind, name: name, path: path, id: id}
	if len(tags) > 0 || len(compiled) > 0 || unknown != (Unknown{}) {
		i.extras = &extras{tags: slices.Clone(tags), inline: compiled, unknown: unknown}
	}
	return i, nil
}

// checkName refuses a name with characters that have a special meaning in an ARN.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
func checkName(kind Kind, name string) error {
	ok := name != "" && len(name) <= 128
	for i := 0; ok && i < len(name); i++ {
		c := name[i]
		ok = 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("_+=,.@-", c) >= 0
	}
	if !ok {
		return fmt.Errorf("%s is not a valid name of a %s; a name has 1 to 128 letters, digits and characters of _+=,.@-",
			policy.Quote(name), kind)
	}
	return nil
}

func (a *Account) compileInline(kind Kind, owner string, policies []InlinePolicy) ([]inline, error) {
	var out []inline
	for _, p := range policies {
		if p.Name == "" {
			return nil, fmt.Errorf("an inline policy has no name")
		}
		for _, other := range out {
			if ascii.EqualFold(other.name, p.Name) {
				return nil, fmt.Errorf("it has the inline policy %s twice", p.Name)
			}
		}
		doc, err := a.library.compile(authz.Identity, p.Name, p.Document)
		if err != nil {
			return nil, fmt.Errorf("its inline policy %s is not valid: %w", p.Name, err)
		}
		out = append(out, inline{p.Name, kind, owner, doc})
	}
	return out, nil
}

// refer sets the references of a user, group or role.
func (a *Account) setReferences(i *identity, attached, groups []string, boundary string) error {
	policies, err := a.policySlots(attached)
	if err == nil && boundary != "" {
		i.boundary, err = a.policySlot(boundary)
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", i.kind, i.name, err)
	}
	memberships, err := a.groupSlots(groups)
	if err != nil {
		return fmt.Errorf("%s %s: %w", i.kind, i.name, err)
	}
	i.attached = int32(len(policies)) //nolint:gosec // far below the limit of int32
	i.references = slices.Clip(append(policies, memberships...))
	return nil
}

func (a *Account) policySlots(arns []string) ([]slot, error) {
	slots := make([]slot, 0, len(arns))
	for _, arn := range arns {
		s, err := a.policySlot(arn)
		if err != nil {
			return nil, err
		}
		if slices.Contains(slots, s) {
			return nil, fmt.Errorf("the policy %s is attached twice", arn)
		}
		slots = append(slots, s)
	}
	return slots, nil
}

func (a *Account) policySlot(arn string) (slot, error) {
	if err := a.checkPolicyARN(arn); err != nil {
		return 0, err
	}
	return a.policies.assignSlot(arn), nil
}

func (a *Account) groupSlots(names []string) ([]slot, error) {
	var slots []slot
	for _, name := range names {
		if err := checkName(GroupKind, name); err != nil {
			return nil, err
		}
		s := a.groups.assignSlot(name)
		if slices.Contains(slots, s) {
			return nil, fmt.Errorf("it is in the group %s twice", name)
		}
		slots = append(slots, s)
	}
	return slots, nil
}

// checkPolicyARN returns an error unless arn is the ARN of a managed policy of the account or of AWS.
func (a *Account) checkPolicyARN(arn string) error {
	parsed, err := policy.ParseARN(arn)
	if err != nil {
		return err
	}
	_, name := policyName(arn)
	if parsed.Partition != a.partition || parsed.Service != "iam" || parsed.Region != "" ||
		parsed.Account != a.id && parsed.Account != "aws" ||
		!strings.HasPrefix(parsed.Resource, "policy/") || checkName(PolicyKind, name) != nil {
		return fmt.Errorf("%s is not the ARN of a managed policy of the account %s or of AWS, such as %s", policy.Quote(arn),
			a.id, a.ARN(PolicyKind, "/", "NAME"))
	}
	return nil
}

func (p Policy) apply(a *Account) error {
	if err := a.checkPolicyARN(p.ARN); err != nil {
		return err
	}
	m := &managed{
		arn: p.ARN, id: p.ID, description: p.Description, created: seconds(p.Created), updated: seconds(p.Updated),
		unattachable: p.Unattachable, tags: slices.Clone(p.Tags), current: -1,
	}
	for i, v := range p.Versions {
		for _, other := range p.Versions[:i] {
			if v.ID == other.ID {
				return fmt.Errorf("policy %s: it has the version %s twice", p.ARN, v.ID)
			}
		}
		stored := version{v.ID, seconds(v.Created), v.Document}
		stored.document.parsed = nil
		if v.ID == p.Default {
			doc, err := a.library.compile(authz.Identity, p.ARN, v.Document)
			if err != nil {
				return fmt.Errorf("policy %s: its version %s is not valid: %w", p.ARN, v.ID, err)
			}
			m.current, m.compiled, stored.document = i, doc.compiled, Document{tree: doc.tree} // m.compiled has the text
		}
		m.versions = append(m.versions, stored)
	}
	if m.current < 0 {
		return fmt.Errorf("policy %s: its default version %s is not among its versions", p.ARN, policy.Quote(p.Default))
	}
	if p.ID != "" {
		if i, ok := a.identities.get(p.ID); ok {
			return fmt.Errorf("policy %s: its unique id %s belongs to the %s %s", p.ARN, p.ID, i.kind, i.name)
		}
		if old, ok := a.policyIDs.get(p.ID); ok {
			a.dropPolicy(old)
		}
	}
	if old := a.policies.get(p.ARN); old != nil {
		a.dropPolicy(old)
	}
	a.policies.put(p.ARN, m)
	if p.ID != "" {
		a.policyIDs = a.policyIDs.put(m)
	}
	return nil
}

func (p Pending) apply(a *Account) error {
	out := &pending{entry: p}
	var err error
	wrap := func(err error) error { return fmt.Errorf("pending entry %s: %w", policy.Quote(p.Key), err) }
	if p.To == PolicyKind || (len(p.Groups) > 0 || p.Unknown.Groups) && p.To != UserKind {
		return wrap(fmt.Errorf("it puts a %s in a group; only users can be in groups", p.To))
	}
	if out.attached, err = a.policySlots(p.Attached); err != nil {
		return wrap(err)
	}
	if out.groups, err = a.groupSlots(p.Groups); err != nil {
		return wrap(err)
	}
	if out.inline, err = a.compileInline(p.To, "that is not known yet", p.Inline); err != nil {
		return wrap(err)
	}
	out.entry.Inline, out.entry.Attached, out.entry.Groups = nil, nil, nil
	a.pending = slices.DeleteFunc(a.pending, func(other *pending) bool { return other.entry.Key == p.Key })
	a.pending = append(a.pending, out)
	return nil
}
