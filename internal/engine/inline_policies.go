package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// PutUserPolicy creates or replaces an inline policy of a user.
func (c *Client) PutUserPolicy(ctx context.Context, in *iam.PutUserPolicyInput,
	_ ...func(*iam.Options)) (*iam.PutUserPolicyOutput, error) {
	return do(ctx, c, putUserPolicy, in)
}

var putUserPolicy = register(operation[iam.PutUserPolicyInput, iam.PutUserPolicyOutput]{
	name: "PutUserPolicy", writes: true,
	access: onPermissions(store.User, func(in *iam.PutUserPolicyInput) *string { return in.UserName }),
	run: func(c *call, in *iam.PutUserPolicyInput) (*iam.PutUserPolicyOutput, error) {
		return &iam.PutUserPolicyOutput{}, c.putInlinePolicy(store.User, *in.UserName, *in.PolicyName, *in.PolicyDocument)
	},
})

// PutGroupPolicy creates or replaces an inline policy of a group.
func (c *Client) PutGroupPolicy(ctx context.Context, in *iam.PutGroupPolicyInput,
	_ ...func(*iam.Options)) (*iam.PutGroupPolicyOutput, error) {
	return do(ctx, c, putGroupPolicy, in)
}

var putGroupPolicy = register(operation[iam.PutGroupPolicyInput, iam.PutGroupPolicyOutput]{
	name: "PutGroupPolicy", writes: true,
	access: onPermissions(store.Group, func(in *iam.PutGroupPolicyInput) *string { return in.GroupName }),
	run: func(c *call, in *iam.PutGroupPolicyInput) (*iam.PutGroupPolicyOutput, error) {
		return &iam.PutGroupPolicyOutput{}, c.putInlinePolicy(store.Group, *in.GroupName, *in.PolicyName, *in.PolicyDocument)
	},
})

// PutRolePolicy creates or replaces an inline policy of a role.
func (c *Client) PutRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput,
	_ ...func(*iam.Options)) (*iam.PutRolePolicyOutput, error) {
	return do(ctx, c, putRolePolicy, in)
}

var putRolePolicy = register(operation[iam.PutRolePolicyInput, iam.PutRolePolicyOutput]{
	name: "PutRolePolicy", writes: true,
	access: onPermissions(store.Role, func(in *iam.PutRolePolicyInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
		return &iam.PutRolePolicyOutput{}, c.putInlinePolicy(store.Role, *in.RoleName, *in.PolicyName, *in.PolicyDocument)
	},
})

// putInlinePolicy creates or replaces an inline policy. It refuses the policy if the total size of the
// identity's inline policies would exceed the quota.
func (c *call) putInlinePolicy(kind store.Kind, name, policyName, document string) error {
	owner, err := c.identityForChange(kind, name)
	if err != nil {
		return err
	}
	doc, err := c.checkIdentityPolicy(document)
	if err != nil {
		return err
	}
	others, err := c.tx.InlinePolicies(owner.ID, store.Page{})
	if err != nil {
		return err
	}
	total := doc.Compact
	for _, other := range others {
		if strings.EqualFold(other.Name, policyName) {
			continue
		}
		total += policy.CompactLength([]byte(other.Document))
	}
	limits, err := c.limits()
	if err != nil {
		return err
	}
	if err := limits.checkInlineSize(accountKinds[kind], owner.Name, total); err != nil {
		return err
	}
	return c.tx.PutInlinePolicy(store.InlinePolicy{IdentityID: owner.ID, Name: policyName, Document: document})
}

// GetUserPolicy returns an inline policy of a user.
func (c *Client) GetUserPolicy(ctx context.Context, in *iam.GetUserPolicyInput,
	_ ...func(*iam.Options)) (*iam.GetUserPolicyOutput, error) {
	return do(ctx, c, getUserPolicy, in)
}

var getUserPolicy = register(operation[iam.GetUserPolicyInput, iam.GetUserPolicyOutput]{
	name:   "GetUserPolicy",
	access: onUser(func(in *iam.GetUserPolicyInput) *string { return in.UserName }),
	run: func(c *call, in *iam.GetUserPolicyInput) (*iam.GetUserPolicyOutput, error) {
		owner, found, err := c.inlinePolicy(store.User, *in.UserName, *in.PolicyName)
		if err != nil {
			return nil, err
		}
		return &iam.GetUserPolicyOutput{
			UserName: &owner.Name, PolicyName: &found.Name, PolicyDocument: apiDocument(found.Document),
		}, nil
	},
})

// GetGroupPolicy returns an inline policy of a group.
func (c *Client) GetGroupPolicy(ctx context.Context, in *iam.GetGroupPolicyInput,
	_ ...func(*iam.Options)) (*iam.GetGroupPolicyOutput, error) {
	return do(ctx, c, getGroupPolicy, in)
}

var getGroupPolicy = register(operation[iam.GetGroupPolicyInput, iam.GetGroupPolicyOutput]{
	name:   "GetGroupPolicy",
	access: onGroup(func(in *iam.GetGroupPolicyInput) *string { return in.GroupName }),
	run: func(c *call, in *iam.GetGroupPolicyInput) (*iam.GetGroupPolicyOutput, error) {
		owner, found, err := c.inlinePolicy(store.Group, *in.GroupName, *in.PolicyName)
		if err != nil {
			return nil, err
		}
		return &iam.GetGroupPolicyOutput{
			GroupName: &owner.Name, PolicyName: &found.Name, PolicyDocument: apiDocument(found.Document),
		}, nil
	},
})

// GetRolePolicy returns an inline policy of a role.
func (c *Client) GetRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput,
	_ ...func(*iam.Options)) (*iam.GetRolePolicyOutput, error) {
	return do(ctx, c, getRolePolicy, in)
}

