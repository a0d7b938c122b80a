package contract

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func groups(e *env) {
	e.part("create and get", func(e *env) {
		created := succeed(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: new("Admins"), Path: new("/ops/")}).Group
		check(e, uniqueID["group"].MatchString(*created.GroupId), "the id is %s", *created.GroupId)
		equal(e, "group", created, &iamtypes.Group{
			GroupName: new("Admins"), Path: new("/ops/"), Arn: new(e.arn("group/ops/Admins")), GroupId: created.GroupId,
			CreateDate: created.CreateDate,
		})
		found := succeed(e, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("admins")})
		equal(e, "GetGroup", found.Group, created)
		equal(e, "members", found.Users, []iamtypes.User{})
		fail(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: new("ADMINS")}, "EntityAlreadyExists",
			"Group with name ADMINS already exists.")
		fail(e, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("none")}, "NoSuchEntity",
			"The group with name none cannot be found.")
	})

	e.part("path prefix", func(e *env) {
		e.group("zebra")
		list := func(prefix *string) []string {
			return collect(succeed(e, IAM.ListGroups, &iam.ListGroupsInput{PathPrefix: prefix}).Groups,
				func(g iamtypes.Group) string { return *g.GroupName })
		}
		equal(e, "all", list(nil), []string{"Admins", "zebra"})
		equal(e, "under /ops/", list(new("/ops/")), []string{"Admins"})
		equal(e, "under /x/", list(new("/x/")), []string{})
	})

	e.part("members", func(e *env) {
		for _, name := range []string{"walter", "Anna", "bert"} {
			e.user(name)
			in := &iam.AddUserToGroupInput{GroupName: new("Admins"), UserName: &name}
			succeed(e, IAM.AddUserToGroup, in)
			succeed(e, IAM.AddUserToGroup, in) // adding a member again succeeds
		}
		members := func() []string {
			return collect(succeed(e, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("Admins")}).Users,
				func(u iamtypes.User) string { return *u.UserName })
		}
		equal(e, "members", members(), []string{"Anna", "bert", "walter"})
		groupsOf := func(user string) []string {
			return collect(succeed(e, IAM.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: &user}).Groups,
				func(g iamtypes.Group) string { return *g.GroupName })
		}
		succeed(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: new("zebra"), UserName: new("bert")})
		equal(e, "groups of bert", groupsOf("bert"), []string{"Admins", "zebra"})

		fail(e, IAM.DeleteGroup, &iam.DeleteGroupInput{GroupName: new("zebra")}, "DeleteConflict",
			"Cannot delete entity, must remove users from group first")
		succeed(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{GroupName: new("Admins"), UserName: new("bert")})
		equal(e, "members without bert", members(), []string{"Anna", "walter"})
		equal(e, "groups of bert", groupsOf("bert"), []string{"zebra"})

		for _, missing := range []struct{ user, group, message string }{
			{"nobody", "Admins", "The user with name nobody cannot be found."},
			{"bert", "none", "The group with name none cannot be found."},
		} {
			fail(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: &missing.user, GroupName: &missing.group},
				"NoSuchEntity", missing.message)
			fail(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: &missing.user, GroupName: &missing.group},
				"NoSuchEntity", missing.message)
		}
		// bert is not a member
		succeed(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: new("bert"), GroupName: new("Admins")})
		fail(e, IAM.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: new("nobody")}, "NoSuchEntity",
			"The user with name nobody cannot be found.")
	})

	e.part("rename", func(e *env) {
		succeed(e, IAM.PutGroupPolicy,
			&iam.PutGroupPolicyInput{GroupName: new("Admins"), PolicyName: new("p"),
				PolicyDocument: new(allow("iam:ListUsers", "*"))})
		succeed(e, IAM.UpdateGroup,
			&iam.UpdateGroupInput{GroupName: new("Admins"), NewGroupName: new("Operators"), NewPath: new("/")})
		found := succeed(e, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("operators")})
		equal(e, "ARN", *found.Group.Arn, e.arn("group/Operators"))
		equal(e, "members", len(found.Users), 2)
		equal(e, "policies",
			succeed(e, IAM.ListGroupPolicies, &iam.ListGroupPoliciesInput{GroupName: new("Operators")}).PolicyNames,
			[]string{"p"})
		fail(e, IAM.UpdateGroup, &iam.UpdateGroupInput{GroupName: new("Operators"), NewGroupName: new("ZEBRA")},
			"EntityAlreadyExists", "Group with name ZEBRA already exists.")
		fail(e, IAM.UpdateGroup, &iam.UpdateGroupInput{GroupName: new("Admins"), NewGroupName: new("x")}, "NoSuchEntity",
			"The group with name Admins cannot be found.")
	})

	e.part("delete a group in use", func(e *env) {
		for _, user := range []string{"Anna", "walter"} {
			succeed(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{GroupName: new("Operators"), UserName: &user})
		}
		in := &iam.DeleteGroupInput{GroupName: new("Operators")}
		fail(e, IAM.DeleteGroup, in, "DeleteConflict", "Cannot delete entity, must delete policies first")
		succeed(e, IAM.DeleteGroupPolicy, &iam.DeleteGroupPolicyInput{GroupName: new("Operators"), PolicyName: new("p")})
		arn := e.policy("attached", allow("*", "*"))
		succeed(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("Operators"), PolicyArn: &arn})
		fail(e, IAM.DeleteGroup, in, "DeleteConflict", "Cannot delete entity, must detach all policies first")
		succeed(e, IAM.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: new("Operators"), PolicyArn: &arn})
		succeed(e, IAM.DeleteGroup, in)
		fail(e, IAM.DeleteGroup, in, "NoSuchEntity", "The group with name Operators cannot be found.")
	})

	e.part("quota of groups per user", func(e *env) {
		e.user("joiner")
		for i := range 11 {
			name := fmt.Sprintf("g%d", i)
			e.group(name)
			in := &iam.AddUserToGroupInput{GroupName: &name, UserName: new("joiner")}
			if i < 10 {
				succeed(e, IAM.AddUserToGroup, in)
			} else {
				fail(e, IAM.AddUserToGroup, in, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")
			}
		}
		// joiner is already a member
		succeed(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: new("g0"), UserName: new("joiner")})

		e.user("concurrent")
		var joined atomic.Int32
		var wait sync.WaitGroup
		for i := range 11 {
			wait.Go(func() {
				_, err := call(e, IAM.AddUserToGroup,
					&iam.AddUserToGroupInput{GroupName: new(fmt.Sprintf("g%d", i)), UserName: new("concurrent")})
				switch codeOf(err) {
				case "":
					joined.Add(1)
				case "LimitExceeded":
				default:
					e.Error(err)
				}
			})
		}
		wait.Wait()
		equal(e, "groups joined by concurrent calls", joined.Load(), 10)
	})
}
