package planned

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Owner is a user, group or role.
type Owner struct {
	Kind account.Kind
	Name string
}

// owners has the attributes that name the owners of an object.
var owners = map[string]map[string]account.Kind{
	"iam_user_policy":                        {"user": account.UserKind},
	"iam_user_policy_attachment":             {"user": account.UserKind},
	"iam_user_policies_exclusive":            {"user_name": account.UserKind},
	"iam_user_policy_attachments_exclusive":  {"user_name": account.UserKind},
	"iam_user_group_membership":              {"user": account.UserKind, "groups": account.GroupKind},
	"iam_user_login_profile":                 {"user": account.UserKind},
	"iam_virtual_mfa_device":                 {"user": account.UserKind},
	"iam_access_key":                         {"user": account.UserKind},
	"iam_access_key_rotation":                {"user": account.UserKind},
	"iam_group_policy":                       {"group": account.GroupKind},
	"iam_group_policy_attachment":            {"group": account.GroupKind},
	"iam_group_policies_exclusive":           {"group_name": account.GroupKind},
	"iam_group_policy_attachments_exclusive": {"group_name": account.GroupKind},
	"iam_group_memberships_exclusive":        {"group_name": account.GroupKind, "users": account.UserKind},
	"iam_role_policy":                        {"role": account.RoleKind},
	"iam_role_policy_attachment":             {"role": account.RoleKind},
	"iam_role_policies_exclusive":            {"role_name": account.RoleKind},
	"iam_role_policy_attachments_exclusive":  {"role_name": account.RoleKind},
}

// Owners returns the users, groups and roles that the object of a resource belongs to. The object, or a part of it, is
// lost when one of them is replaced. value has the attributes of the resource.
func Owners(typeName string, value tree.Node) []Owner {
	var found []Owner
	for attribute, kind := range owners[typeName] {
		n, ok := value.Member(attribute)
		if !ok {
			continue
		}
		for _, name := range append(n.Elements, *n) {
			if name.Kind == tree.String {
				found = append(found, Owner{kind, name.Text})
			}
		}
	}
	return found
}
