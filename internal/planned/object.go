package planned

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// ObjectKind is a kind of [Object].
type ObjectKind uint8

const (
	// Identity is a user, group, role or managed policy.
	Identity ObjectKind = iota
	// InlinePolicy is an inline policy of an owner.
	InlinePolicy
	// Attachment is the attachment of a managed policy to an owner.
	Attachment
	// Member is the membership of a user, the owner, in a group.
	Member
	// LoginProfile is the login profile of a user.
	LoginProfile
	// MFADevice is a virtual MFA device, by its ARN.
	MFADevice
	// AccountAlias is the only alias of the account.
	AccountAlias
	// PasswordPolicy is the only password policy of the account.
	PasswordPolicy
	// AccessAssertion is an access assertion, by its name.
	AccessAssertion
	// Boundary is the permissions boundary of an owner. Its name is the ARN of the policy; a plan can change it.
	Boundary
)

// Object is something in an account that a name, or a pair of names, identifies. Several resources of a configuration
// may stand for the same object: two memberships with the same group, or an attachment and an exclusive set. Names are
// in lower case, because the account compares them without regard to case.
type Object struct {
	Kind      ObjectKind
	OwnerKind account.Kind
	Owner     string
	Name      string // the ARN of an attached policy, or the name of the group of a membership
}

// entityKinds has the types of resources that are users, groups, roles and managed policies.
var entityKinds = map[string]account.Kind{
	"iam_user": account.UserKind, "iam_group": account.GroupKind, "iam_role": account.RoleKind,
	"iam_policy":   account.PolicyKind,
	"aws_iam_user": account.UserKind, "aws_iam_group": account.GroupKind, "aws_iam_role": account.RoleKind,
	"aws_iam_policy": account.PolicyKind,
}

// IdentityObject returns the object of a user, group, role or managed policy.
func IdentityObject(kind account.Kind, name string) Object {
	return Object{Kind: Identity, OwnerKind: kind, Owner: ascii.Fold(name)}
}

// InlineObject returns the object of an inline policy.
func InlineObject(kind account.Kind, owner, name string) Object {
	return Object{InlinePolicy, kind, ascii.Fold(owner), ascii.Fold(name)}
}

// AttachmentObject returns the object of an attachment.
func AttachmentObject(kind account.Kind, owner, arn string) Object {
	return Object{Attachment, kind, ascii.Fold(owner), arn}
}

// MemberObject returns the object of a user's membership in a group.
func MemberObject(user, group string) Object {
	return Object{Member, account.UserKind, ascii.Fold(user), ascii.Fold(group)}
}

// BoundaryObject returns the object of a permissions boundary.
func BoundaryObject(kind account.Kind, owner string) Object {
	return Object{Kind: Boundary, OwnerKind: kind, Owner: ascii.Fold(owner)}
}

// ChangedBoundary returns the boundary that a change takes from an existing user or role, and the ARN of the new one,
// which may be empty.
func ChangedBoundary(c Change) (object Object, successor string, changed bool) {
	kind := entityKinds[c.Type]
	r := &reader{}
	before, after := r.object("before", c.Before), r.object("after", c.After)
	if kind != account.UserKind && kind != account.RoleKind || before == nil || after == nil {
		return Object{}, "", false
	}
	old, planned := before.text("permissions_boundary"), after.text("permissions_boundary")
	if old.value == "" || old == planned || planned.unknown || r.err != nil {
		return Object{}, "", false
	}
	return BoundaryObject(kind, before.text("name").value), planned.value, true
}

// String describes the object in messages and in the audit trail. Different objects have different descriptions.
func (o Object) String() string {
	switch o.Kind {
	case Identity:
		return fmt.Sprintf("%s %q", o.OwnerKind, o.Owner)
	case InlinePolicy:
		return fmt.Sprintf("inline policy %q of %s %q", o.Name, o.OwnerKind, o.Owner)
	case Attachment:
		return fmt.Sprintf("attachment of %s to %s %q", o.Name, o.OwnerKind, o.Owner)
	case Member:
		return fmt.Sprintf("membership of user %q in group %q", o.Owner, o.Name)
	case LoginProfile:
		return fmt.Sprintf("login profile of user %q", o.Owner)
	case MFADevice:
		return "virtual MFA device " + o.Name
	case Boundary:
		return fmt.Sprintf("permissions boundary of %s %q", o.OwnerKind, o.Owner)
	case AccountAlias:
		return "account alias"
	case PasswordPolicy:
		return "account password policy"
	}
	return fmt.Sprintf("access assertion %q", o.Name)
}

