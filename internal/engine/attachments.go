package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AttachUserPolicy attaches a managed policy to a user. Attaching it again changes nothing.
func (c *Client) AttachUserPolicy(ctx context.Context, in *iam.AttachUserPolicyInput,
	_ ...func(*iam.Options)) (*iam.AttachUserPolicyOutput, error) {
	return do(ctx, c, attachUserPolicy, in)
}

var attachUserPolicy = register(operation[iam.AttachUserPolicyInput, iam.AttachUserPolicyOutput]{
	name: "AttachUserPolicy", writes: true,
	access: onAttachment(store.User,
		func(in *iam.AttachUserPolicyInput) *string { return in.UserName },
		func(in *iam.AttachUserPolicyInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.AttachUserPolicyInput) (*iam.AttachUserPolicyOutput, error) {
		return &iam.AttachUserPolicyOutput{}, c.attach(store.User, *in.UserName, *in.PolicyArn)
	},
})

// AttachGroupPolicy attaches a managed policy to a group. Attaching it again changes nothing.
func (c *Client) AttachGroupPolicy(ctx context.Context, in *iam.AttachGroupPolicyInput,
	_ ...func(*iam.Options)) (*iam.AttachGroupPolicyOutput, error) {
	return do(ctx, c, attachGroupPolicy, in)
}

var attachGroupPolicy = register(operation[iam.AttachGroupPolicyInput, iam.AttachGroupPolicyOutput]{
	name: "AttachGroupPolicy", writes: true,
	access: onAttachment(store.Group,
		func(in *iam.AttachGroupPolicyInput) *string { return in.GroupName },
		func(in *iam.AttachGroupPolicyInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.AttachGroupPolicyInput) (*iam.AttachGroupPolicyOutput, error) {
		return &iam.AttachGroupPolicyOutput{}, c.attach(store.Group, *in.GroupName, *in.PolicyArn)
	},
})

// AttachRolePolicy attaches a managed policy to a role. Attaching it again changes nothing.
func (c *Client) AttachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyInput,
	_ ...func(*iam.Options)) (*iam.AttachRolePolicyOutput, error) {
	return do(ctx, c, attachRolePolicy, in)
}

var attachRolePolicy = register(operation[iam.AttachRolePolicyInput, iam.AttachRolePolicyOutput]{
	name: "AttachRolePolicy", writes: true,
	access: onAttachment(store.Role,
		func(in *iam.AttachRolePolicyInput) *string { return in.RoleName },
		func(in *iam.AttachRolePolicyInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
		return &iam.AttachRolePolicyOutput{}, c.attach(store.Role, *in.RoleName, *in.PolicyArn)
	},
})

// attach attaches a managed policy to an identity unless the identity's quota is reached.
func (c *call) attach(kind store.Kind, name, arn string) error {
	identity, err := c.identityForChange(kind, name)
	if err != nil {
		return err
	}
	p, err := c.findPolicy(arn)
	if errors.Is(err, store.ErrNotFound) {
		return missingPolicy(arn)
	}
	if err != nil {
		return err
	}
	c.addAuditSubject(p.ID)
	if err := validateAttachable(p); err != nil {
		return err
	}
	attached, err := c.tx.AttachedPolicies(identity.ID, store.Page{})
	if err != nil {
		return err
	}
	limits, err := c.limits()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(attached, func(a store.Policy) bool { return a.ID == p.ID }) {
		if err := limits.checkAttached(accountKinds[kind], len(attached)+1); err != nil {
			return err
		}
	}
	if err := c.storeAWSPolicy(p); err != nil {
		return err
	}
	return c.tx.Attach(identity.ID, p.ID)
}

// validateAttachable returns an error for AWS's policies for service-linked roles, which no other
// identity may use.
func validateAttachable(p store.Policy) error {
	if p.Owner == awsOwner && strings.HasPrefix(p.Path, serviceRolePath) {
		return policyNotAttachable("Cannot attach a Service Role Policy to a Customer Role.")
	}
	return nil
}

// DetachUserPolicy detaches a managed policy from a user.
func (c *Client) DetachUserPolicy(ctx context.Context, in *iam.DetachUserPolicyInput,
	_ ...func(*iam.Options)) (*iam.DetachUserPolicyOutput, error) {
	return do(ctx, c, detachUserPolicy, in)
}

var detachUserPolicy = register(operation[iam.DetachUserPolicyInput, iam.DetachUserPolicyOutput]{
	name: "DetachUserPolicy", writes: true,
	access: onAttachment(store.User,
		func(in *iam.DetachUserPolicyInput) *string { return in.UserName },
		func(in *iam.DetachUserPolicyInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.DetachUserPolicyInput) (*iam.DetachUserPolicyOutput, error) {
		return &iam.DetachUserPolicyOutput{}, c.detach(store.User, *in.UserName, *in.PolicyArn)
	},
})

// DetachGroupPolicy detaches a managed policy from a group.
func (c *Client) DetachGroupPolicy(ctx context.Context, in *iam.DetachGroupPolicyInput,
	_ ...func(*iam.Options)) (*iam.DetachGroupPolicyOutput, error) {
	return do(ctx, c, detachGroupPolicy, in)
}

var detachGroupPolicy = register(operation[iam.DetachGroupPolicyInput, iam.DetachGroupPolicyOutput]{
	name: "DetachGroupPolicy", writes: true,
	access: onAttachment(store.Group,
		func(in *iam.DetachGroupPolicyInput) *string { return in.GroupName },
		func(in *iam.DetachGroupPolicyInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.DetachGroupPolicyInput) (*iam.DetachGroupPolicyOutput, error) {
		return &iam.DetachGroupPolicyOutput{}, c.detach(store.Group, *in.GroupName, *in.PolicyArn)
	},
})

// DetachRolePolicy detaches a managed policy from a role.
func (c *Client) DetachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput,
	_ ...func(*iam.Options)) (*iam.DetachRolePolicyOutput, error) {
	return do(ctx, c, detachRolePolicy, in)
}

var detachRolePolicy = register(operation[iam.DetachRolePolicyInput, iam.DetachRolePolicyOutput]{
	name: "DetachRolePolicy", writes: true,
	access: onAttachment(store.Role,
		func(in *iam.DetachRolePolicyInput) *string { return in.RoleName },
		func(in *iam.DetachRolePolicyInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
		return &iam.DetachRolePolicyOutput{}, c.detach(store.Role, *in.RoleName, *in.PolicyArn)
	},
})

// detach detaches a managed policy from an identity.
func (c *call) detach(kind store.Kind, name, arn string) error {
	identity, err := c.identityForChange(kind, name)
	if err != nil {
		return err
	}
	p, err := c.policy(arn)
	if err != nil {
		return err
	}
	err = c.tx.Detach(identity.ID, p.ID)
	if errors.Is(err, store.ErrNotFound) {
		return noSuchPolicy(arn)
	}
	if err != nil {
		return err
	}
	return c.releaseAWSPolicy(p.ID)
}

// ListAttachedUserPolicies lists the managed policies that are attached to a user.
func (c *Client) ListAttachedUserPolicies(ctx context.Context, in *iam.ListAttachedUserPoliciesInput,
	_ ...func(*iam.Options)) (*iam.ListAttachedUserPoliciesOutput, error) {
	return do(ctx, c, listAttachedUserPolicies, in)
}

var listAttachedUserPolicies = register(operation[iam.ListAttachedUserPoliciesInput,
	iam.ListAttachedUserPoliciesOutput]{
	name:   "ListAttachedUserPolicies",
	access: onUser(func(in *iam.ListAttachedUserPoliciesInput) *string { return in.UserName }),
	run: func(c *call, in *iam.ListAttachedUserPoliciesInput) (*iam.ListAttachedUserPoliciesOutput, error) {
		out := &iam.ListAttachedUserPoliciesOutput{}
		var err error
		out.AttachedPolicies, out.IsTruncated, out.Marker, err = c.attachedPolicies(store.User, *in.UserName, in.Marker,
			in.MaxItems, in.PathPrefix)
		return out, err
	},
})

// ListAttachedGroupPolicies lists the managed policies that are attached to a group.
func (c *Client) ListAttachedGroupPolicies(ctx context.Context, in *iam.ListAttachedGroupPoliciesInput,
	_ ...func(*iam.Options)) (*iam.ListAttachedGroupPoliciesOutput, error) {
	return do(ctx, c, listAttachedGroupPolicies, in)
}

var listAttachedGroupPolicies = register(operation[iam.ListAttachedGroupPoliciesInput,
	iam.ListAttachedGroupPoliciesOutput]{
	name:   "ListAttachedGroupPolicies",
	access: onGroup(func(in *iam.ListAttachedGroupPoliciesInput) *string { return in.GroupName }),
	run: func(c *call, in *iam.ListAttachedGroupPoliciesInput) (*iam.ListAttachedGroupPoliciesOutput, error) {
		out := &iam.ListAttachedGroupPoliciesOutput{}
		var err error
		out.AttachedPolicies, out.IsTruncated, out.Marker, err = c.attachedPolicies(store.Group, *in.GroupName, in.Marker,
			in.MaxItems, in.PathPrefix)
		return out, err
	},
})

// ListAttachedRolePolicies lists the managed policies that are attached to a role.
func (c *Client) ListAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesInput,
	_ ...func(*iam.Options)) (*iam.ListAttachedRolePoliciesOutput, error) {
	return do(ctx, c, listAttachedRolePolicies, in)
}

var listAttachedRolePolicies = register(operation[iam.ListAttachedRolePoliciesInput,
	iam.ListAttachedRolePoliciesOutput]{
	name:   "ListAttachedRolePolicies",
	access: onRole(func(in *iam.ListAttachedRolePoliciesInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.ListAttachedRolePoliciesInput) (*iam.ListAttachedRolePoliciesOutput, error) {
		out := &iam.ListAttachedRolePoliciesOutput{}
		var err error
		out.AttachedPolicies, out.IsTruncated, out.Marker, err = c.attachedPolicies(store.Role, *in.RoleName, in.Marker,
			in.MaxItems, in.PathPrefix)
		return out, err
	},
})

// attachedPolicies returns a page of the managed policies that are attached to an identity.
func (c *call) attachedPolicies(
	kind store.Kind, name string, marker *string, maxItems *int32, pathPrefix *string,
) (attached []iamtypes.AttachedPolicy, truncated bool, next *string, err error) {
	page, err := pageOf(marker, maxItems, pathPrefix)
	if err != nil {
		return nil, false, nil, err
	}
	identity, err := c.identity(kind, name)
	if err != nil {
		return nil, false, nil, err
	}
	found, err := c.tx.AttachedPolicies(identity.ID, page)
	if err != nil {
		return nil, false, nil, err
	}
	found, truncated, next = cutPage(page, found, policyName)
	attached = make([]iamtypes.AttachedPolicy, 0, len(found))
	for _, p := range found {
		attached = append(attached,
			iamtypes.AttachedPolicy{PolicyArn: aws.String(c.engine.policyARN(p)), PolicyName: aws.String(p.Name)})
	}
	return attached, truncated, next, nil
}

// ListEntitiesForPolicy lists the identities that use a managed policy, as an attached policy or as a
// permissions boundary. Groups come first, then users, then roles.
func (c *Client) ListEntitiesForPolicy(ctx context.Context, in *iam.ListEntitiesForPolicyInput,
	_ ...func(*iam.Options)) (*iam.ListEntitiesForPolicyOutput, error) {
	return do(ctx, c, listEntitiesForPolicy, in)
}

var listEntitiesForPolicy = register(operation[iam.ListEntitiesForPolicyInput, iam.ListEntitiesForPolicyOutput]{
	name:   "ListEntitiesForPolicy",
	access: onPolicy(func(in *iam.ListEntitiesForPolicyInput) *string { return in.PolicyArn }),
	run: func(c *call, in *iam.ListEntitiesForPolicyInput) (*iam.ListEntitiesForPolicyOutput, error) {
		p, err := c.policy(*in.PolicyArn)
		if err != nil {
			return nil, err
		}
		kinds := []string{string(store.Group), string(store.User), string(store.Role)}
		if in.EntityFilter != "" {
			// Filters for kinds of policies match nothing, since only identities use policies.
			kinds = slices.DeleteFunc(kinds, func(kind string) bool { return !strings.EqualFold(kind, string(in.EntityFilter)) })
		}
		found, truncated, next, err := listInTurn(in.Marker, in.MaxItems, in.PathPrefix, kinds,
			func(kind string, page store.Page) ([]store.Identity, error) {
				return c.entitiesUsing(p, store.Kind(kind), in.PolicyUsageFilter, page)
			},
			func(i store.Identity) string { return string(i.Kind) + "/" + i.Name })
		if err != nil {
			return nil, err
		}
		out := &iam.ListEntitiesForPolicyOutput{
			PolicyGroups: []iamtypes.PolicyGroup{}, PolicyUsers: []iamtypes.PolicyUser{}, PolicyRoles: []iamtypes.PolicyRole{},
			IsTruncated: truncated, Marker: next,
		}
		for _, i := range found {
			name, id := aws.String(i.Name), aws.String(i.ID)
			switch i.Kind {
			case store.Group:
				out.PolicyGroups = append(out.PolicyGroups, iamtypes.PolicyGroup{GroupName: name, GroupId: id})
			case store.User:
				out.PolicyUsers = append(out.PolicyUsers, iamtypes.PolicyUser{UserName: name, UserId: id})
			case store.Role:
				out.PolicyRoles = append(out.PolicyRoles, iamtypes.PolicyRole{RoleName: name, RoleId: id})
			}
		}
		return out, nil
	},
})

// entitiesUsing returns a page of the identities of one kind that use a policy. It lists an identity
// once even if the policy is both attached to it and its permissions boundary.
func (c *call) entitiesUsing(p store.Policy, kind store.Kind, filter iamtypes.PolicyUsageType,
	page store.Page) ([]store.Identity, error) {
	var found []store.Identity
	for _, usedAs := range []struct {
		usage iamtypes.PolicyUsageType
		list  func(policyID string, kind store.Kind, page store.Page) ([]store.Identity, error)
	}{
		{iamtypes.PolicyUsageTypePermissionsPolicy, c.tx.AttachedTo},
		{iamtypes.PolicyUsageTypePermissionsBoundary, c.tx.BoundaryOf},
	} {
		if filter != "" && filter != usedAs.usage {
			continue
		}
		more, err := usedAs.list(p.ID, kind, page)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	slices.SortFunc(found, func(a, b store.Identity) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	found = slices.CompactFunc(found, func(a, b store.Identity) bool { return a.ID == b.ID })
	return found[:min(len(found), page.Limit)], nil
}
