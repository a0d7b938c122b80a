package engine

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// CreateGroup creates a group.
func (c *Client) CreateGroup(ctx context.Context, in *iam.CreateGroupInput,
	_ ...func(*iam.Options)) (*iam.CreateGroupOutput, error) {
	return do(ctx, c, createGroup, in)
}

var createGroup = register(operation[iam.CreateGroupInput, iam.CreateGroupOutput]{
	name: "CreateGroup", writes: true,
	access: func(c *call, in *iam.CreateGroupInput) ([]access, error) {
		return []access{c.accessTo(store.Identity{Kind: store.Group, Path: pathOrDefault(in.Path), Name: *in.GroupName})}, nil
	},
	run: func(c *call, in *iam.CreateGroupInput) (*iam.CreateGroupOutput, error) {
		limits, err := c.limits()
		if err != nil {
			return nil, err
		}
		group := store.Identity{
			Kind: store.Group, ID: credential.NewID("AGPA"), Name: *in.GroupName, Path: pathOrDefault(in.Path), Created: c.now,
		}
		if err := c.insertIdentity(group, limits); err != nil {
			return nil, err
		}
		return &iam.CreateGroupOutput{Group: c.apiGroup(group)}, nil
	},
})

// GetGroup returns a group and a page of its users.
func (c *Client) GetGroup(ctx context.Context, in *iam.GetGroupInput, _ ...func(*iam.Options)) (*iam.GetGroupOutput,
	error) {
	return do(ctx, c, getGroup, in)
}

var getGroup = register(operation[iam.GetGroupInput, iam.GetGroupOutput]{
	name:   "GetGroup",
	access: onGroup(func(in *iam.GetGroupInput) *string { return in.GroupName }),
	run: func(c *call, in *iam.GetGroupInput) (*iam.GetGroupOutput, error) {
		page, err := pageOf(in.Marker, in.MaxItems, nil)
		if err != nil {
			return nil, err
		}
		group, err := c.identity(store.Group, *in.GroupName)
		if err != nil {
			return nil, err
		}
		members, err := c.tx.Members(group.ID, page)
		if err != nil {
			return nil, err
		}
		out := &iam.GetGroupOutput{Group: c.apiGroup(group), Users: []iamtypes.User{}}
		members, out.IsTruncated, out.Marker = cutPage(page, members, identityName)
		for _, user := range members {
			out.Users = append(out.Users, c.listedUser(user))
		}
		return out, nil
	},
})

// ListGroups lists the groups whose path begins with a prefix.
func (c *Client) ListGroups(ctx context.Context, in *iam.ListGroupsInput,
	_ ...func(*iam.Options)) (*iam.ListGroupsOutput, error) {
	return do(ctx, c, listGroups, in)
}

var listGroups = register(operation[iam.ListGroupsInput, iam.ListGroupsOutput]{
	name:   "ListGroups",
	access: onList(store.Group, func(in *iam.ListGroupsInput) *string { return in.PathPrefix }),
	run: func(c *call, in *iam.ListGroupsInput) (*iam.ListGroupsOutput, error) {
		found, truncated, next, err := c.identities(store.Group, in.Marker, in.MaxItems, in.PathPrefix)
		if err != nil {
			return nil, err
		}
		return &iam.ListGroupsOutput{Groups: c.apiGroups(found), IsTruncated: truncated, Marker: next}, nil
	},
})

// UpdateGroup changes the name or path of a group. The group keeps its unique id, members and policies.
func (c *Client) UpdateGroup(ctx context.Context, in *iam.UpdateGroupInput,
	_ ...func(*iam.Options)) (*iam.UpdateGroupOutput, error) {
	return do(ctx, c, updateGroup, in)
}

var updateGroup = register(operation[iam.UpdateGroupInput, iam.UpdateGroupOutput]{
	name: "UpdateGroup", writes: true,
	access: func(c *call, in *iam.UpdateGroupInput) ([]access, error) {
		return c.renameAccess(store.Group, *in.GroupName, in.NewPath, in.NewGroupName)
	},
	run: func(c *call, in *iam.UpdateGroupInput) (*iam.UpdateGroupOutput, error) {
		return &iam.UpdateGroupOutput{}, c.rename(store.Group, *in.GroupName, in.NewPath, in.NewGroupName)
	},
})

// DeleteGroup deletes a group. It refuses a group that has users or policies.
func (c *Client) DeleteGroup(ctx context.Context, in *iam.DeleteGroupInput,
	_ ...func(*iam.Options)) (*iam.DeleteGroupOutput, error) {
	return do(ctx, c, deleteGroup, in)
}

