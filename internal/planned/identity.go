package planned

import (
	"strconv"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// identity returns the translation of a user, group or role.
func identity(kind account.Kind) func(translation) (string, []account.Edit) {
	return func(t translation) (string, []account.Edit) {
		if t.after == nil {
			return t.uniqueKey(t.before.text("unique_id"), t.before.text("name")),
				[]account.Edit{account.RemoveIdentity{Kind: kind, Name: t.before.text("name").value}}
		}
		name, path := t.after.text("name"), t.after.text("path")
		edit := account.PlanIdentity{Kind: kind, Name: name.value, Path: path.value}
		edit.Unknown.Attached = path.unknown // a condition on the unknown ARN may grant any access
		if kind != account.GroupKind {       // a group has neither
			boundary := t.after.text("permissions_boundary")
			edit.Boundary, edit.Unknown.Boundary = boundary.value, boundary.unknown
			edit.Tags, edit.Unknown.Tags = t.after.allTags()
		}
		if kind == account.RoleKind {
			edit.Trust, _ = t.after.document("assume_role_policy")
		}
		var edits []account.Edit
		switch {
		case t.before == nil:
		case t.replaced, name.unknown && kind == account.RoleKind: // the new object has nothing of the old one
			edits = append(edits, account.RemoveIdentity{Kind: kind, Name: t.before.text("name").value})
		default:
			edit.From = t.before.text("name").value
		}
		return t.uniqueKey(t.after.text("unique_id"), name), append(edits, edit)
	}
}

// managedPolicy translates a managed policy.
func managedPolicy(t translation) (string, []account.Edit) {
	if t.after == nil {
		return t.uniqueKey(t.before.text("policy_id"), t.before.text("arn")),
			[]account.Edit{account.RemovePolicy{ARN: t.before.text("arn").value}}
	}
	arn := t.after.text("arn")
	document, _ := t.after.document("policy")
	edits := []account.Edit{account.PutPolicy{ARN: arn.value, Document: document}}
	if t.before != nil && t.before.text("arn") != arn {
		edits = append(edits, account.RemovePolicy{ARN: t.before.text("arn").value})
	}
	return t.uniqueKey(t.after.text("policy_id"), arn), edits
}

// uniqueKey returns the key of an object. It contains the unique id, which never changes, or the
// name of an object that has no id yet.
func (t translation) uniqueKey(id, name text) string {
	if id.value != "" {
		return t.typeName + " " + id.value
	}
	return t.newKey(name)
}

// newKey returns the key of an object that does not exist yet. It contains the names that identify the object or, if
// one of them is unknown, the number of the change.
func (t translation) newKey(names ...keyPart) string {
	key := t.typeName + " new"
	unknown := false
	for _, name := range names {
		key += " " + name.quoted()
		unknown = unknown || name.isUnknown()
	}
	if unknown {
		key += " " + strconv.Itoa(t.number)
	}
	return key
}
