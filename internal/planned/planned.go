package planned

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// ErrUnknownType reports a change of a resource type that this package does not know. Callers must
// not treat the change as one without effect.
var ErrUnknownType = errors.New("the effect of this type of resource on the account is not known")

// Change is one planned change of a resource.
type Change struct {
	// Type is the type of the resource, such as "iam_user".
	Type string
	// Before is an object with the current attributes of the resource. It is null if the change
	// creates the resource.
	Before tree.Node
	// After is an object with the planned attributes of the resource. It is null if the change
	// destroys the resource.
	After tree.Node
	// Replaced means that the change destroys the old object and creates a new one.
	Replaced bool
	// Unchanged means that Before and After are equal, so that applying the plan does nothing.
	Unchanged bool
	// Number distinguishes this change from all others of the plan. The key of an object contains it
	// if the name of the object is unknown, because two new objects would otherwise have the same key.
	Number int
}

// Edits returns the edits that a change makes to the account, and the key that names the changed
// object. A later plan of the same object has the same key, so that its edits replace these.
//
// The keys of resources of the AWS provider contain the number of the change, because two of its resources can stand
// for the same object.
//
// Edits returns no edits for a change that affects nobody's access. It returns [ErrUnknownType] for
// an unknown type, and an error that names the attribute for a value that does not fit the type.
func Edits(c Change) (key string, edits []account.Edit, err error) {
	translate, ok := types[c.Type]
	if !ok {
		return "", nil, fmt.Errorf("%s: %w", c.Type, ErrUnknownType)
	}
	if translate == nil {
		return "", nil, nil
	}
	r := &reader{}
	t := translation{
		typeName: c.Type, number: c.Number, replaced: c.Replaced, unchanged: c.Unchanged && !c.Replaced,
		before: r.object("before", c.Before), after: r.object("after", c.After),
	}
	if r.err == nil && t.before == nil && t.after == nil {
		r.err = errors.New("the resource exists neither before nor after the change")
	}
	if r.err == nil {
		key, edits = translate(t)
	}
	if r.err != nil {
		return "", nil, fmt.Errorf("%s: %w", c.Type, r.err)
	}
	if isAWS(c.Type) {
		key += " " + strconv.Itoa(c.Number)
	}
	return key, edits, nil
}

// translation is a [Change] whose attributes can be read by name. before is nil for a creation, and
// after is nil for a destruction.
type translation struct {
	typeName      string
	number        int
	before, after *object
	replaced      bool
	unchanged     bool
}

// noEffect marks a type whose changes give nobody access and take none away.
var noEffect func(translation) (string, []account.Edit)

// types has an entry for every resource of the provider, and for the IAM resources of the AWS provider.
var types = map[string]func(translation) (key string, edits []account.Edit){
	"iam_user":   identity(account.UserKind),
	"iam_group":  identity(account.GroupKind),
	"iam_role":   identity(account.RoleKind),
	"iam_policy": managedPolicy,

	"iam_user_policy":  inlinePolicy(account.UserKind, "user"),
	"iam_group_policy": inlinePolicy(account.GroupKind, "group"),
	"iam_role_policy":  inlinePolicy(account.RoleKind, "role"),

	"iam_user_policy_attachment":  attachment(account.UserKind, "user"),
	"iam_group_policy_attachment": attachment(account.GroupKind, "group"),
	"iam_role_policy_attachment":  attachment(account.RoleKind, "role"),

	"iam_user_policies_exclusive":  exclusiveInline(account.UserKind, "user_name"),
	"iam_group_policies_exclusive": exclusiveInline(account.GroupKind, "group_name"),
	"iam_role_policies_exclusive":  exclusiveInline(account.RoleKind, "role_name"),

	"iam_user_policy_attachments_exclusive":  exclusiveAttachments(account.UserKind, "user_name"),
	"iam_group_policy_attachments_exclusive": exclusiveAttachments(account.GroupKind, "group_name"),
	"iam_role_policy_attachments_exclusive":  exclusiveAttachments(account.RoleKind, "role_name"),

	"iam_user_group_membership":       membership,
	"iam_group_memberships_exclusive": exclusiveMembers,

	"iam_access_assertion":        noEffect,
	"iam_access_key":              noEffect,
	"iam_access_key_rotation":     noEffect,
	"iam_account_alias":           noEffect,
	"iam_account_password_policy": noEffect,
	"iam_session_revocation":      noEffect,
	"iam_user_login_profile":      noEffect,
	"iam_virtual_mfa_device":      noEffect,

	// The resources of the AWS provider.
	"aws_iam_user":   identity(account.UserKind),
	"aws_iam_group":  identity(account.GroupKind),
	"aws_iam_role":   awsRole,
	"aws_iam_policy": managedPolicy,

	"aws_iam_user_policy":  inlinePolicy(account.UserKind, "user"),
	"aws_iam_group_policy": inlinePolicy(account.GroupKind, "group"),
	"aws_iam_role_policy":  inlinePolicy(account.RoleKind, "role"),

	"aws_iam_user_policy_attachment":  attachment(account.UserKind, "user"),
	"aws_iam_group_policy_attachment": attachment(account.GroupKind, "group"),
	"aws_iam_role_policy_attachment":  attachment(account.RoleKind, "role"),
	"aws_iam_policy_attachment":       awsPolicyAttachment,

	"aws_iam_user_policies_exclusive":  exclusiveInline(account.UserKind, "user_name"),
	"aws_iam_group_policies_exclusive": exclusiveInline(account.GroupKind, "group_name"),
	"aws_iam_role_policies_exclusive":  exclusiveInline(account.RoleKind, "role_name"),

	"aws_iam_user_policy_attachments_exclusive":  exclusiveAttachments(account.UserKind, "user_name"),
	"aws_iam_group_policy_attachments_exclusive": exclusiveAttachments(account.GroupKind, "group_name"),
	"aws_iam_role_policy_attachments_exclusive":  exclusiveAttachments(account.RoleKind, "role_name"),

	"aws_iam_user_group_membership": awsUserMembership,
	"aws_iam_group_membership":      awsGroupMembership,

	// An instance profile does not change what its role may do. An identity provider gives access
	// to nobody whom no trust policy names. Only a service of AWS can assume a service-linked role, whose policies AWS
	// writes.
	"aws_iam_access_key":                         noEffect,
	"aws_iam_account_alias":                      noEffect,
	"aws_iam_account_password_policy":            noEffect,
	"aws_iam_instance_profile":                   noEffect,
	"aws_iam_openid_connect_provider":            noEffect,
	"aws_iam_openid_connect_provider_client_id":  noEffect,
	"aws_iam_organizations_features":             noEffect,
	"aws_iam_outbound_web_identity_federation":   noEffect,
	"aws_iam_saml_provider":                      noEffect,
	"aws_iam_security_token_service_preferences": noEffect,
	"aws_iam_server_certificate":                 noEffect,
	"aws_iam_service_linked_role":                noEffect,
	"aws_iam_service_specific_credential":        noEffect,
	"aws_iam_signing_certificate":                noEffect,
	"aws_iam_user_login_profile":                 noEffect,
	"aws_iam_user_ssh_key":                       noEffect,
	"aws_iam_virtual_mfa_device":                 noEffect,
}
