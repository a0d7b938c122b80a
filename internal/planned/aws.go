package planned

import (
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// isAWS reports whether a type of resource belongs to the AWS provider.
func isAWS(typeName string) bool { return strings.HasPrefix(typeName, "aws_") }

// difference is the effect of an update of a set: the AWS provider calls AWS for the members that the set gains or
// loses, and does not touch the others.
type difference struct {
	added, kept, removed []string
	unknown              bool // further members may be added
}

// difference compares a set before and after a change. A new object adds all its members.
func (t translation) difference(attribute string) difference {
	var before, after set
	if t.before != nil {
		before = t.before.set(attribute)
	}
	if t.after != nil {
		after = t.after.set(attribute)
	}
	d := difference{unknown: after.unknown}
	for _, member := range after.members {
		if t.isNew() || !slices.Contains(before.members, member) {
			d.added = append(d.added, member)
		} else {
			d.kept = append(d.kept, member)
		}
	}
	for _, member := range before.members {
		if !slices.Contains(after.members, member) {
			d.removed = append(d.removed, member)
		}
	}
	return d
}

// isNew reports whether the change creates an object, which then has nothing of an earlier one.
func (t translation) isNew() bool { return t.before == nil || t.replaced }

// awsRole translates a role of the AWS provider, which may own all its inline policies and attachments.
//
// The provider reads both lists from AWS in each refresh, even if the configuration does not set them. Only the
// difference of a list is therefore a change of the role. The rest of the list is an observation: another resource may
// attach or detach one of these policies in the same plan.
func awsRole(t translation) (string, []account.Edit) {
	key, edits := identity(account.RoleKind)(t)
	if t.after == nil {
		return key, edits
	}
	role := t.after.text("name")
	if role.unknown {
		return key, edits
	}
	arns := t.difference("managed_policy_arns")
	edits = append(edits, t.observedPolicies(role.value)...)
	if len(arns.removed) > 0 && !t.isNew() {
		edits = append(edits, account.Detach{Kind: account.RoleKind, Name: role.value, ARNs: arns.removed})
	}
	if len(arns.added) > 0 || arns.unknown {
		edits = append(edits,
			account.Attach{Kind: account.RoleKind, Name: role.value, ARNs: arns.added, UnknownARN: arns.unknown})
	}
	return key, append(edits, t.roleInlinePolicies(role.value)...)
}

// observedPolicies returns the policies in the lists of a role before the change.
func (t translation) observedPolicies(role string) []account.Edit {
	if t.isNew() {
		return nil
	}
	found := account.Observed{Kind: account.RoleKind, Name: role, ARNs: t.before.set("managed_policy_arns").members}
	blocks, _ := t.before.inlineBlocks(t.number)
	for _, b := range blocks {
		found.Inline = append(found.Inline, account.InlinePolicy{Name: b.name, Document: b.document})
	}
	if len(found.ARNs) == 0 && len(found.Inline) == 0 {
		return nil
	}
	return []account.Edit{found}
}

// roleInlinePolicies returns the edits of the inline policies in a role.
func (t translation) roleInlinePolicies(role string) (edits []account.Edit) {
	var before []inlineBlock
	if !t.isNew() {
		before, _ = t.before.inlineBlocks(t.number)
	}
	after, unknown := t.after.inlineBlocks(t.number)
	for _, b := range before {
		if !slices.ContainsFunc(after, func(a inlineBlock) bool { return a.name == b.name }) {
			edits = append(edits, account.RemoveInline{Kind: account.RoleKind, Name: role, Policy: b.name})
		}
	}
	for _, a := range after {
		if !slices.ContainsFunc(before, a.equal) {
			edits = append(edits, account.PutInline{Kind: account.RoleKind, Name: role,
				Policy: account.InlinePolicy{Name: a.name, Document: a.document}})
		}
	}
	if unknown {
		edits = append(edits, account.OnlyInline{Kind: account.RoleKind, Name: role, Unknown: true})
	}
	return edits
}

// inlineBlock is a block inline_policy of a role.
type inlineBlock struct {
	name     string
	policy   tree.Node
	document account.Document
}

func (b inlineBlock) equal(other inlineBlock) bool {
	return b.name == other.name && equalNodes(b.policy, other.policy)
}

// inlineBlocks returns the blocks inline_policy. unknown means that there may be more. A block without a policy says
// only that the role has no other ones.
func (o *object) inlineBlocks(number int) (blocks []inlineBlock, unknown bool) {
	const attribute = "inline_policy"
	n, ok := o.node.Member(attribute)
	if !ok {
		return nil, false
	}
	switch n.Kind {
	case tree.Null:
		return nil, false
	case tree.Unknown:
		return nil, true
	case tree.Array:
	default:
		o.refuse(attribute, "a list of objects", *n)
		return nil, false
	}
	for i, element := range n.Elements {
		if element.Kind == tree.Unknown {
			unknown = true
			continue
		}
		if element.Kind != tree.Object {
			o.refuse(attribute, "a list of objects", element)
			return nil, false
		}
		block := object{o.reader, element}
		name := block.text("name")
		policy, ok := element.Member("policy")
		if !ok || policy.Kind == tree.Null || policy.Kind == tree.String && policy.Text == "" {
			continue
		}
		document, _ := block.documentIn(attribute+".policy", *policy)
		if name.unknown {
			name.value = provisionalName + strconv.Itoa(number) + "-" + strconv.Itoa(i)
		}
		blocks = append(blocks, inlineBlock{name.value, *policy, document})
	}
	return blocks, unknown
}

// equalNodes reports whether two values are equal. An unknown value equals none.
func equalNodes(a, b tree.Node) bool {
	if a.Kind != b.Kind || a.Kind == tree.Unknown || a.Text != b.Text {
		return false
	}
	return slices.EqualFunc(a.Elements, b.Elements, equalNodes) &&
		slices.EqualFunc(a.Members, b.Members, func(a, b tree.Member) bool {
			return a.Name == b.Name && equalNodes(a.Value, b.Value)
		})
}

// ownerSets are the attributes of aws_iam_policy_attachment with the owners of the policy.
var ownerSets = []OwnerAttribute{
	many("groups", account.GroupKind), many("roles", account.RoleKind), many("users", account.UserKind),
}

// awsPolicyAttachment translates the attachment of one policy to users, groups and roles.
//
// The provider reads everybody who has the policy in each refresh. An update therefore takes the policy from everybody
// else, but a creation does not.
func awsPolicyAttachment(t translation) (key string, edits []account.Edit) {
	var old, arn text
	if t.before != nil {
		old = t.before.text("policy_arn")
		key = t.typeName + " " + t.before.text("name").value + "/" + old.value
	}
	if t.after != nil {
		arn = t.after.text("policy_arn")
		if t.before == nil {
			key = t.newKey(t.after.text("name"), arn)
		}
	}
	for _, owners := range ownerSets {
		change := t.difference(owners.Attribute)
		attach := account.Attach{Kind: owners.Kind, UnknownARN: arn.unknown}
		if !arn.unknown {
			attach.ARNs = []string{arn.value}
		}
		removed := change.removed
		if t.before != nil && t.after != nil && old != arn {
			removed = t.before.set(owners.Attribute).members
		}
		for _, name := range removed {
			edits = append(edits, account.Detach{Kind: owners.Kind, Name: name, ARNs: []string{old.value}})
		}
		for _, name := range change.added {
			attach.Name = name
			edits = append(edits, attach)
		}
		for _, name := range change.kept {
			attach.Name, attach.Kept = name, true
			edits = append(edits, attach)
		}
		if change.unknown {
			edits = append(edits,
				account.Attach{Kind: owners.Kind, UnknownName: true, ARNs: attach.ARNs, UnknownARN: arn.unknown})
		}
	}
	return key, edits
}

// awsUserMembership translates a user's membership in some groups. It does not change the user's other memberships.
func awsUserMembership(t translation) (key string, edits []account.Edit) {
	var user text
	groups := t.difference("groups")
	if t.before != nil {
		user = t.before.text("user")
		key = t.typeName + " " + user.quoted()
		if t.after != nil && t.after.text("user") != user {
			groups.removed = t.before.set("groups").members
		}
		edits = append(edits, account.Leave{User: user.value, Groups: groups.removed})
	}
	if t.after == nil {
		return key, edits
	}
	user = t.after.text("user")
	if t.before == nil {
		key = t.newKey(user, t.after.set("groups"))
	}
	if len(groups.kept) > 0 {
		edits = append(edits,
			account.Join{User: user.value, UnknownUser: user.unknown, Groups: groups.kept, Kept: true})
	}
	return key, append(edits, account.Join{
		User: user.value, UnknownUser: user.unknown, Groups: groups.added, UnknownGroups: groups.unknown,
	})
}

// awsGroupMembership translates the membership of users in one group.
//
// The provider reads all members in each refresh. An update therefore removes all others, but a creation does not.
func awsGroupMembership(t translation) (key string, edits []account.Edit) {
	var old, group text
	users := t.difference("users")
	if t.before != nil {
		old = t.before.text("group")
		key = t.typeName + " " + t.before.text("name").value + "/" + old.value
	}
	if t.after != nil {
		group = t.after.text("group")
		if t.before == nil {
			key = t.newKey(t.after.text("name"), group)
		} else if old != group {
			users.removed = t.before.set("users").members
		}
	}
	for _, user := range users.removed {
		edits = append(edits, account.Leave{User: user, Groups: []string{old.value}})
	}
	join := account.Join{UnknownGroups: group.unknown}
	if !group.unknown {
		join.Groups = []string{group.value}
	}
	if users.unknown {
		join.UnknownUser = true
		edits = append(edits, join)
		join.UnknownUser = false
	}
	for _, user := range users.added {
		join.User = user
		edits = append(edits, join)
	}
	for _, user := range users.kept {
		join.User, join.Kept = user, true
		edits = append(edits, join)
	}
	return key, edits
}

// IsComputed reports whether the AWS provider leaves an attribute unknown until apply if the configuration does not
// set it. A new object then has no value there, or one that AWS computes. If a caller knows that the configuration
// does not set the attribute, it should replace the unknown value by null.
func IsComputed(typeName, attribute string) bool {
	if typeName == "aws_iam_role" {
		return attribute == "inline_policy" || attribute == "managed_policy_arns"
	}
	source := policySources[typeName]
	return source.computed && attribute == source.document
}
