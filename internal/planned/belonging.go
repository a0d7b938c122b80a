package planned

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// provisionalName is the name of an inline policy whose own name is known only after apply. Nothing
// is decided by the name.
const provisionalName = "known-after-apply"

// inlinePolicy translates an inline policy of a user, group or role, which the attribute owner
// names.
//
// An update removes the policy and puts it again: an object that is replaced then leaves nothing
// behind.
func inlinePolicy(kind account.Kind, owner string) func(translation) (string, []account.Edit) {
	return func(t translation) (key string, edits []account.Edit) {
		if t.before != nil {
			of, name := t.before.text(owner), t.before.text("name")
			key = t.typeName + " " + of.value + ":" + name.value
			edits = append(edits, account.RemoveInline{Kind: kind, Name: of.value, Policy: name.value})
		}
		if t.after == nil {
			return key, edits
		}
		of, name := t.after.text(owner), t.after.text("name")
		if t.before == nil {
			key = newKey(t.typeName, of, name)
		}
		policy := account.InlinePolicy{Name: name.value, Document: t.after.document("policy")}
		if name.unknown {
			policy.Name = provisionalName
		}
		return key, append(edits, account.PutInline{Kind: kind, Name: of.value, UnknownName: of.unknown,
			Policy: policy})
	}
}

// attachment translates the attachment of one managed policy to a user, group or role, which the
// attribute owner names. An update detaches the policy and attaches it again, as with an inline
// policy.
func attachment(kind account.Kind, owner string) func(translation) (string, []account.Edit) {
	return func(t translation) (key string, edits []account.Edit) {
		if t.before != nil {
			to, arn := t.before.text(owner), t.before.text("policy_arn")
			key = t.typeName + " " + to.value + "/" + arn.value
			edits = append(edits, account.Detach{Kind: kind, Name: to.value, ARNs: []string{arn.value}})
		}
		if t.after == nil {
			return key, edits
		}
		to, arn := t.after.text(owner), t.after.text("policy_arn")
		if t.before == nil {
			key = newKey(t.typeName, to, arn)
		}
		edit := account.Attach{Kind: kind, Name: to.value, UnknownName: to.unknown, UnknownARN: arn.unknown}
		if !arn.unknown {
			edit.ARNs = []string{arn.value}
		}
		return key, append(edits, edit)
	}
}

// membership translates a user's membership in some groups. It leaves the user's other groups
// alone.
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
		key = t.typeName + " new " + user.quoted() + " " + groups.quoted()
	}
	return key, append(edits, account.Join{
		User: user.value, UnknownUser: user.unknown, Groups: groups.members, UnknownGroups: groups.unknown,
	})
}

// newKey names an object that does not exist yet by its owner and its name.
func newKey(typeName string, owner, name text) string {
	return typeName + " new " + owner.quoted() + " " + name.quoted()
}
