package provider

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
)

// policyOwnerAPI is a kind of identity that owns policies: users, groups or roles. The API has the
// same operations for each kind under other names.
type policyOwnerAPI struct {
	kind  account.Kind
	name  string           // user, group or role: in the names of resources and arguments
	title string           // User, Group or Role: in the names of operations
	use   engine.PolicyUse // of an inline policy

	mostAttached func(engine.Limits) int // managed policies

	attach, detach func(ctx context.Context, c accountstore.API, name, arn *string) error
	attached       func(ctx context.Context, c accountstore.API, name *string) ([]string, error)

	putInline    func(ctx context.Context, c accountstore.API, name, policy, document *string) error
	inline       func(ctx context.Context, c accountstore.API, name, policy *string) (document *string, err error)
	deleteInline func(ctx context.Context, c accountstore.API, name, policy *string) error
	inlineNames  func(ctx context.Context, c accountstore.API, name *string) ([]string, error)

	// uniqueID returns the unique id of one of them.
	uniqueID func(ctx context.Context, c accountstore.API, name *string) (*string, error)
}

// auditID returns the id by which the audit trail names one of them, or "" if there is none of that
// name.
func (h *policyOwnerAPI) auditID(ctx context.Context, c accountstore.API, name string) string {
	id, err := h.uniqueID(ctx, c, &name)
	if err != nil {
		return ""
	}
	return *id
}

// auditSubject selects the records of calls about an owner that name, in a parameter, something
// that belongs to it.
func (h *policyOwnerAPI) auditSubject(ctx context.Context, c accountstore.API, what, owner string, own []string,
	parameter, value string) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{What: what, ID: h.auditID(ctx, c, owner), Own: own,
		About: func(event audit.Event) bool {
			named, _ := event.RequestParameters[parameter].(string)
			return strings.EqualFold(named, value)
		}}
}

// empty removes all policies of one of them.
func (h *policyOwnerAPI) empty(ctx context.Context, c accountstore.API, name *string) error {
	inline, err := h.inlineNames(ctx, c, name)
	if err != nil {
		return err
	}
	for _, policy := range inline {
		if err := apierror.UnlessMissing(h.deleteInline(ctx, c, name, &policy)); err != nil {
			return err
		}
	}
	attached, err := h.attached(ctx, c, name)
	if err != nil {
		return err
	}
	for _, arn := range attached {
		if err := apierror.UnlessMissing(h.detach(ctx, c, name, &arn)); err != nil {
			return err
		}
	}
	return nil
}

func arnsOf(policies []iamtypes.AttachedPolicy) []string {
	arns := make([]string, 0, len(policies))
	for _, p := range policies {
		arns = append(arns, *p.PolicyArn)
	}
	return arns
}

var users = policyOwnerAPI{
	kind: account.UserKind, name: "user", title: "User", use: engine.UserPolicy,
	mostAttached: func(l engine.Limits) int { return l.AttachedPerUser },
	attach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.AttachUserPolicy(ctx, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: arn})
		return err
	},
	detach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.DetachUserPolicy(ctx, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: arn})
		return err
	},
	attached: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
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
	inlineNames: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
		return paging.All(ctx, iam.NewListUserPoliciesPaginator(c, &iam.ListUserPoliciesInput{UserName: name}),
			func(page *iam.ListUserPoliciesOutput) []string { return page.PolicyNames })
	},
	uniqueID: func(ctx context.Context, c accountstore.API, name *string) (*string, error) {
		out, err := c.GetUser(ctx, &iam.GetUserInput{UserName: name})
		if err != nil {
			return nil, err
		}
		return out.User.UserId, nil
	},
}

var groups = policyOwnerAPI{
	kind: account.GroupKind, name: "group", title: "Group", use: engine.GroupPolicy,
	mostAttached: func(l engine.Limits) int { return l.AttachedPerGroup },
	attach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.AttachGroupPolicy(ctx, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: arn})
		return err
	},
	detach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.DetachGroupPolicy(ctx, &iam.DetachGroupPolicyInput{GroupName: name, PolicyArn: arn})
		return err
	},
	attached: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
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
	inlineNames: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
		return paging.All(ctx, iam.NewListGroupPoliciesPaginator(c, &iam.ListGroupPoliciesInput{GroupName: name}),
			func(page *iam.ListGroupPoliciesOutput) []string { return page.PolicyNames })
	},
	uniqueID: func(ctx context.Context, c accountstore.API, name *string) (*string, error) {
		out, err := c.GetGroup(ctx, &iam.GetGroupInput{GroupName: name})
		if err != nil {
			return nil, err
		}
		return out.Group.GroupId, nil
	},
}

var roles = policyOwnerAPI{
	kind: account.RoleKind, name: "role", title: "Role", use: engine.RolePolicy,
	mostAttached: func(l engine.Limits) int { return l.AttachedPerRole },
	attach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: arn})
		return err
	},
	detach: func(ctx context.Context, c accountstore.API, name, arn *string) error {
		_, err := c.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: arn})
		return err
	},
	attached: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
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
	inlineNames: func(ctx context.Context, c accountstore.API, name *string) ([]string, error) {
		return paging.All(ctx, iam.NewListRolePoliciesPaginator(c, &iam.ListRolePoliciesInput{RoleName: name}),
			func(page *iam.ListRolePoliciesOutput) []string { return page.PolicyNames })
	},
	uniqueID: func(ctx context.Context, c accountstore.API, name *string) (*string, error) {
		out, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
		if err != nil {
			return nil, err
		}
		return out.Role.RoleId, nil
	},
}
