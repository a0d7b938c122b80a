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

var uniqueID = map[string]*regexp.Regexp{
	"user": regexp.MustCompile(`^AIDA[A-Z2-7]{17}$`), "group": regexp.MustCompile(`^AGPA[A-Z2-7]{17}$`),
	"role": regexp.MustCompile(`^AROA[A-Z2-7]{17}$`), "policy": regexp.MustCompile(`^ANPA[A-Z2-7]{17}$`),
}

func users(e *env) {
	boundary := e.policy("boundary", allow("*", "*"))

	e.part("what was made is answered", func(e *env) {
		before := e.now().Add(-time.Second)
		made := ok(e, IAM.CreateUser, &iam.CreateUserInput{
			UserName: new("Anna"), Path: new("/team/a/"), PermissionsBoundary: &boundary, Tags: []iamtypes.Tag{tag("team", "a")},
		}).User
		holds(e, uniqueID["user"].MatchString(*made.UserId), "the id is %s", *made.UserId)
		holds(e, made.CreateDate.After(before.Add(-time.Second)) && !made.CreateDate.After(e.now()), "made at %s, and it is %s", made.CreateDate, e.now())
		holds(e, made.PasswordLastUsed == nil, "a password was used that there never was")
		same(e, "user", made, &iamtypes.User{
			UserName: new("Anna"), Path: new("/team/a/"), Arn: new(e.arn("user/team/a/Anna")), UserId: made.UserId, CreateDate: made.CreateDate,
			PermissionsBoundary: &iamtypes.AttachedPermissionsBoundary{
				PermissionsBoundaryArn: &boundary, PermissionsBoundaryType: "Policy",
			},
			Tags: []iamtypes.Tag{tag("team", "a")},
		})
		same(e, "GetUser", ok(e, IAM.GetUser, &iam.GetUserInput{UserName: new("Anna")}).User, made)
	})

	e.part("without a path it is /", func(e *env) {
		made := e.user("bert")
		same(e, "path", *made.Path, "/")
		holds(e, made.Tags == nil, "where there are no tags, they are answered")
		same(e, "ARN", *made.Arn, e.arn("user/bert"))
	})

	e.part("names do not differ in case", func(e *env) {
		for _, name := range []string{"Anna", "anna", "ANNA"} {
			refused(e, IAM.CreateUser, &iam.CreateUserInput{UserName: &name, Path: new("/other/")}, "EntityAlreadyExists", "User with name "+name+" already exists.")
			same(e, "found as "+name, *ok(e, IAM.GetUser, &iam.GetUserInput{UserName: &name}).User.UserName, "Anna")
		}
	})

	e.part("lists leave out tags and boundary, and know paths", func(e *env) {
		list := func(prefix *string) []string {
			users := ok(e, IAM.ListUsers, &iam.ListUsersInput{PathPrefix: prefix}).Users
			for _, u := range users {
				holds(e, u.Tags == nil && u.PermissionsBoundary == nil, "ListUsers answers with tags or boundary of %s", *u.UserName)
			}
			return each(users, func(u iamtypes.User) string { return *u.UserName })
		}
		for _, name := range []string{"/team/", "/team/a/", "/team/b/"} {
			ok(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("u" + strings.ReplaceAll(name, "/", "_")), Path: &name})
		}
		same(e, "all", list(nil), []string{"Anna", "bert", "u_team_", "u_team_a_", "u_team_b_"})
		same(e, "under /", list(new("/")), []string{"Anna", "bert", "u_team_", "u_team_a_", "u_team_b_"})
		same(e, "under /team/", list(new("/team/")), []string{"Anna", "u_team_", "u_team_a_", "u_team_b_"})
		same(e, "under /team/a/", list(new("/team/a/")), []string{"Anna", "u_team_a_"})
		same(e, "under /te", list(new("/te")), []string{"Anna", "u_team_", "u_team_a_", "u_team_b_"})
		same(e, "under /Team/", list(new("/Team/")), []string{})
		same(e, "under /none/", list(new("/none/")), []string{})
	})

	e.part("renamed and moved, a user stays who it is", func(e *env) {
		made := ok(e, IAM.GetUser, &iam.GetUserInput{UserName: new("Anna")}).User
		e.group("readers")
		ok(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("Anna"), GroupName: new("readers")})
		e.permit("Anna", allow("iam:GetUser", "*"))
		anna := e.with(e.key("Anna"))

		ok(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("Anna"), NewUserName: new("anna")}) // in case only
		ok(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("anna"), NewUserName: new("Zoe"), NewPath: new("/z/")})
		refused(e, IAM.GetUser, &iam.GetUserInput{UserName: new("Anna")}, "NoSuchEntity", "The user with name Anna cannot be found.")
		zoe := ok(e, IAM.GetUser, &iam.GetUserInput{UserName: new("zoe")}).User
		made.UserName, made.Path, made.Arn = new("Zoe"), new("/z/"), new(e.arn("user/z/Zoe"))
		same(e, "renamed", zoe, made)
		same(e, "groups", len(ok(e, IAM.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: new("Zoe")}).Groups), 1)
		same(e, "self", *ok(anna, IAM.GetUser, &iam.GetUserInput{}).User.Arn, e.arn("user/z/Zoe"))

		ok(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("Zoe"), NewPath: new("/")})
		same(e, "moved", *ok(e, IAM.GetUser, &iam.GetUserInput{UserName: new("Zoe")}).User.Arn, e.arn("user/Zoe"))
		refused(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("Zoe"), NewUserName: new("BERT")}, "EntityAlreadyExists", "User with name BERT already exists.")
		refused(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("nobody"), NewUserName: new("x")}, "NoSuchEntity", "The user with name nobody cannot be found.")
	})

	e.part("names may have signs in them, and be long", func(e *env) {
		for _, name := range []string{"a+b=c,d.e@f-g_h", longText(64), "0"} {
			made := e.user(name)
			same(e, "name", *made.UserName, name)
			same(e, "ARN", *made.Arn, e.arn("user/"+name))
			same(e, "GetUser", *ok(e, IAM.GetUser, &iam.GetUserInput{UserName: &name}).User.UserId, *made.UserId)
		}
	})

	e.part("a user, a group and a role may have one name", func(e *env) {
		e.user("same")
		e.group("same")
		e.role("same")
	})

	e.part("of many who make one user at once, one does", func(e *env) {
		var made atomic.Int32
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				_, err := try(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("contested")})
				switch codeOf(err) {
				case "":
					made.Add(1)
				case "EntityAlreadyExists":
				default:
					e.Error(err)
				}
			})
		}
		all.Wait()
		same(e, "how many did", made.Load(), 1)
	})

	e.part("the root user is answered for too", func(e *env) {
		who := ok(e, STS.GetCallerIdentity, nil)
		same(e, "GetCallerIdentity", []string{*who.Arn, *who.UserId, *who.Account}, []string{e.arn("root"), e.AccountID(), e.AccountID()})
		root := ok(e, IAM.GetUser, nil).User
		same(e, "ARN", *root.Arn, e.arn("root"))
		same(e, "id", *root.UserId, e.AccountID())
	})

	e.part("a boundary must exist", func(e *env) {
		missing := e.arn("policy/missing")
		refused(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("carl"), PermissionsBoundary: &missing}, "NoSuchEntity",
			"Scope ARN: "+missing+" does not exist or is not attachable.")
		refused(e, IAM.GetUser, &iam.GetUserInput{UserName: new("carl")}, "NoSuchEntity")
	})

	e.part("a tag's key is there once", func(e *env) {
		refused(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("carl"), Tags: []iamtypes.Tag{tag("a", "1"), tag("A", "2")}},
			"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	})

	e.part("only a user on whom nothing hangs is deleted", func(e *env) {
		name := new("dora")
		e.user(*name)
		in := &iam.DeleteUserInput{UserName: name}

		ok(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: &boundary})
		refused(e, IAM.DeleteUser, in, "DeleteConflict", "Cannot delete entity, must detach all policies first")
		ok(e, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: &boundary})

		e.permit(*name, allow("*", "*"))
		refused(e, IAM.DeleteUser, in, "DeleteConflict", "Cannot delete entity, must delete policies first")
		ok(e, IAM.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: new("permissions")})

		e.group("writers")
		ok(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: name, GroupName: new("writers")})
		refused(e, IAM.DeleteUser, in, "DeleteConflict", "Cannot delete entity, must remove users from group first")
		ok(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: name, GroupName: new("writers")})

		key := e.key(*name)
		refused(e, IAM.DeleteUser, in, "DeleteConflict", "Cannot delete entity, must delete access keys first")
		ok(e, IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: &key.AccessKeyID})

		// A boundary does not hold a user.
		ok(e, IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: name, PermissionsBoundary: &boundary})
		ok(e, IAM.DeleteUser, in)
		refused(e, IAM.DeleteUser, in, "NoSuchEntity", "The user with name dora cannot be found.")
		holds(e, *e.user("dora").UserId != "", "a name is free after its user is gone")
	})

	e.part("the same name again is another user", func(e *env) {
		first := e.user("emil")
		ok(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("EMIL")})
		second := e.user("emil")
		holds(e, *first.UserId != *second.UserId, "the id %s was given twice", *first.UserId)
	})
}