var deleteGroup = register(operation[iam.DeleteGroupInput, iam.DeleteGroupOutput]{
	name: "DeleteGroup", writes: true,
	access: onGroup(func(in *iam.DeleteGroupInput) *string { return in.GroupName }),
	run: func(c *call, in *iam.DeleteGroupInput) (*iam.DeleteGroupOutput, error) {
		group, err := c.identity(store.Group, *in.GroupName)
		if err != nil {
			return nil, err
		}
		conflicts, err := c.policyConflicts(group)
		if err != nil {
			return nil, err
		}
		members, err := c.tx.Members(group.ID, store.Page{})
		if err != nil {
			return nil, err
		}
		conflicts = addConflict(conflicts, "must remove users from group first", members, identityName)
		if err := identityConflict(conflicts); err != nil {
			return nil, err
		}
		return &iam.DeleteGroupOutput{}, c.tx.DeleteIdentity(group.ID)
	},
})

// AddUserToGroup adds a user to a group. If the user is already a member, it changes nothing.
func (c *Client) AddUserToGroup(ctx context.Context, in *iam.AddUserToGroupInput,
	_ ...func(*iam.Options)) (*iam.AddUserToGroupOutput, error) {
	return do(ctx, c, addUserToGroup, in)
}

var addUserToGroup = register(operation[iam.AddUserToGroupInput, iam.AddUserToGroupOutput]{
	name: "AddUserToGroup", writes: true,
	access: onGroup(func(in *iam.AddUserToGroupInput) *string { return in.GroupName }),
	run: func(c *call, in *iam.AddUserToGroupInput) (*iam.AddUserToGroupOutput, error) {
		limits, err := c.limits()
		if err != nil {
			return nil, err
		}
		user, group, err := c.userAndGroup(*in.UserName, *in.GroupName)
		if err != nil {
			return nil, err
		}
		groups, err := c.tx.GroupsOf(user.ID, store.Page{})
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(groups, func(g store.Identity) bool { return g.ID == group.ID }) {
			if err := limits.checkGroups(len(groups) + 1); err != nil {
				return nil, err
			}
		}
		return &iam.AddUserToGroupOutput{}, c.tx.AddMember(group.ID, user.ID)
	},
})

// RemoveUserFromGroup removes a user from a group. If the user is not a member, it changes nothing.
func (c *Client) RemoveUserFromGroup(ctx context.Context, in *iam.RemoveUserFromGroupInput,
	_ ...func(*iam.Options)) (*iam.RemoveUserFromGroupOutput, error) {
	return do(ctx, c, removeUserFromGroup, in)
}

var removeUserFromGroup = register(operation[iam.RemoveUserFromGroupInput, iam.RemoveUserFromGroupOutput]{
	name: "RemoveUserFromGroup", writes: true,
	access: onGroup(func(in *iam.RemoveUserFromGroupInput) *string { return in.GroupName }),
	run: func(c *call, in *iam.RemoveUserFromGroupInput) (*iam.RemoveUserFromGroupOutput, error) {
		user, group, err := c.userAndGroup(*in.UserName, *in.GroupName)
		if err != nil {
			return nil, err
		}
		return &iam.RemoveUserFromGroupOutput{}, ignoreNotFound(c.tx.RemoveMember(group.ID, user.ID))
	},
})

// userAndGroup looks up a user and a group. Like AWS, it reports a missing user before a missing group.
func (c *call) userAndGroup(userName, groupName string) (user, group store.Identity, err error) {
	if user, err = c.identity(store.User, userName); err != nil {
		return user, group, err
	}
	group, err = c.identity(store.Group, groupName)
	return user, group, err
}

// ListGroupsForUser lists the groups of a user.
func (c *Client) ListGroupsForUser(ctx context.Context, in *iam.ListGroupsForUserInput,
	_ ...func(*iam.Options)) (*iam.ListGroupsForUserOutput, error) {
	return do(ctx, c, listGroupsForUser, in)
}

var listGroupsForUser = register(operation[iam.ListGroupsForUserInput, iam.ListGroupsForUserOutput]{
	name:   "ListGroupsForUser",
	access: onUser(func(in *iam.ListGroupsForUserInput) *string { return in.UserName }),
	run: func(c *call, in *iam.ListGroupsForUserInput) (*iam.ListGroupsForUserOutput, error) {
		page, err := pageOf(in.Marker, in.MaxItems, nil)
		if err != nil {
			return nil, err
		}
		user, err := c.identity(store.User, *in.UserName)
		if err != nil {
			return nil, err
		}
		found, err := c.tx.GroupsOf(user.ID, page)
		if err != nil {
			return nil, err
		}
		out := &iam.ListGroupsForUserOutput{}
		found, out.IsTruncated, out.Marker = cutPage(page, found, identityName)
		out.Groups = c.apiGroups(found)
		return out, nil
	},
})

func (c *call) apiGroup(group store.Identity) *iamtypes.Group {
	return &iamtypes.Group{
		Arn: aws.String(c.engine.identityARN(group)), GroupId: aws.String(group.ID),
		GroupName: aws.String(group.Name), Path: aws.String(group.Path), CreateDate: aws.Time(group.Created),
	}
}

func (c *call) apiGroups(groups []store.Identity) []iamtypes.Group {
	out := make([]iamtypes.Group, 0, len(groups))
	for _, group := range groups {
		out = append(out, *c.apiGroup(group))
	}
	return out
}
