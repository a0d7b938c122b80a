package planned

import (
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// provisionalName begins the name of an inline policy while its real name is unknown. The number of the change follows,
// because a second policy with the same name would replace the first. No decision depends on the name.
const provisionalName = "known-after-apply-"

// inlinePolicy returns the translation of an inline policy of a user, group or role. The parameter
// owner is the attribute with the name of the identity.
//
// An update removes the old policy and puts the new one, so a replaced policy leaves nothing
// behind.
func inlinePolicy(kind account.Kind, owner string) func(translation) (string, []account.Edit) {
	return func(t translation) (key string, edits []account.Edit) {
		if t.before != nil {
			ownerName, name := t.before.text(owner), t.before.text("name")
			key = t.typeName + " " + ownerName.value + ":" + name.value
			edits = append(edits, account.RemoveInline{Kind: kind, Name: ownerName.value, Policy: name.value})
		}
		if t.after == nil {
			return key, edits
		}
		ownerName, name := t.after.text(owner), t.after.text("name")
		if t.before == nil {
			key = t.newKey(ownerName, name)
		}
		document, ok := t.after.document("policy")
		if !ok {
			return key, edits
		}
		policy := account.InlinePolicy{Name: name.value, Document: document}
		if name.unknown {
			policy.Name = provisionalName + strconv.Itoa(t.number)
		}
		return key, append(edits, account.PutInline{Kind: kind, Name: ownerName.value, UnknownName: ownerName.unknown,
			Policy: policy, Kept: t.unchanged})
	}
}

// attachment returns the translation of the attachment of one managed policy to a user, group or
// role. The parameter owner is the attribute with the name of the identity. An update detaches the
// old policy and attaches the new one.
func attachment(kind account.Kind, owner string) func(translation) (string, []account.Edit) {
	return func(t translation) (key string, edits []account.Edit) {
		if t.before != nil {
			ownerName, arn := t.before.text(owner), t.before.text("policy_arn")
			key = t.typeName + " " + ownerName.value + "/" + arn.value
			edits = append(edits, account.Detach{Kind: kind, Name: ownerName.value, ARNs: []string{arn.value}})
		}
		if t.after == nil {
			return key, edits
		}
		ownerName, arn := t.after.text(owner), t.after.text("policy_arn")
		if t.before == nil {
			key = t.newKey(ownerName, arn)
		}
		edit := account.Attach{Kind: kind, Name: ownerName.value, UnknownName: ownerName.unknown, UnknownARN: arn.unknown,
			Kept: t.unchanged}
		if !arn.unknown {
			edit.ARNs = []string{arn.value}
		}
		return key, append(edits, edit)
	}
}

// membership translates a user's membership in some groups. It does not change the user's other
// memberships.
func membership(t translation) (key string, edits []account.Edit) {
	if t.before != nil {
		user, groups := t.before.text("user").value, t.before.set("groups").members
		key = t.typeName + " " + strings.Join(slices.Concat([]string{user}, groups), "/")
		edits = append(edits, account.Leave{User: user, Groups: groups})
	}
	if t.after == nil {
		return key, edits
	}
	user, groups := t.after.text("user"), t.after.set("groups")
	if t.before == nil {
		key = t.newKey(user, groups)
	}
	return key, append(edits, account.Join{
		User: user.value, UnknownUser: user.unknown, Groups: groups.members, UnknownGroups: groups.unknown, Kept: t.unchanged,
	})
}
