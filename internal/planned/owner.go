package planned

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Owner is a user, group or role.
type Owner struct {
	Kind account.Kind
	Name string
}

// OwnerAttribute is an attribute of a resource that names a user, group or role which the object belongs to.
type OwnerAttribute struct {
	Attribute string
	Kind      account.Kind
	// Many says that the attribute is a set of names. The object then belongs only in part to each of them.
	Many bool
}

// ownerAttributes has the attributes that name the owners of an object, for each type of resource.
var ownerAttributes = map[string][]OwnerAttribute{
	"iam_user_policy":                        one("user", account.UserKind),
	"iam_user_policy_attachment":             one("user", account.UserKind),
	"iam_user_policies_exclusive":            one("user_name", account.UserKind),
	"iam_user_policy_attachments_exclusive":  one("user_name", account.UserKind),
	"iam_user_group_membership":              append(one("user", account.UserKind), many("groups", account.GroupKind)),
	"iam_user_login_profile":                 one("user", account.UserKind),
	"iam_virtual_mfa_device":                 one("user", account.UserKind),
	"iam_access_key":                         one("user", account.UserKind),
	"iam_access_key_rotation":                one("user", account.UserKind),
	"iam_group_policy":                       one("group", account.GroupKind),
	"iam_group_policy_attachment":            one("group", account.GroupKind),
	"iam_group_policies_exclusive":           one("group_name", account.GroupKind),
	"iam_group_policy_attachments_exclusive": one("group_name", account.GroupKind),
	"iam_group_memberships_exclusive": append(one("group_name", account.GroupKind),
		many("users", account.UserKind)),
	"iam_role_policy":                       one("role", account.RoleKind),
	"iam_role_policy_attachment":            one("role", account.RoleKind),
	"iam_role_policies_exclusive":           one("role_name", account.RoleKind),
	"iam_role_policy_attachments_exclusive": one("role_name", account.RoleKind),

	"aws_iam_user_policy":                        one("user", account.UserKind),
	"aws_iam_user_policy_attachment":             one("user", account.UserKind),
	"aws_iam_user_policies_exclusive":            one("user_name", account.UserKind),
	"aws_iam_user_policy_attachments_exclusive":  one("user_name", account.UserKind),
	"aws_iam_user_group_membership":              append(one("user", account.UserKind), many("groups", account.GroupKind)),
	"aws_iam_user_login_profile":                 one("user", account.UserKind),
	"aws_iam_access_key":                         one("user", account.UserKind),
	"aws_iam_group_policy":                       one("group", account.GroupKind),
	"aws_iam_group_policy_attachment":            one("group", account.GroupKind),
	"aws_iam_group_policies_exclusive":           one("group_name", account.GroupKind),
	"aws_iam_group_policy_attachments_exclusive": one("group_name", account.GroupKind),
	"aws_iam_group_membership":                   append(one("group", account.GroupKind), many("users", account.UserKind)),
	"aws_iam_role_policy":                        one("role", account.RoleKind),
	"aws_iam_role_policy_attachment":             one("role", account.RoleKind),
	"aws_iam_role_policies_exclusive":            one("role_name", account.RoleKind),
	"aws_iam_role_policy_attachments_exclusive":  one("role_name", account.RoleKind),
}

func one(attribute string, kind account.Kind) []OwnerAttribute {
	return []OwnerAttribute{{attribute, kind, false}}
}

func many(attribute string, kind account.Kind) OwnerAttribute {
	return OwnerAttribute{attribute, kind, true}
}

// OwnerOf returns the attribute that names the only owner of an object, if the type of resource has one.
func OwnerOf(typeName string) (OwnerAttribute, bool) {
	all := ownerAttributes[typeName]
	if len(all) == 0 {
		return OwnerAttribute{}, false
	}
	return all[0], true
}

// Owners returns the users, groups and roles that the object of a resource belongs to. part says that it belongs to
// them only in part, see [OwnerAttribute].Many. The object, or the part of it, is lost when one of them is replaced.
// value has the attributes of the resource.
func Owners(typeName string, value tree.Node) (whole, part []Owner) {
	for _, r := range ownerAttributes[typeName] {
		n, ok := value.Member(r.Attribute)
		if !ok {
			continue
		}
		for _, name := range slices.Concat(n.Elements, []tree.Node{*n}) {
			switch {
			case name.Kind != tree.String:
			case r.Many:
				part = append(part, Owner{r.Kind, ProvisionalName(name.Text)})
			default:
				whole = append(whole, Owner{r.Kind, ProvisionalName(name.Text)})
			}
		}
	}
	return whole, part
}
