package contract

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func groups(e *env) {
	e.part("what was made is answered", func(e *env) {
		made := ok(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: new("Admins"), Path: new("/ops/")}).Group
		holds(e, uniqueID["group"].MatchString(*made.GroupId), "the id is %s", *made.GroupId)
		same(e, "group", made, &iamtypes.Group{
			GroupName: new("Admins"), Path: new("/ops/"), Arn: new(e.arn("group/ops/Admins")), GroupId: made.GroupId, CreateDate: made.CreateDate,
		})
		found := ok(e, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("admins")})
		same(e, "GetGroup", found.Group, made)
		same(e, "members", found.Users, []iamtypes.User{})
		refused(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: new("ADMINS")}, "EntityAlreadyExists", "Group with name ADMINS already exists.")
		refused(e, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("none")}, "NoSuchEntity", "The group with name none cannot be found.")
	})

	e.part("lists know paths", func(e *env) {
		e.group("zebra")
		list := func(prefix *string) []string {
			return each(ok(e, IAM.ListGroups, &iam.ListGroupsInput{PathPrefix: prefix}).Groups, func(g iamtypes.Group) string { return *g.GroupName })
		}
		same(e, "all", list(nil), []string{"Admins", "zebra"})
		same(e, "under /ops/", list(new("/ops/")), []string{"Admins"})
		same(e, "under /x/", list(new("/x/")), []string{})
	})

	e.part("members", func(e *env) {
		for _, name := range []string{"walter", "Anna", "bert"} {
			e.user(name)
			in := &iam.AddUserToGroupInput{GroupName: new("Admins"), UserName: &name}
			ok(e, IAM.AddUserToGroup, in)
			ok(e, IAM.AddUserToGroup, in) // again is no error
		}
		members := func() []string {
			return each(ok(e, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("Admins")}).Users, func(u iamtypes.User) string { return *u.UserName })
		}
		same(e, "members", members(), []string{"Anna", "bert", "walter"})
		of := func(user string) []string {
			return each(ok(e, IAM.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: &user}).Groups, func(g iamtypes.Group) string { return *g.GroupName })
		}
		ok(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: new("zebra"), UserName: new("bert")})
		same(e, "groups of bert", of("bert"), []string{"Admins", "zebra"})

		refused(e, IAM.DeleteGroup, &iam.DeleteGroupInput{GroupName: new("zebra")}, "DeleteConflict", "Cannot delete entity, must remove users from group first")
		ok(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{GroupName: new("Admins"), UserName: new("bert")})
		same(e, "members without bert", members(), []string{"Anna", "walter"})
		same(e, "groups of bert", of("bert"), []string{"zebra"})

		for _, missing := range []struct{ user, group, message string }{
			{"nobody", "Admins", "The user with name nobody cannot be found."},
			{"bert", "none", "The group with name none cannot be found."},
		} {
			refused(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: &missing.user, GroupName: &missing.group}, "NoSuchEntity", missing.message)
			refused(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: &missing.user, GroupName: &missing.group}, "NoSuchEntity", missing.message)
		}
		ok(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: new("bert"), GroupName: new("Admins")}) // who is no member
		refused(e, IAM.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: new("nobody")}, "NoSuchEntity", "The user with name nobody cannot be found.")
	})

	e.part("renamed, a group keeps its members and policies", func(e *env) {
		ok(e, IAM.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: new("Admins"), PolicyName: new("p"), PolicyDocument: new(allow("iam:ListUsers", "*"))})
		ok(e, IAM.UpdateGroup, &iam.UpdateGroupInput{GroupName: new("Admins"), NewGroupName: new("Operators"), NewPath: new("/")})
		found := ok(e, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("operators")})
		same(e, "ARN", *found.Group.Arn, e.arn("group/Operators"))
		same(e, "members", len(found.Users), 2)
		same(e, "policies", ok(e, IAM.ListGroupPolicies, &iam.ListGroupPoliciesInput{GroupName: new("Operators")}).PolicyNames, []string{"p"})
		refused(e, IAM.UpdateGroup, &iam.UpdateGroupInput{GroupName: new("Operators"), NewGroupName: new("ZEBRA")}, "EntityAlreadyExists", "Group with name ZEBRA already exists.")
		refused(e, IAM.UpdateGroup, &iam.UpdateGroupInput{GroupName: new("Admins"), NewGroupName: new("x")}, "NoSuchEntity", "The group with name Admins cannot be found.")
	})

	e.part("only an empty group is deleted", func(e *env) {
		for _, user := range []string{"Anna", "walter"} {
			ok(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{GroupName: new("Operators"), UserName: &user})
		}
		in := &iam.DeleteGroupInput{GroupName: new("Operators")}
		refused(e, IAM.DeleteGroup, in, "DeleteConflict", "Cannot delete entity, must delete policies first")
		ok(e, IAM.DeleteGroupPolicy, &iam.DeleteGroupPolicyInput{GroupName: new("Operators"), PolicyName: new("p")})
		arn := e.policy("attached", allow("*", "*"))
		ok(e, IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: new("Operators"), PolicyArn: &arn})
		refused(e, IAM.DeleteGroup, in, "DeleteConflict", "Cannot delete entity, must detach all policies first")
		ok(e, IAM.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: new("Operators"), PolicyArn: &arn})
		ok(e, IAM.DeleteGroup, in)
		refused(e, IAM.DeleteGroup, in, "NoSuchEntity", "The group with name Operators cannot be found.")
	})

	e.part("a user is in ten groups at most", func(e *env) {
		e.user("joiner")
		for i := range 11 {
			name := fmt.Sprintf("g%d", i)
			e.group(name)
			in := &iam.AddUserToGroupInput{GroupName: &name, UserName: new("joiner")}
			if i < 10 {
				ok(e, IAM.AddUserToGroup, in)
			} else {
				refused(e, IAM.AddUserToGroup, in, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10")
			}
		}
		ok(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: new("g0"), UserName: new("joiner")}) // where it is already

		e.user("hasty")
		var joined atomic.Int32
		var all sync.WaitGroup
		for i := range 11 {
			all.Go(func() {
				_, err := try(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: new(fmt.Sprintf("g%d", i)), UserName: new("hasty")})
				switch codeOf(err) {
				case "":
					joined.Add(1)
				case "LimitExceeded":
				default:
					e.Error(err)
				}
			})
		}
		all.Wait()
		same(e, "groups joined at once", joined.Load(), 10)
	})
}
