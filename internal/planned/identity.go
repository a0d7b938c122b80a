package planned

import "github.com/iam-as-code/terraform-provider-iam/internal/account"

// identity returns the translation of a user, group or role.
func identity(kind account.Kind) func(translation) (string, []account.Edit) {
	return func(t translation) (string, []account.Edit) {
		if t.after == nil {
			return uniqueKey(t.typeName, t.before.text("unique_id"), t.before.text("name")),
				[]account.Edit{account.RemoveIdentity{Kind: kind, Name: t.before.text("name").value}}
		}
		name, path, boundary := t.after.text("name"), t.after.text("path"), t.after.text("permissions_boundary")
		edit := account.PlanIdentity{Kind: kind, Name: name.value, Path: path.value, Boundary: boundary.value}
		edit.Tags, edit.Unknown.Tags = t.after.tags("tags_all")
		edit.Unknown.Boundary = boundary.unknown
		edit.Unknown.Attached = path.unknown // a condition on the unknown ARN may grant any access
		if kind == account.RoleKind {
			edit.Trust = t.after.document("assume_role_policy")
		}
		var edits []account.Edit
		switch {
		case t.before == nil:
		case t.replaced: // the new object has nothing of the old one
			edits = append(edits, account.RemoveIdentity{Kind: kind, Name: t.before.text("name").value})
		default:
			edit.From = t.before.text("name").value
		}
		return uniqueKey(t.typeName, t.after.text("unique_id"), name), append(edits, edit)
	}
}

// managedPolicy translates a managed policy.
func managedPolicy(t translation) (string, []account.Edit) {
	if t.after == nil {
		return uniqueKey(t.typeName, t.before.text("policy_id"), t.before.text("arn")),
			[]account.Edit{account.RemovePolicy{ARN: t.before.text("arn").value}}
	}
	arn := t.after.text("arn")
	edits := []account.Edit{account.PutPolicy{ARN: arn.value, Document: t.after.document("policy")}}
	if t.before != nil && t.before.text("arn") != arn {
		edits = append(edits, account.RemovePolicy{ARN: t.before.text("arn").value})
	}
	return uniqueKey(t.typeName, t.after.text("policy_id"), arn), edits
}

// uniqueKey returns the key of an object. It contains the unique id, which never changes, or the
// name of an object that has no id yet.
func uniqueKey(typeName string, id, name text) string {
	if id.value != "" {
		return typeName + " " + id.value
	}
	return typeName + " new " + name.quoted()
}
