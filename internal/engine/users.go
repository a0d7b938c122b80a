package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// CreateUser creates a user.
func (c *Client) CreateUser(ctx context.Context, in *iam.CreateUserInput,
	_ ...func(*iam.Options)) (*iam.CreateUserOutput, error) {
	return do(ctx, c, createUser, in)
}

var createUser = register(operation[iam.CreateUserInput, iam.CreateUserOutput]{
	name: "CreateUser", writes: true,
	access: func(c *call, in *iam.CreateUserInput) ([]access, error) {
		user := c.accessTo(store.Identity{Kind: store.User, Path: pathOrDefault(in.Path), Name: *in.UserName}).
			withKeys(requestTags(in.Tags)...).
			withKeys(boundaryKey(in.PermissionsBoundary)...)
		if len(in.Tags) == 0 {
			return []access{user}, nil
		}
		return []access{user, user.withAction("iam:TagUser")}, nil
	},
	run: func(c *call, in *iam.CreateUserInput) (*iam.CreateUserOutput, error) {
		limits, err := c.limits()
		if err != nil {
			return nil, err
		}
		tags, err := newTags(in.Tags)
		if err != nil {
			return nil, err
		}
		boundary, err := c.boundary(in.PermissionsBoundary)
		if err != nil {
			return nil, err
		}
		user := store.Identity{
			Kind: store.User, ID: credential.NewID("AIDA"), Name: *in.UserName, Path: pathOrDefault(in.Path),
			Created: c.now, Tags: tags, Boundary: boundary,
		}
		if err := c.insertIdentity(user, limits); err != nil {
			return nil, err
		}
		out, err := c.apiUser(user)
		return &iam.CreateUserOutput{User: &out}, err
	},
})

// GetUser returns a user or, without a name, the calling user.
func (c *Client) GetUser(ctx context.Context, in *iam.GetUserInput, _ ...func(*iam.Options)) (*iam.GetUserOutput,
	error) {
	return do(ctx, c, getUser, in)
}

var getUser = register(operation[iam.GetUserInput, iam.GetUserOutput]{
	name:   "GetUser",
	access: onUser(func(in *iam.GetUserInput) *string { return in.UserName }),
	run: func(c *call, in *iam.GetUserInput) (*iam.GetUserOutput, error) {
		if in.UserName == nil && c.principal.identity.ID == "" { // AWS also returns the root user
			return &iam.GetUserOutput{User: &iamtypes.User{
				Arn: aws.String(c.principal.arn), UserId: aws.String(c.engine.account),
				UserName: aws.String("root"), Path: aws.String("/"), CreateDate: aws.Time(c.now),
			}}, nil
		}
		user, err := c.userOrSelf(in.UserName)
		if err != nil {
			return nil, err
		}
		out, err := c.apiUser(user)
		return &iam.GetUserOutput{User: &out}, err
	},
})

// ListUsers lists users by path prefix.
func (c *Client) ListUsers(ctx context.Context, in *iam.ListUsersInput, _ ...func(*iam.Options)) (*iam.ListUsersOutput,
	error) {
	return do(ctx, c, listUsers, in)
}

var listUsers = register(operation[iam.ListUsersInput, iam.ListUsersOutput]{
	name:   "ListUsers",
	access: onList(store.User, func(in *iam.ListUsersInput) *string { return in.PathPrefix }),
	run: func(c *call, in *iam.ListUsersInput) (*iam.ListUsersOutput, error) {
		found, truncated, next, err := c.identities(store.User, in.Marker, in.MaxItems, in.PathPrefix)
		if err != nil {
			return nil, err
		}
		out := &iam.ListUsersOutput{Users: []iamtypes.User{}, IsTruncated: truncated, Marker: next}
		for _, user := range found {
			out.Users = append(out.Users, c.listedUser(user))
		}
		return out, nil
	},
})

// UpdateUser renames a user or changes the user's path. The unique id, policies, groups and
// credentials do not change.
func (c *Client) UpdateUser(ctx context.Context, in *iam.UpdateUserInput,
	_ ...func(*iam.Options)) (*iam.UpdateUserOutput, error) {
	return do(ctx, c, updateUser, in)
}