var getRolePolicy = register(operation[iam.GetRolePolicyInput, iam.GetRolePolicyOutput]{
	name:   "GetRolePolicy",
	access: onRole(func(in *iam.GetRolePolicyInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
		owner, found, err := c.inlinePolicy(store.Role, *in.RoleName, *in.PolicyName)
		if err != nil {
			return nil, err
		}
		return &iam.GetRolePolicyOutput{
			RoleName: &owner.Name, PolicyName: &found.Name, PolicyDocument: apiDocument(found.Document),
		}, nil
	},
})

// inlinePolicy looks up an inline policy and its identity.
func (c *call) inlinePolicy(kind store.Kind, name, policyName string) (owner store.Identity, found store.InlinePolicy,
	err error) {
	if owner, err = c.identity(kind, name); err != nil {
		return owner, found, err
	}
	found, err = c.tx.InlinePolicy(owner.ID, policyName)
	if errors.Is(err, store.ErrNotFound) {
		err = noSuchInlinePolicy(kind, policyName)
	}
	return owner, found, err
}

func noSuchInlinePolicy(kind store.Kind, name string) error {
	return noSuchEntity("The %s policy with name %s cannot be found.", kind, name)
}

// ListUserPolicies lists the names of the inline policies of a user.
func (c *Client) ListUserPolicies(ctx context.Context, in *iam.ListUserPoliciesInput,
	_ ...func(*iam.Options)) (*iam.ListUserPoliciesOutput, error) {
	return do(ctx, c, listUserPolicies, in)
}

var listUserPolicies = register(operation[iam.ListUserPoliciesInput, iam.ListUserPoliciesOutput]{
	name:   "ListUserPolicies",
	access: onUser(func(in *iam.ListUserPoliciesInput) *string { return in.UserName }),
	run: func(c *call, in *iam.ListUserPoliciesInput) (*iam.ListUserPoliciesOutput, error) {
		out := &iam.ListUserPoliciesOutput{}
		var err error
		out.PolicyNames, out.IsTruncated, out.Marker, err = c.inlinePolicyNames(store.User, *in.UserName, in.Marker,
			in.MaxItems)
		return out, err
	},
})

// ListGroupPolicies lists the names of the inline policies of a group.
func (c *Client) ListGroupPolicies(ctx context.Context, in *iam.ListGroupPoliciesInput,
	_ ...func(*iam.Options)) (*iam.ListGroupPoliciesOutput, error) {
	return do(ctx, c, listGroupPolicies, in)
}

var listGroupPolicies = register(operation[iam.ListGroupPoliciesInput, iam.ListGroupPoliciesOutput]{
	name:   "ListGroupPolicies",
	access: onGroup(func(in *iam.ListGroupPoliciesInput) *string { return in.GroupName }),
	run: func(c *call, in *iam.ListGroupPoliciesInput) (*iam.ListGroupPoliciesOutput, error) {
		out := &iam.ListGroupPoliciesOutput{}
		var err error
		out.PolicyNames, out.IsTruncated, out.Marker, err = c.inlinePolicyNames(store.Group, *in.GroupName, in.Marker,
			in.MaxItems)
		return out, err
	},
})

// ListRolePolicies lists the names of the inline policies of a role.
func (c *Client) ListRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput,
	_ ...func(*iam.Options)) (*iam.ListRolePoliciesOutput, error) {
	return do(ctx, c, listRolePolicies, in)
}

