// Package policyowner builds the resources for the policies of users, groups and roles: inline
// policies, attachments of managed policies, and the exclusive sets of both. For each kind of
// owner, only the names of arguments and operations differ. The package never creates an owner.
package policyowner

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

// Owner is a kind of identity that owns policies: [Users], [Groups] or [Roles]. The API has the
// same operations for each kind, with different names. Owner gives them common names.
type Owner struct {
	kind  account.Kind
	name  string           // user, group or role, as in the names of resources and arguments
	title string           // User, Group or Role, as in the names of operations
	use   engine.PolicyUse // the purpose of an inline policy, which has a size limit

	maxAttached func(engine.Limits) int // the limit of attached managed policies

	attach, detach func(ctx context.Context, c accountstore.API, name, arn *string) error
	// Attached returns the ARNs of the attached managed policies.
	Attached func(ctx context.Context, c accountstore.API, name *string) ([]string, error)

	putInline    func(ctx context.Context, c accountstore.API, name, policy, document *string) error
	inline       func(ctx context.Context, c accountstore.API, name, policy *string) (document *string, err error)
	deleteInline func(ctx context.Context, c accountstore.API, name, policy *string) error
	// InlineNames returns the names of the inline policies.
	InlineNames func(ctx context.Context, c accountstore.API, name *string) ([]string, error)

	// UniqueID returns the unique id of the owner with a name.
	UniqueID func(ctx context.Context, c accountstore.API, name *string) (*string, error)
}

// AuditID returns the unique id of the owner with a name, or "" if there is no such owner. The
// audit trail finds records by this id.
func (o *Owner) AuditID(ctx context.Context, c accountstore.API, name string) string {
	id, err := o.UniqueID(ctx, c, &name)
	if err != nil {
		return ""
	}
	return *id
}

// auditSubject selects the audit records of calls about an owner in which a parameter has a value,
// such as the name of a policy.
func (o *Owner) auditSubject(ctx context.Context, c accountstore.API, description, owner string, calls []string,
	parameter, value string) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{Description: description, ID: o.AuditID(ctx, c, owner), Calls: calls,
		About: func(event audit.Event) bool {
			named, _ := event.RequestParameters[parameter].(string)
			return strings.EqualFold(named, value)
		}}
}

// Policies returns the ARNs of the attached managed policies and the names of the inline policies of an owner.
func (o *Owner) Policies(ctx context.Context, c accountstore.API, name *string) (attached, inline types.List,
	err error) {
	arns, err := o.Attached(ctx, c, name)
	if err != nil {
		return attached, inline, err
	}
	names, err := o.InlineNames(ctx, c, name)
	return computed.StringList(arns), computed.StringList(names), err
}

func arnsOf(policies []iamtypes.AttachedPolicy) []string {
	arns := make([]string, 0, len(policies))
	for _, p := range policies {
		arns = append(arns, *p.PolicyArn)
	}
	return arns
}

// Users adapts the operations on the policies of users.
var Users = Owner{
	kind: account.UserKind, name: "user", title: "User", use: engine.UserPolicy,
	maxAttached: func(l engine.Limits) int { return l.AttachedPerUser },
	attach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: arn})
		return err
	},
	detach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: arn})
		return err
	},
	Attached: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
		return paging.All(ctx, iam.NewListAttachedUserPoliciesPaginator(c,
			&iam.ListAttachedUserPoliciesInput{UserName: name}),
			func(page *iam.ListAttachedUserPoliciesOutput) []string { return arnsOf(page.AttachedPolicies) })
	},
	putInline: func(ctx context.Context, c accountstore.API, name, policy, document *string) error {
		_, err := c.PutUserPolicy(ctx, &iam.PutUserPolicyInput{UserName: name, PolicyName: policy,
			PolicyDocument: document})
		return err
	},
	inline: func(ctx context.Context, c accountstore.API, name, policy *string) (*string, error) {
		out, err := c.GetUserPolicy(ctx, &iam.GetUserPolicyInput{UserName: name, PolicyName: policy})
		if err != nil {
			return nil, err
		}
		return out.PolicyDocument, nil
	},
	deleteInline: func(ctx context.Context, c accountstore.API, name, policy *string) error {
		_, err := c.DeleteUserPolicy(ctx, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: policy})
		return err
	},
	InlineNames: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
		return paging.All(ctx, iam.NewListUserPoliciesPaginator(c, &iam.ListUserPoliciesInput{UserName: name}),
			func(page *iam.ListUserPoliciesOutput) []string { return page.PolicyNames })
	},
	UniqueID: func(ctx context.Context, c accountstore.API, name *string) (*string, error) {
		out, err := c.GetUser(ctx, &iam.GetUserInput{UserName: name})
		if err != nil {
			return nil, err
		}
		return out.User.UserId, nil
	},
}