var updateUser = register(operation[iam.UpdateUserInput, iam.UpdateUserOutput]{
	name: "UpdateUser", writes: true,
	access: func(c *call, in *iam.UpdateUserInput) ([]access, error) {
		return c.renameAccess(store.User, *in.UserName, in.NewPath, in.NewUserName)
	},
	run: func(c *call, in *iam.UpdateUserInput) (*iam.UpdateUserOutput, error) {
		return &iam.UpdateUserOutput{}, c.rename(store.User, *in.UserName, in.NewPath, in.NewUserName)
	},
})

// DeleteUser deletes a user who has no policies, groups, credentials or MFA devices.
func (c *Client) DeleteUser(ctx context.Context, in *iam.DeleteUserInput,
	_ ...func(*iam.Options)) (*iam.DeleteUserOutput, error) {
	return do(ctx, c, deleteUser, in)
}

var deleteUser = register(operation[iam.DeleteUserInput, iam.DeleteUserOutput]{
	name: "DeleteUser", writes: true,
	access: onUser(func(in *iam.DeleteUserInput) *string { return in.UserName }),
	run: func(c *call, in *iam.DeleteUserInput) (*iam.DeleteUserOutput, error) {
		user, err := c.identity(store.User, *in.UserName)
		if err != nil {
			return nil, err
		}
		if err := c.requireUnusedUser(user); err != nil {
			return nil, err
		}
		if err := c.tx.DeleteIdentity(user.ID); err != nil {
			return nil, err
		}
		return &iam.DeleteUserOutput{}, c.releaseAWSPolicy(user.Boundary)
	},
})

// requireUnusedUser returns a delete conflict if the user still has policies, groups, credentials
// or MFA devices, which the caller must remove first. The error names all of them.
func (c *call) requireUnusedUser(user store.Identity) error {
	conflicts, err := c.policyConflicts(user)
	if err != nil {
		return err
	}
	groups, err := c.tx.GroupsOf(user.ID, store.Page{})
	if err != nil {
		return err
	}
	conflicts = addConflict(conflicts, "must remove users from group first", groups, identityName)
	keys, err := c.tx.AccessKeys(user.ID)
	if err != nil {
		return err
	}
	conflicts = addConflict(conflicts, "must delete access keys first", keys,
		func(k store.AccessKey) string { return k.ID })
	devices, err := c.tx.MFADevicesOf(user.ID)
	if err != nil {
		return err
	}
	conflicts = addConflict(conflicts, "must delete MFA device first", devices, c.engine.mfaSerial)
	switch _, err := c.tx.LoginProfile(user.ID); {
	case err == nil:
		conflicts = append(conflicts, "must delete login profile first.")
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return identityConflict(conflicts)
}

// listedUser returns a user in the form of list outputs: without tags and boundary.
func (c *call) listedUser(user store.Identity) iamtypes.User {
	out := iamtypes.User{
		Arn: aws.String(c.engine.identityARN(user)), UserId: aws.String(user.ID),
		UserName: aws.String(user.Name), Path: aws.String(user.Path), CreateDate: aws.Time(user.Created),
	}
	if !user.PasswordLastUsed.IsZero() {
		out.PasswordLastUsed = aws.Time(user.PasswordLastUsed)
	}
	return out
}

// apiUser returns a user with tags and boundary, for operations on one user.
func (c *call) apiUser(user store.Identity) (iamtypes.User, error) {
	out := c.listedUser(user)
	out.Tags = tagsIfAny(user.Tags)
	var err error
	out.PermissionsBoundary, err = c.apiBoundary(user.Boundary)
	return out, err
}

func identityName(i store.Identity) string { return i.Name }

// joinNames joins the names of the items for an error message.
func joinNames[T any](items []T, name func(T) string) string {
	names := make([]string, 0, len(items))
	for _, item := range items {
		names = append(names, name(item))
	}
	return strings.Join(names, ", ")
}