// Objects returns the objects that a resource stands for. Objects whose names are not known yet are left out. value
// has the attributes of the resource; it may be null.
//
// A refresh reads all policies of a role into aws_iam_role, and everybody who has a policy into
// aws_iam_policy_attachment. Their objects may therefore belong to other resources.
func Objects(typeName string, value tree.Node) (objects []Object) {
	r := &reader{}
	o := r.object("of", value)
	if o == nil || r.err != nil {
		return nil
	}
	owner, ok := OwnerOf(typeName)
	name := o.text("name")
	var ownerName text
	if ok && typeName != "iam_virtual_mfa_device" { // a device may have no user
		if ownerName = o.text(owner.Attribute); ownerName.unknown || ownerName.value == "" {
			return nil
		}
	}
	switch strings.TrimPrefix(typeName, "aws_") {
	case "iam_user", "iam_group", "iam_role", "iam_policy":
		if name.value != "" {
			objects = append(objects, IdentityObject(entityKinds[typeName], name.value))
		}
		if typeName == "aws_iam_role" && name.value != "" {
			objects = append(objects, o.roleObjects(name.value)...)
		}
	case "iam_user_policy", "iam_group_policy", "iam_role_policy":
		if name.value != "" {
			objects = append(objects, InlineObject(owner.Kind, ownerName.value, name.value))
		}
	case "iam_user_policy_attachment", "iam_group_policy_attachment", "iam_role_policy_attachment":
		if arn := o.text("policy_arn"); arn.value != "" {
			objects = append(objects, AttachmentObject(owner.Kind, ownerName.value, arn.value))
		}
	case "iam_user_policy_attachments_exclusive", "iam_group_policy_attachments_exclusive",
		"iam_role_policy_attachments_exclusive":
		for _, arn := range o.set("policy_arns").members {
			objects = append(objects, AttachmentObject(owner.Kind, ownerName.value, arn))
		}
	case "iam_user_group_membership":
		for _, group := range o.set("groups").members {
			objects = append(objects, MemberObject(ownerName.value, group))
		}
	case "iam_policy_attachment":
		for _, owners := range ownerSets {
			if arn := o.text("policy_arn"); arn.value != "" {
				for _, name := range o.set(owners.Attribute).members {
					objects = append(objects, AttachmentObject(owners.Kind, name, arn.value))
				}
			}
		}
	case "iam_group_memberships_exclusive", "iam_group_membership":
		for _, user := range o.set("users").members {
			objects = append(objects, MemberObject(user, ownerName.value))
		}
	case "iam_user_login_profile":
		objects = append(objects, Object{Kind: LoginProfile, OwnerKind: owner.Kind, Owner: ascii.Fold(ownerName.value)})
	case "iam_virtual_mfa_device":
		if arn := o.text("arn"); arn.value != "" {
			objects = append(objects, Object{Kind: MFADevice, Name: arn.value})
		}
	case "iam_account_alias":
		objects = append(objects, Object{Kind: AccountAlias})
	case "iam_account_password_policy":
		objects = append(objects, Object{Kind: PasswordPolicy})
	case "iam_access_assertion":
		if name.value != "" {
			objects = append(objects, Object{Kind: AccessAssertion, Name: ascii.Fold(name.value)})
		}
	}
	if r.err != nil {
		return nil
	}
	return objects
}

// roleObjects returns the policies in the lists of a role of the AWS provider.
func (o *object) roleObjects(role string) (objects []Object) {
	for _, arn := range o.set("managed_policy_arns").members {
		objects = append(objects, AttachmentObject(account.RoleKind, role, arn))
	}
	blocks, _ := o.inlineBlocks(0)
	for _, block := range blocks {
		objects = append(objects, InlineObject(account.RoleKind, role, block.name))
	}
	return objects
}

// Set is a set that a resource owns alone: all policies that are attached to an identity, all its inline policies, or
// all members of a group.
type Set struct {
	Members   ObjectKind
	OwnerKind account.Kind
	Owner     string
}

// String describes the set in messages.
func (s Set) String() string {
	switch s.Members {
	case Attachment:
		return fmt.Sprintf("attached policies of %s %q", s.OwnerKind, s.Owner)
	case Member:
		return fmt.Sprintf("members of group %q", s.Owner)
	}
	return fmt.Sprintf("inline policies of %s %q", s.OwnerKind, s.Owner)
}

// Owned returns the set that a resource owns alone, and its members. complete says that all members are known.
func Owned(typeName string, value tree.Node) (set Set, members []Object, complete, ok bool) {
	r := &reader{}
	o := r.object("of", value)
	owner, hasOwner := OwnerOf(typeName)
	if o == nil || !hasOwner {
		return Set{}, nil, false, false
	}
	name := o.text(owner.Attribute)
	set = Set{OwnerKind: owner.Kind, Owner: ascii.Fold(name.value)}
	var listed = "policy_arns"
	switch strings.TrimPrefix(typeName, "aws_") {
	case "iam_user_policy_attachments_exclusive", "iam_group_policy_attachments_exclusive",
		"iam_role_policy_attachments_exclusive":
		set.Members = Attachment
		members = Objects(typeName, value)
	case "iam_group_memberships_exclusive":
		set.Members, listed = Member, "users"
		members = Objects(typeName, value)
	case "iam_user_policies_exclusive", "iam_group_policies_exclusive", "iam_role_policies_exclusive":
		set.Members, listed = InlinePolicy, "policy_names"
		for _, policy := range o.set(listed).members {
			members = append(members, InlineObject(owner.Kind, name.value, policy))
		}
	default:
		return Set{}, nil, false, false
	}
	complete = !o.set(listed).unknown
	return set, members, complete, name.value != "" && r.err == nil
}

// SetOf returns the set that an object is a member of.
func SetOf(o Object) (set Set, ok bool) {
	switch o.Kind {
	case Attachment, InlinePolicy:
		return Set{o.Kind, o.OwnerKind, o.Owner}, true
	case Member:
		return Set{Member, account.GroupKind, o.Name}, true
	}
	return Set{}, false
}
