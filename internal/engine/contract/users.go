package contract

import (
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// uniqueID has the pattern of the unique ids of each kind of entity.
var uniqueID = map[string]*regexp.Regexp{
	"user": regexp.MustCompile(`^AIDA[A-Z2-7]{17}$`), "group": regexp.MustCompile(`^AGPA[A-Z2-7]{17}$`),
	"role": regexp.MustCompile(`^AROA[A-Z2-7]{17}$`), "policy": regexp.MustCompile(`^ANPA[A-Z2-7]{17}$`),
}

func users(e *env) {
	boundary := e.policy("boundary", allow("*", "*"))

	e.part("create and get", func(e *env) {
		before := e.now().Add(-time.Second)
		created := succeed(e, IAM.CreateUser, &iam.CreateUserInput{
			UserName: new("Anna"), Path: new("/team/a/"), PermissionsBoundary: &boundary, Tags: []iamtypes.Tag{tag("team", "a")},
		}).User
		check(e, uniqueID["user"].MatchString(*created.UserId), "the id is %s", *created.UserId)
		check(e, created.CreateDate.After(before.Add(-time.Second)) && !created.CreateDate.After(e.now()),
			"CreateDate is %s, and the time of the service is %s", created.CreateDate, e.now())
		check(e, created.PasswordLastUsed == nil, "PasswordLastUsed is set for a user without a password")
		equal(e, "user", created, &iamtypes.User{
			UserName: new("Anna"), Path: new("/team/a/"), Arn: new(e.arn("user/team/a/Anna")), UserId: created.UserId,
			CreateDate: created.CreateDate,
			PermissionsBoundary: &iamtypes.AttachedPermissionsBoundary{
				PermissionsBoundaryArn: &boundary, PermissionsBoundaryType: "Policy",
			},
			Tags: []iamtypes.Tag{tag("team", "a")},
		})
		equal(e, "GetUser", succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: new("Anna")}).User, created)
	})

	e.part("default path", func(e *env) {
		created := e.user("bert")
		equal(e, "path", *created.Path, "/")
		check(e, created.Tags == nil, "an answer for a user without tags has a list of tags")
		equal(e, "ARN", *created.Arn, e.arn("user/bert"))
	})

	e.part("names in another case", func(e *env) {
		for _, name := range []string{"Anna", "anna", "ANNA"} {
			fail(e, IAM.CreateUser, &iam.CreateUserInput{UserName: &name, Path: new("/other/")}, "EntityAlreadyExists",
				"User with name "+name+" already exists.")
			equal(e, "found as "+name, *succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: &name}).User.UserName, "Anna")
		}
	})

	e.part("lists", func(e *env) {
		list := func(prefix *string) []string {
			users := succeed(e, IAM.ListUsers, &iam.ListUsersInput{PathPrefix: prefix}).Users
			for _, u := range users {
				check(e, u.Tags == nil && u.PermissionsBoundary == nil, "ListUsers returned the tags or the boundary of %s",
					*u.UserName)
			}
			return collect(users, func(u iamtypes.User) string { return *u.UserName })
		}
		for _, name := range []string{"/team/", "/team/a/", "/team/b/"} {
			succeed(e, IAM.CreateUser,
				&iam.CreateUserInput{UserName: new("u" + strings.ReplaceAll(name, "/", "_")), Path: &name})
		}
		equal(e, "all", list(nil), []string{"Anna", "bert", "u_team_", "u_team_a_", "u_team_b_"})
		equal(e, "under /", list(new("/")), []string{"Anna", "bert", "u_team_", "u_team_a_", "u_team_b_"})
		equal(e, "under /team/", list(new("/team/")), []string{"Anna", "u_team_", "u_team_a_", "u_team_b_"})
		equal(e, "under /team/a/", list(new("/team/a/")), []string{"Anna", "u_team_a_"})
		equal(e, "under /te", list(new("/te")), []string{"Anna", "u_team_", "u_team_a_", "u_team_b_"})
		equal(e, "under /Team/", list(new("/Team/")), []string{})
		equal(e, "under /none/", list(new("/none/")), []string{})
	})

	e.part("rename and move", func(e *env) {
		created := succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: new("Anna")}).User
		e.group("readers")
		succeed(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("Anna"), GroupName: new("readers")})
		e.permit("Anna", allow("iam:GetUser", "*"))
		anna := e.actAs(e.key("Anna"))

		// changes only the case
		succeed(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("Anna"), NewUserName: new("anna")})
		succeed(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("anna"), NewUserName: new("Zoe"), NewPath: new("/z/")})
		fail(e, IAM.GetUser, &iam.GetUserInput{UserName: new("Anna")}, "NoSuchEntity",
			"The user with name Anna cannot be found.")
		zoe := succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: new("zoe")}).User
		created.UserName, created.Path, created.Arn = new("Zoe"), new("/z/"), new(e.arn("user/z/Zoe"))
		equal(e, "renamed", zoe, created)
		equal(e, "groups",
			len(succeed(e, IAM.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: new("Zoe")}).Groups), 1)
		equal(e, "self", *succeed(anna, IAM.GetUser, &iam.GetUserInput{}).User.Arn, e.arn("user/z/Zoe"))

		succeed(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("Zoe"), NewPath: new("/")})
		equal(e, "moved", *succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: new("Zoe")}).User.Arn, e.arn("user/Zoe"))
		fail(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("Zoe"), NewUserName: new("BERT")}, "EntityAlreadyExists",
			"User with name BERT already exists.")
		fail(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("nobody"), NewUserName: new("x")}, "NoSuchEntity",
			"The user with name nobody cannot be found.")
	})

	e.part("valid names", func(e *env) {
		for _, name := range []string{"a+b=c,d.e@f-g_h", longText(64), "0"} {
			created := e.user(name)
			equal(e, "name", *created.UserName, name)
			equal(e, "ARN", *created.Arn, e.arn("user/"+name))
			equal(e, "GetUser", *succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: &name}).User.UserId, *created.UserId)
		}
	})

	e.part("same name for user, group and role", func(e *env) {
		e.user("same")
		e.group("same")
		e.role("same")
	})

	e.part("concurrent creation", func(e *env) {
		var created atomic.Int32
		var wait sync.WaitGroup
		for range 10 {
			wait.Go(func() {
				_, err := call(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("contested")})
				switch codeOf(err) {
				case "":
					created.Add(1)
				case "EntityAlreadyExists":
				default:
					e.Error(err)
				}
			})
		}
		wait.Wait()
		equal(e, "number of successful calls", created.Load(), 1)
	})

	e.part("root user", func(e *env) {
		identity := succeed(e, STS.GetCallerIdentity, nil)
		equal(e, "GetCallerIdentity", []string{*identity.Arn, *identity.UserId, *identity.Account},
			[]string{e.arn("root"), e.AccountID(), e.AccountID()})
		root := succeed(e, IAM.GetUser, nil).User
		equal(e, "ARN", *root.Arn, e.arn("root"))
		equal(e, "id", *root.UserId, e.AccountID())
	})

	e.part("missing boundary", func(e *env) {
		missing := e.arn("policy/missing")
		fail(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("carl"), PermissionsBoundary: &missing}, "NoSuchEntity",
			"Scope ARN: "+missing+" does not exist or is not attachable.")
		fail(e, IAM.GetUser, &iam.GetUserInput{UserName: new("carl")}, "NoSuchEntity")
	})

	e.part("duplicate tag key", func(e *env) {
		fail(e, IAM.CreateUser,
			&iam.CreateUserInput{UserName: new("carl"), Tags: []iamtypes.Tag{tag("a", "1"), tag("A", "2")}},
			"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	})

	e.part("delete a user in use", func(e *env) {
		name := new("dora")
		e.user(*name)
		in := &iam.DeleteUserInput{UserName: name}

		succeed(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: &boundary})
		fail(e, IAM.DeleteUser, in, "DeleteConflict", "Cannot delete entity, must detach all policies first")
		succeed(e, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: &boundary})

		e.permit(*name, allow("*", "*"))
		fail(e, IAM.DeleteUser, in, "DeleteConflict", "Cannot delete entity, must delete policies first")
		succeed(e, IAM.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: new("permissions")})

		e.group("writers")
		succeed(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: name, GroupName: new("writers")})
		fail(e, IAM.DeleteUser, in, "DeleteConflict", "Cannot delete entity, must remove users from group first")
		succeed(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: name, GroupName: new("writers")})

		key := e.key(*name)
		fail(e, IAM.DeleteUser, in, "DeleteConflict", "Cannot delete entity, must delete access keys first")
		succeed(e, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: &key.AccessKeyID})

		// A user with a boundary can be deleted.
		succeed(e, IAM.PutUserPermissionsBoundary,
			&iam.PutUserPermissionsBoundaryInput{UserName: name, PermissionsBoundary: &boundary})
		succeed(e, IAM.DeleteUser, in)
		fail(e, IAM.DeleteUser, in, "NoSuchEntity", "The user with name dora cannot be found.")
		check(e, *e.user("dora").UserId != "", "the user created again has no id")
	})

	e.part("recreated user", func(e *env) {
		first := e.user("emil")
		succeed(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("EMIL")})
		second := e.user("emil")
		check(e, *first.UserId != *second.UserId, "two users of the same name got the id %s", *first.UserId)
	})
}
