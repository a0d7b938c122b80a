package engine

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// defaultSessionDuration is a role's default maximum session duration, in seconds.
const defaultSessionDuration = 3600

// CreateRole creates a role.
func (c *Client) CreateRole(ctx context.Context, in *iam.CreateRoleInput,
	_ ...func(*iam.Options)) (*iam.CreateRoleOutput, error) {
	return do(ctx, c, createRole, in)
}

var createRole = register(operation[iam.CreateRoleInput, iam.CreateRoleOutput]{
	name: "CreateRole", writes: true,
	access: func(c *call, in *iam.CreateRoleInput) ([]access, error) {
		role := c.accessTo(store.Identity{Kind: store.Role, Path: pathOrDefault(in.Path), Name: *in.RoleName}).
			withKeys(requestTags(in.Tags)...).
			withKeys(boundaryKey(in.PermissionsBoundary)...)
		if len(in.Tags) == 0 {
			return []access{role}, nil
		}
		return []access{role, role.withAction("iam:TagRole")}, nil
	},
	run: func(c *call, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
		limits, err := c.limits()
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(pathOrDefault(in.Path), serviceRolePath) {
			return nil, invalidInput("Path prefix '%s' can only be used for AWS Service linked Roles", serviceRolePath)
		}
		tags, err := newTags(in.Tags)
		if err != nil {
			return nil, err
		}
		trust, err := c.newTrust(*in.AssumeRolePolicyDocument)
		if err != nil {
			return nil, err
		}
		boundary, err := c.boundary(in.PermissionsBoundary)
		if err != nil {
			return nil, err
		}
		role := store.Identity{
			Kind: store.Role, ID: credential.NewID("AROA"), Name: *in.RoleName, Path: pathOrDefault(in.Path),
			Created: c.now, Tags: tags, Boundary: boundary,
			Trust: trust, Description: aws.ToString(in.Description), MaxSessionDuration: defaultSessionDuration,
		}
		if in.MaxSessionDuration != nil {
			role.MaxSessionDuration = int(*in.MaxSessionDuration)
		}
		if err := c.insertIdentity(role, limits); err != nil {
			return nil, err
		}
		out, err := c.detailedRole(role)
		if err != nil {
			return nil, err
		}
		out.Description, out.MaxSessionDuration = nil, nil // AWS omits both here
		return &iam.CreateRoleOutput{Role: &out}, nil
	},
})

// GetRole returns a role.
func (c *Client) GetRole(ctx context.Context, in *iam.GetRoleInput, _ ...func(*iam.Options)) (*iam.GetRoleOutput,
	error) {
	return do(ctx, c, getRole, in)
}

