package planned

import "github.com/iam-as-code/terraform-provider-iam/internal/account"

// exclusive describes a resource that owns a whole set. Applying the resource removes the members
// that it does not list.
type exclusive struct {
	owner, members string // the attributes with the name of the owner and with the members
	// edit returns the edit that gives a known owner exactly these members. kept says that the owner has them already.
	edit func(owner string, s set, kept bool) account.Edit
	// editsForUnknownOwner returns the edits while the owner is unknown. They cover every possible
	// owner.
	editsForUnknownOwner func(s set) []account.Edit
}

func (e exclusive) translate(t translation) (string, []account.Edit) {
	if t.after == nil {
		owner := t.before.text(e.owner).value
		var edits []account.Edit
		if t.before.text("on_destroy").value == "remove" {
			edits = []account.Edit{e.edit(owner, set{}, false)}
		}
		return t.typeName + " " + owner, edits
	}
	owner, members := t.after.text(e.owner), t.after.set(e.members)
	if owner.unknown {
		return t.newKey(owner), e.editsForUnknownOwner(members)
	}
	return t.typeName + " " + owner.value, []account.Edit{e.edit(owner.value, members, t.unchanged)}
}

// exclusiveInline returns the translation of the set of all inline policies of a user, group or
// role. The set lists only the names of the policies that stay, so it gives nobody a policy.
func exclusiveInline(kind account.Kind, owner string) func(translation) (string, []account.Edit) {
	return exclusive{
		owner: owner, members: "policy_names",
		edit: func(owner string, s set, _ bool) account.Edit {
			return account.OnlyInline{Kind: kind, Name: owner, Policies: s.members, Unknown: s.unknown}
		},
		editsForUnknownOwner: func(set) []account.Edit { return nil },
	}.translate
}

// exclusiveAttachments returns the translation of the set of all managed policies that are attached
// to a user, group or role.
func exclusiveAttachments(kind account.Kind, owner string) func(translation) (string, []account.Edit) {
	return exclusive{
		owner: owner, members: "policy_arns",
		edit: func(owner string, s set, kept bool) account.Edit {
			return account.OnlyAttached{Kind: kind, Name: owner, ARNs: s.members, Unknown: s.unknown, Kept: kept}
		},
		editsForUnknownOwner: func(s set) []account.Edit {
			return []account.Edit{account.Attach{Kind: kind, UnknownName: true, ARNs: s.members, UnknownARN: s.unknown}}
		},
	}.translate
}

// exclusiveMembers translates the set of all users of a group.
func exclusiveMembers(t translation) (string, []account.Edit) {
	return exclusive{
		owner: "group_name", members: "users",
		edit: func(group string, s set, kept bool) account.Edit {
			return account.OnlyMembers{Group: group, Users: s.members, Unknown: s.unknown, Kept: kept}
		},
		editsForUnknownOwner: func(s set) (edits []account.Edit) {
			for _, user := range s.members {
				edits = append(edits, account.Join{User: user, UnknownGroups: true})
			}
			if s.unknown {
				edits = append(edits, account.Join{UnknownUser: true, UnknownGroups: true})
			}
			return edits
		},
	}.translate(t)
}
