package engine

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func TestAddUserToGroup_Membership(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	storeLimits(t, e, `{"groups_per_user":3}`)
	c, ctx := operator(e), t.Context()
	for _, name := range []string{"Dev", "ops", "qa", "more"} {
		must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: &name}))
	}
	for _, name := range []string{"carol", "Bob", "alice"} {
		must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}))
	}
	add := func(user, group string) error {
		return errorOf(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: &user, GroupName: &group}))
	}
	remove := func(user, group string) error {
		return errorOf(c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: &user, GroupName: &group}))
	}

	for _, step := range []struct {
		do          func(user, group string) error
		user, group string
		want        string
	}{
		{add, "alice", "dev", ""},
		{add, "bob", "Dev", ""},
		{add, "carol", "DEV", ""},
		{add, "alice", "Dev", ""}, // already a member
		{add, "alice", "qa", ""},
		{add, "alice", "ops", ""},
		{add, "alice", "qa", ""}, // already a member, at the limit
		{add, "alice", "more", "LimitExceeded: Cannot exceed quota for GroupsPerUser: 3"},
		{add, "nobody", "none", "NoSuchEntity: The user with name nobody cannot be found."},
		{add, "alice", "none", "NoSuchEntity: The group with name none cannot be found."},
		{remove, "nobody", "none", "NoSuchEntity: The user with name nobody cannot be found."},
		{remove, "alice", "none", "NoSuchEntity: The group with name none cannot be found."},
		{remove, "bob", "ops", ""}, // not a member
	} {
		wantOutcome(t, step.do(step.user, step.group), step.want)
	}

	members := allPages(t, func(marker *string, maxItems *int32) ([]string, *string, error) {
		out := must(c.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String("dev"), Marker: marker, MaxItems: maxItems}))
		if *out.Group.GroupName != "Dev" {
			t.Errorf("got the group %s", *out.Group.GroupName)
		}
		return apiNames(out.Users, func(u iamtypes.User) *string { return u.UserName }),
			checkPage(t, out.IsTruncated, out.Marker), nil
	})
	if want := []string{"alice", "Bob", "carol"}; !slices.Equal(members, want) {
		t.Errorf("the group has %q, want %q", members, want)
	}
	groups := allPages(t, func(marker *string, maxItems *int32) ([]string, *string, error) {
		out := must(c.ListGroupsForUser(ctx,
			&iam.ListGroupsForUserInput{UserName: aws.String("ALICE"), Marker: marker, MaxItems: maxItems}))
		return apiNames(out.Groups, func(g iamtypes.Group) *string { return g.GroupName }),
			checkPage(t, out.IsTruncated, out.Marker), nil
	})
	if want := []string{"Dev", "ops", "qa"}; !slices.Equal(groups, want) {
		t.Errorf("the user is in %q, want %q", groups, want)
	}
	if empty := must(c.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String("more")})); empty.Users == nil ||
		len(empty.Users) > 0 {
		t.Errorf("an empty group has the users %v", empty.Users)
	}

	_, err := c.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String("dev")})
	wantError(t, err, "DeleteConflict", "Cannot delete entity, must remove users from group first: alice, Bob, carol")
	for _, name := range members {
		wantOutcome(t, remove(name, "Dev"), "")
	}
	must(c.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: aws.String("dev")}))
	if remaining := must(c.ListGroupsForUser(ctx,
		&iam.ListGroupsForUserInput{UserName: aws.String("bob")})).Groups; remaining == nil || len(remaining) > 0 {
		t.Errorf("after the group was deleted, Bob is in %v", remaining)
	}
}

func TestUpdateGroup_Renames(t *testing.T) {
	t.Parallel()
	c, ctx := operator(newTestEngine(t)), t.Context()
	id := *must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("dev")})).Group.GroupId
	must(c.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: aws.String("ops")}))
	must(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice")}))
	must(c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: aws.String("alice"), GroupName: aws.String("dev")}))

	_, err := c.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: aws.String("dev"), NewGroupName: aws.String("Ops")})
	wantError(t, err, "EntityAlreadyExists", "Group with name Ops already exists.")
	_, err = c.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: aws.String("none"), NewPath: aws.String("/x/")})
	wantError(t, err, "NoSuchEntity", "The group with name none cannot be found.")
	must(c.UpdateGroup(ctx,
		&iam.UpdateGroupInput{GroupName: aws.String("dev"), NewGroupName: aws.String("Engineers"),
			NewPath: aws.String("/x/")}))
	out := must(c.GetGroup(ctx, &iam.GetGroupInput{GroupName: aws.String("engineers")}))
	if *out.Group.GroupId != id || *out.Group.Arn != "arn:aws:iam::000000000000:group/x/Engineers" || len(out.Users) != 1 {
		t.Errorf("the renamed group is %s %s with %v", *out.Group.GroupId, *out.Group.Arn, out.Users)
	}
}