var getRole = register(operation[iam.GetRoleInput, iam.GetRoleOutput]{
	name:   "GetRole",
	access: onPermissions(store.Role, func(in *iam.GetRoleInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
		role, err := c.identity(store.Role, *in.RoleName)
		if err != nil {
			return nil, err
		}
		out, err := c.detailedRole(role)
		if err != nil {
			return nil, err
		}
		out.RoleLastUsed = apiRoleLastUsed(role)
		return &iam.GetRoleOutput{Role: &out}, nil
	},
})

// ListRoles lists roles by path prefix.
func (c *Client) ListRoles(ctx context.Context, in *iam.ListRolesInput, _ ...func(*iam.Options)) (*iam.ListRolesOutput,
	error) {
	return do(ctx, c, listRoles, in)
}

var listRoles = register(operation[iam.ListRolesInput, iam.ListRolesOutput]{
	name:   "ListRoles",
	access: onList(store.Role, func(in *iam.ListRolesInput) *string { return in.PathPrefix }),
	run: func(c *call, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
		found, truncated, next, err := c.identities(store.Role, in.Marker, in.MaxItems, in.PathPrefix)
		if err != nil {
			return nil, err
		}
		out := &iam.ListRolesOutput{Roles: []iamtypes.Role{}, IsTruncated: truncated, Marker: next}
		for _, role := range found {
			listed, err := c.listedRole(role)
			if err != nil {
				return nil, err
			}
			out.Roles = append(out.Roles, listed)
		}
		return out, nil
	},
})

// UpdateRole changes a role's description and maximum session duration. Members that the input
// omits do not change.
func (c *Client) UpdateRole(ctx context.Context, in *iam.UpdateRoleInput,
	_ ...func(*iam.Options)) (*iam.UpdateRoleOutput, error) {
	return do(ctx, c, updateRole, in)
}

var updateRole = register(operation[iam.UpdateRoleInput, iam.UpdateRoleOutput]{
	name: "UpdateRole", writes: true,
	access: onPermissions(store.Role, func(in *iam.UpdateRoleInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.UpdateRoleInput) (*iam.UpdateRoleOutput, error) {
		role, err := c.identityForChange(store.Role, *in.RoleName)
		if err != nil {
			return nil, err
		}
		if in.Description != nil {
			role.Description = *in.Description
		}
		if in.MaxSessionDuration != nil {
			role.MaxSessionDuration = int(*in.MaxSessionDuration)
		}
		return &iam.UpdateRoleOutput{}, c.tx.UpdateIdentity(role)
	},
})

// UpdateRoleDescription changes a role's description.
func (c *Client) UpdateRoleDescription(ctx context.Context, in *iam.UpdateRoleDescriptionInput,
	_ ...func(*iam.Options)) (*iam.UpdateRoleDescriptionOutput, error) {
	return do(ctx, c, updateRoleDescription, in)
}

var updateRoleDescription = register(operation[iam.UpdateRoleDescriptionInput, iam.UpdateRoleDescriptionOutput]{
	name: "UpdateRoleDescription", writes: true,
	access: onPermissions(store.Role, func(in *iam.UpdateRoleDescriptionInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.UpdateRoleDescriptionInput) (*iam.UpdateRoleDescriptionOutput, error) {
		role, err := c.identityForChange(store.Role, *in.RoleName)
		if err != nil {
			return nil, err
		}
		role.Description = *in.Description
		if err := c.tx.UpdateIdentity(role); err != nil {
			return nil, err
		}
		out, err := c.listedRole(role)
		out.MaxSessionDuration = nil // AWS omits it here
		return &iam.UpdateRoleDescriptionOutput{Role: &out}, err
	},
})

// UpdateAssumeRolePolicy replaces a role's trust policy.
func (c *Client) UpdateAssumeRolePolicy(ctx context.Context, in *iam.UpdateAssumeRolePolicyInput,
	_ ...func(*iam.Options)) (*iam.UpdateAssumeRolePolicyOutput, error) {
	return do(ctx, c, updateAssumeRolePolicy, in)
}

var updateAssumeRolePolicy = register(operation[iam.UpdateAssumeRolePolicyInput, iam.UpdateAssumeRolePolicyOutput]{
	name: "UpdateAssumeRolePolicy", writes: true,
	access: onPermissions(store.Role, func(in *iam.UpdateAssumeRolePolicyInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
		role, err := c.identityForChange(store.Role, *in.RoleName)
		if err != nil {
			return nil, err
		}
		if role.Trust, err = c.newTrust(*in.PolicyDocument); err != nil {
			return nil, err
		}
		return &iam.UpdateAssumeRolePolicyOutput{}, c.tx.UpdateIdentity(role)
	},
})

// DeleteRole deletes a role that has no policies. Trust policies that name the role then show its
// unique id.
func (c *Client) DeleteRole(ctx context.Context, in *iam.DeleteRoleInput,
	_ ...func(*iam.Options)) (*iam.DeleteRoleOutput, error) {
	return do(ctx, c, deleteRole, in)
}

var deleteRole = register(operation[iam.DeleteRoleInput, iam.DeleteRoleOutput]{
	name: "DeleteRole", writes: true,
	access: onPermissions(store.Role, func(in *iam.DeleteRoleInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
		role, err := c.identityForChange(store.Role, *in.RoleName)
		if err != nil {
			return nil, err
		}
		conflicts, err := c.policyConflicts(role)
		if err != nil {
			return nil, err
		}
		if err := identityConflict(conflicts); err != nil {
			return nil, err
		}
		if err := c.tx.DeleteIdentity(role.ID); err != nil {
			return nil, err
		}
		return &iam.DeleteRoleOutput{}, c.releaseAWSPolicy(role.Boundary)
	},
})

// ListInstanceProfilesForRole returns an empty list, since the engine has no instance profiles.
// Terraform's AWS provider calls it before it deletes a role.
func (c *Client) ListInstanceProfilesForRole(ctx context.Context, in *iam.ListInstanceProfilesForRoleInput,
	_ ...func(*iam.Options)) (*iam.ListInstanceProfilesForRoleOutput, error) {
	return do(ctx, c, listInstanceProfilesForRole, in)
}

var listInstanceProfilesForRole = register(operation[iam.ListInstanceProfilesForRoleInput,
	iam.ListInstanceProfilesForRoleOutput]{
	name:   "ListInstanceProfilesForRole",
	access: onRole(func(in *iam.ListInstanceProfilesForRoleInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
		if _, err := c.identity(store.Role, *in.RoleName); err != nil {
			return nil, err
		}
		return &iam.ListInstanceProfilesForRoleOutput{InstanceProfiles: []iamtypes.InstanceProfile{}}, nil
	},
})

// listedRole returns a role in the form of list outputs: without tags, boundary and last use.
func (c *call) listedRole(role store.Identity) (iamtypes.Role, error) {
	trust, err := c.trustWithARNs(role.Trust)
	if err != nil {
		return iamtypes.Role{}, err
	}
	out := iamtypes.Role{
		Arn: aws.String(c.engine.identityARN(role)), RoleId: aws.String(role.ID),
		RoleName: aws.String(role.Name), Path: aws.String(role.Path), CreateDate: aws.Time(role.Created),
		AssumeRolePolicyDocument: apiDocument(trust),
		MaxSessionDuration:       aws.Int32(int32(role.MaxSessionDuration)), //nolint:gosec // at most 43200
	}
	if role.Description != "" {
		out.Description = aws.String(role.Description)
	}
	return out, nil
}

// detailedRole returns a role with its tags and boundary.
func (c *call) detailedRole(role store.Identity) (iamtypes.Role, error) {
	out, err := c.listedRole(role)
	if err != nil {
		return out, err
	}
	out.Tags = tagsIfAny(role.Tags)
	out.PermissionsBoundary, err = c.apiBoundary(role.Boundary)
	return out, err
}

// apiRoleLastUsed returns the time and region of a role's last use. Both are missing if nobody has
// used the role.
func apiRoleLastUsed(role store.Identity) *iamtypes.RoleLastUsed {
	if role.LastUsed.IsZero() {
		return &iamtypes.RoleLastUsed{}
	}
	return &iamtypes.RoleLastUsed{LastUsedDate: aws.Time(role.LastUsed), Region: aws.String(role.LastUsedRegion)}
}