// Groups adapts the operations on the policies of groups.
var Groups = Owner{
	kind: account.GroupKind, name: "group", title: "Group", use: engine.GroupPolicy,
	maxAttached: func(l engine.Limits) int { return l.AttachedPerGroup },
	attach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: arn})
		return err
	},
	detach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: name, PolicyArn: arn})
		return err
	},
	Attached: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
		return paging.All(ctx, iam.NewListAttachedGroupPoliciesPaginator(c,
			&iam.ListAttachedGroupPoliciesInput{GroupName: name}),
			func(page *iam.ListAttachedGroupPoliciesOutput) []string { return arnsOf(page.AttachedPolicies) })
	},
	putInline: func(ctx context.Context, c accountstore.API, name, policy, document *string) error {
		_, err := c.PutGroupPolicy(ctx, &iam.PutGroupPolicyInput{GroupName: name, PolicyName: policy,
			PolicyDocument: document})
		return err
	},
	inline: func(ctx context.Context, c accountstore.API, name, policy *string) (*string, error) {
		out, err := c.GetGroupPolicy(ctx, &iam.GetGroupPolicyInput{GroupName: name, PolicyName: policy})
		if err != nil {
			return nil, err
		}
		return out.PolicyDocument, nil
	},
	deleteInline: func(ctx context.Context, c accountstore.API, name, policy *string) error {
		_, err := c.DeleteGroupPolicy(ctx, &iam.DeleteGroupPolicyInput{GroupName: name, PolicyName: policy})
		return err
	},
	InlineNames: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
		return paging.All(ctx, iam.NewListGroupPoliciesPaginator(c, &iam.ListGroupPoliciesInput{GroupName: name}),
			func(page *iam.ListGroupPoliciesOutput) []string { return page.PolicyNames })
	},
	UniqueID: func(ctx context.Context, c accountstore.API, name *string) (*string, error) {
		out, err := c.GetGroup(ctx, &iam.GetGroupInput{GroupName: name})
		if err != nil {
			return nil, err
		}
		return out.Group.GroupId, nil
	},
}

// Roles adapts the operations on the policies of roles.
var Roles = Owner{
	kind: account.RoleKind, name: "role", title: "Role", use: engine.RolePolicy,
	maxAttached: func(l engine.Limits) int { return l.AttachedPerRole },
	attach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: arn})
		return err
	},
	detach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: arn})
		return err
	},
	Attached: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
		return paging.All(ctx, iam.NewListAttachedRolePoliciesPaginator(c,
			&iam.ListAttachedRolePoliciesInput{RoleName: name}),
			func(page *iam.ListAttachedRolePoliciesOutput) []string { return arnsOf(page.AttachedPolicies) })
	},
	putInline: func(ctx context.Context, c accountstore.API, name, policy, document *string) error {
		_, err := c.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: policy,
			PolicyDocument: document})
		return err
	},
	inline: func(ctx context.Context, c accountstore.API, name, policy *string) (*string, error) {
		out, err := c.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: name, PolicyName: policy})
		if err != nil {
			return nil, err
		}
		return out.PolicyDocument, nil
	},
	deleteInline: func(ctx context.Context, c accountstore.API, name, policy *string) error {
		_, err := c.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: policy})
		return err
	},
	InlineNames: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
		return paging.All(ctx, iam.NewListRolePoliciesPaginator(c, &iam.ListRolePoliciesInput{RoleName: name}),
			func(page *iam.ListRolePoliciesOutput) []string { return page.PolicyNames })
	},
	UniqueID: func(ctx context.Context, c accountstore.API, name *string) (*string, error) {
		out, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
		if err != nil {
			return nil, err
		}
		return out.Role.RoleId, nil
	},
}