var listRolePolicies = register(operation[iam.ListRolePoliciesInput, iam.ListRolePoliciesOutput]{
	name:   "ListRolePolicies",
	access: onRole(func(in *iam.ListRolePoliciesInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
		out := &iam.ListRolePoliciesOutput{}
		var err error
		out.PolicyNames, out.IsTruncated, out.Marker, err = c.inlinePolicyNames(store.Role, *in.RoleName, in.Marker,
			in.MaxItems)
		return out, err
	},
})

// inlinePolicyNames returns a page of the names of an identity's inline policies.
func (c *call) inlinePolicyNames(
	kind store.Kind, name string, marker *string, maxItems *int32,
) (names []string, truncated bool, next *string, err error) {
	page, err := pageOf(marker, maxItems, nil)
	if err != nil {
		return nil, false, nil, err
	}
	owner, err := c.identity(kind, name)
	if err != nil {
		return nil, false, nil, err
	}
	found, err := c.tx.InlinePolicies(owner.ID, page)
	if err != nil {
		return nil, false, nil, err
	}
	found, truncated, next = cutPage(page, found, func(p store.InlinePolicy) string { return p.Name })
	names = make([]string, 0, len(found))
	for _, p := range found {
		names = append(names, p.Name)
	}
	return names, truncated, next, nil
}

// DeleteUserPolicy deletes an inline policy of a user.
func (c *Client) DeleteUserPolicy(ctx context.Context, in *iam.DeleteUserPolicyInput,
	_ ...func(*iam.Options)) (*iam.DeleteUserPolicyOutput, error) {
	return do(ctx, c, deleteUserPolicy, in)
}

var deleteUserPolicy = register(operation[iam.DeleteUserPolicyInput, iam.DeleteUserPolicyOutput]{
	name: "DeleteUserPolicy", writes: true,
	access: onPermissions(store.User, func(in *iam.DeleteUserPolicyInput) *string { return in.UserName }),
	run: func(c *call, in *iam.DeleteUserPolicyInput) (*iam.DeleteUserPolicyOutput, error) {
		return &iam.DeleteUserPolicyOutput{}, c.deleteInlinePolicy(store.User, *in.UserName, *in.PolicyName)
	},
})

// DeleteGroupPolicy deletes an inline policy of a group.
func (c *Client) DeleteGroupPolicy(ctx context.Context, in *iam.DeleteGroupPolicyInput,
	_ ...func(*iam.Options)) (*iam.DeleteGroupPolicyOutput, error) {
	return do(ctx, c, deleteGroupPolicy, in)
}

var deleteGroupPolicy = register(operation[iam.DeleteGroupPolicyInput, iam.DeleteGroupPolicyOutput]{
	name: "DeleteGroupPolicy", writes: true,
	access: onPermissions(store.Group, func(in *iam.DeleteGroupPolicyInput) *string { return in.GroupName }),
	run: func(c *call, in *iam.DeleteGroupPolicyInput) (*iam.DeleteGroupPolicyOutput, error) {
		return &iam.DeleteGroupPolicyOutput{}, c.deleteInlinePolicy(store.Group, *in.GroupName, *in.PolicyName)
	},
})

// DeleteRolePolicy deletes an inline policy of a role.
func (c *Client) DeleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput,
	_ ...func(*iam.Options)) (*iam.DeleteRolePolicyOutput, error) {
	return do(ctx, c, deleteRolePolicy, in)
}

var deleteRolePolicy = register(operation[iam.DeleteRolePolicyInput, iam.DeleteRolePolicyOutput]{
	name: "DeleteRolePolicy", writes: true,
	access: onPermissions(store.Role, func(in *iam.DeleteRolePolicyInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
		return &iam.DeleteRolePolicyOutput{}, c.deleteInlinePolicy(store.Role, *in.RoleName, *in.PolicyName)
	},
})

func (c *call) deleteInlinePolicy(kind store.Kind, name, policyName string) error {
	owner, err := c.identityForChange(kind, name)
	if err != nil {
		return err
	}
	err = c.tx.DeleteInlinePolicy(owner.ID, policyName)
	if errors.Is(err, store.ErrNotFound) {
		err = noSuchInlinePolicy(kind, policyName)
	}
	return err
}
