package engine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// PutUserPermissionsBoundary sets the permissions boundary of a user. It replaces an existing one.
func (c *Client) PutUserPermissionsBoundary(ctx context.Context, in *iam.PutUserPermissionsBoundaryInput,
	_ ...func(*iam.Options)) (*iam.PutUserPermissionsBoundaryOutput, error) {
	return do(ctx, c, putUserPermissionsBoundary, in)
}

var putUserPermissionsBoundary = register(operation[iam.PutUserPermissionsBoundaryInput,
	iam.PutUserPermissionsBoundaryOutput]{
	name: "PutUserPermissionsBoundary", writes: true,
	access: onNewBoundary(store.User,
		func(in *iam.PutUserPermissionsBoundaryInput) *string { return in.UserName },
		func(in *iam.PutUserPermissionsBoundaryInput) *string { return in.PermissionsBoundary }),
	run: func(c *call, in *iam.PutUserPermissionsBoundaryInput) (*iam.PutUserPermissionsBoundaryOutput, error) {
		return &iam.PutUserPermissionsBoundaryOutput{}, c.setBoundary(store.User, *in.UserName, in.PermissionsBoundary)
	},
})

// PutRolePermissionsBoundary sets the permissions boundary of a role. It replaces an existing one.
func (c *Client) PutRolePermissionsBoundary(ctx context.Context, in *iam.PutRolePermissionsBoundaryInput,
	_ ...func(*iam.Options)) (*iam.PutRolePermissionsBoundaryOutput, error) {
	return do(ctx, c, putRolePermissionsBoundary, in)
}

var putRolePermissionsBoundary = register(operation[iam.PutRolePermissionsBoundaryInput,
	iam.PutRolePermissionsBoundaryOutput]{
	name: "PutRolePermissionsBoundary", writes: true,
	access: onNewBoundary(store.Role,
		func(in *iam.PutRolePermissionsBoundaryInput) *string { return in.RoleName },
		func(in *iam.PutRolePermissionsBoundaryInput) *string { return in.PermissionsBoundary }),
	run: func(c *call, in *iam.PutRolePermissionsBoundaryInput) (*iam.PutRolePermissionsBoundaryOutput, error) {
		return &iam.PutRolePermissionsBoundaryOutput{}, c.setBoundary(store.Role, *in.RoleName, in.PermissionsBoundary)
	},
})

// DeleteUserPermissionsBoundary removes the permissions boundary of a user.
func (c *Client) DeleteUserPermissionsBoundary(ctx context.Context, in *iam.DeleteUserPermissionsBoundaryInput,
	_ ...func(*iam.Options)) (*iam.DeleteUserPermissionsBoundaryOutput, error) {
	return do(ctx, c, deleteUserPermissionsBoundary, in)
}

var deleteUserPermissionsBoundary = register(operation[iam.DeleteUserPermissionsBoundaryInput,
	iam.DeleteUserPermissionsBoundaryOutput]{
	name: "DeleteUserPermissionsBoundary", writes: true,
	access: onPermissions(store.User, func(in *iam.DeleteUserPermissionsBoundaryInput) *string { return in.UserName }),
	run: func(c *call, in *iam.DeleteUserPermissionsBoundaryInput) (*iam.DeleteUserPermissionsBoundaryOutput, error) {
		return &iam.DeleteUserPermissionsBoundaryOutput{}, c.setBoundary(store.User, *in.UserName, nil)
	},
})

// DeleteRolePermissionsBoundary removes the permissions boundary of a role.
func (c *Client) DeleteRolePermissionsBoundary(ctx context.Context, in *iam.DeleteRolePermissionsBoundaryInput,
	_ ...func(*iam.Options)) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
	return do(ctx, c, deleteRolePermissionsBoundary, in)
}

var deleteRolePermissionsBoundary = register(operation[iam.DeleteRolePermissionsBoundaryInput,
	iam.DeleteRolePermissionsBoundaryOutput]{
	name: "DeleteRolePermissionsBoundary", writes: true,
	access: onPermissions(store.Role, func(in *iam.DeleteRolePermissionsBoundaryInput) *string { return in.RoleName }),
	run: func(c *call, in *iam.DeleteRolePermissionsBoundaryInput) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
		return &iam.DeleteRolePermissionsBoundaryOutput{}, c.setBoundary(store.Role, *in.RoleName, nil)
	},
})

// setBoundary sets the permissions boundary of an identity, or removes it if arn is nil. Removing a
// missing boundary changes nothing.
func (c *call) setBoundary(kind store.Kind, name string, arn *string) error {
	identity, err := c.identityForChange(kind, name)
	if err != nil {
		return err
	}
	before := identity.Boundary
	if identity.Boundary, err = c.boundary(arn); err != nil {
		return err
	}
	if err := c.tx.UpdateIdentity(identity); err != nil {
		return err
	}
	return c.releaseAWSPolicy(before)
}
