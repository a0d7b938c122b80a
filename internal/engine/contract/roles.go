package contract

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func roles(e *env) {
	boundary := e.policy("boundary", allow("*", "*"))
	document := trustPolicy(e.arn("root"))

	e.part("create and get", func(e *env) {
		created := succeed(e, IAM.CreateRole, &iam.CreateRoleInput{
			RoleName: new("Reader"), Path: new("/app/"), AssumeRolePolicyDocument: &document, Description: new("reads"),
			MaxSessionDuration: new(int32(7200)), PermissionsBoundary: &boundary, Tags: []iamtypes.Tag{tag("team", "a")},
		}).Role
		check(e, uniqueID["role"].MatchString(*created.RoleId), "the id is %s", *created.RoleId)
		equal(e, "trust policy", decodeDocument(e, created.AssumeRolePolicyDocument), document)
		found := succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("reader")}).Role
		equal(e, "GetRole", found, &iamtypes.Role{
			RoleName: new("Reader"), Path: new("/app/"), Arn: new(e.arn("role/app/Reader")), RoleId: created.RoleId,
			CreateDate:               created.CreateDate,
			AssumeRolePolicyDocument: created.AssumeRolePolicyDocument, Description: new("reads"),
			MaxSessionDuration: new(int32(7200)),
			PermissionsBoundary: &iamtypes.AttachedPermissionsBoundary{
				PermissionsBoundaryArn: &boundary, PermissionsBoundaryType: "Policy",
			},
			RoleLastUsed: &iamtypes.RoleLastUsed{}, Tags: []iamtypes.Tag{tag("team", "a")},
		})
	})

	e.part("default session duration", func(e *env) {
		e.role("plain")
		found := succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("plain")}).Role
		equal(e, "maximum", *found.MaxSessionDuration, 3600)
		equal(e, "ARN", *found.Arn, e.arn("role/plain"))
	})

	e.part("refused inputs", func(e *env) {
		create := func(change func(in *iam.CreateRoleInput)) *iam.CreateRoleInput {
			in := &iam.CreateRoleInput{RoleName: new("new"), AssumeRolePolicyDocument: &document}
			change(in)
			return in
		}
		fail(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.RoleName = new("READER") }),
			"EntityAlreadyExists", "Role with name READER already exists.")
		fail(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.PermissionsBoundary = new(e.arn("policy/none")) }),
			"NoSuchEntity", "Scope ARN: "+e.arn("policy/none")+" does not exist or is not attachable.")
		fail(e, IAM.CreateRole,
			create(func(in *iam.CreateRoleInput) { in.Tags = []iamtypes.Tag{tag("a", "1"), tag("A", "2")} }),
			"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		fail(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.Path = new("/aws-service-role/x.amazonaws.com/") }),
			"InvalidInput")
		fail(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = new("{") }),
			"MalformedPolicyDocument")
		fail(e, IAM.CreateRole,
			create(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = new(allow("sts:AssumeRole", "*")) }),
			"MalformedPolicyDocument")
		fail(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("new")}, "NoSuchEntity",
			"The role with name new cannot be found.")
	})

	e.part("lists", func(e *env) {
		list := func(prefix *string) []string {
			roles := succeed(e, IAM.ListRoles, &iam.ListRolesInput{PathPrefix: prefix}).Roles
			for _, r := range roles {
				check(e, r.Tags == nil && r.PermissionsBoundary == nil && r.RoleLastUsed == nil,
					"ListRoles returned the tags, the boundary or the last use of %s", *r.RoleName)
				check(e, r.AssumeRolePolicyDocument != nil, "ListRoles did not return the trust policy of %s", *r.RoleName)
			}
			return collect(roles, func(r iamtypes.Role) string { return *r.RoleName })
		}
		equal(e, "all", list(nil), []string{"plain", "Reader"})
		equal(e, "under /app/", list(new("/app/")), []string{"Reader"})
		equal(e, "under /x/", list(new("/x/")), []string{})
	})

	e.part("update", func(e *env) {
		get := func() *iamtypes.Role { return succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("plain")}).Role }
		succeed(e, IAM.UpdateRole,
			&iam.UpdateRoleInput{RoleName: new("plain"), Description: new("first"), MaxSessionDuration: new(int32(43200))})
		equal(e, "description", *get().Description, "first")
		equal(e, "maximum", *get().MaxSessionDuration, 43200)
		equal(e, "UpdateRoleDescription",
			*succeed(e, IAM.UpdateRoleDescription,
				&iam.UpdateRoleDescriptionInput{RoleName: new("plain"), Description: new("second")}).Role.Description, "second")
		equal(e, "description", *get().Description, "second")
		equal(e, "maximum", *get().MaxSessionDuration, 43200)

		other := trustPolicy(e.AccountID())
		succeed(e, IAM.UpdateAssumeRolePolicy,
			&iam.UpdateAssumeRolePolicyInput{RoleName: new("plain"), PolicyDocument: &other})
		check(e, strings.Contains(decodeDocument(e, get().AssumeRolePolicyDocument), e.AccountID()),
			"the trust policy did not change")
		fail(e, IAM.UpdateAssumeRolePolicy,
			&iam.UpdateAssumeRolePolicyInput{RoleName: new("plain"), PolicyDocument: new("{}")}, "MalformedPolicyDocument")

		missing := new("none")
		fail(e, IAM.UpdateRole, &iam.UpdateRoleInput{RoleName: missing}, "NoSuchEntity",
			"The role with name none cannot be found.")
		fail(e, IAM.UpdateRoleDescription, &iam.UpdateRoleDescriptionInput{RoleName: missing, Description: new("x")},
			"NoSuchEntity")
		fail(e, IAM.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: missing, PolicyDocument: &other},
			"NoSuchEntity")
	})

	e.part("delete a role in use", func(e *env) {
		name := new("reader")
		in := &iam.DeleteRoleInput{RoleName: name}
		equal(e, "instance profiles",
			succeed(e, IAM.ListInstanceProfilesForRole, &iam.ListInstanceProfilesForRoleInput{RoleName: name}).InstanceProfiles,
			[]iamtypes.InstanceProfile{})
		succeed(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: &boundary})
		fail(e, IAM.DeleteRole, in, "DeleteConflict", "Cannot delete entity, must detach all policies first")
		succeed(e, IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: &boundary})
		succeed(e, IAM.PutRolePolicy,
			&iam.PutRolePolicyInput{RoleName: name, PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))})
		fail(e, IAM.DeleteRole, in, "DeleteConflict", "Cannot delete entity, must delete policies first")
		succeed(e, IAM.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: new("p")})
		succeed(e, IAM.DeleteRole, in)
		fail(e, IAM.DeleteRole, in, "NoSuchEntity", "The role with name reader cannot be found.")
		fail(e, IAM.ListInstanceProfilesForRole, &iam.ListInstanceProfilesForRoleInput{RoleName: name}, "NoSuchEntity")
	})
}

// trust tests how roles show the principals of their trust policies.
func trust(e *env) {
	e.user("anna")
	e.role("other")

	e.part("missing principal", func(e *env) {
		for _, principal := range []string{e.arn("user/nobody"), e.arn("role/none"), e.arn("user/path/anna"),
			"AIDAAAAAAAAAAAAAAAAAA"} {
			document := trustPolicy(principal)
			fail(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: &document},
				"MalformedPolicyDocument", "Invalid principal in policy", principal)
		}
	})

	e.part("recreated user", func(e *env) {
		document := trustPolicy(e.arn("user/anna"))
		e.roleFor("for-anna", document)
		shown := func() string {
			return decodeDocument(e,
				succeed(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("for-anna")}).Role.AssumeRolePolicyDocument)
		}
		equal(e, "trust policy", shown(), document)

		id := *succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: new("anna")}).User.UserId
		succeed(e, IAM.UpdateUser,
			&iam.UpdateUserInput{UserName: new("anna"), NewUserName: new("anne"), NewPath: new("/moved/")})
		equal(e, "after the user was renamed", shown(), trustPolicy(e.arn("user/moved/anne")))
		succeed(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("anne")})
		equal(e, "after the user was deleted", shown(), trustPolicy(id))
		succeed(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("anne"), Path: new("/moved/")})
		equal(e, "after another user got the name", shown(), trustPolicy(id))
	})

	e.part("kinds of principals", func(e *env) {
		// AWS shows an account id as the ARN of the root user. Both mean the same.
		byRoot := func(text string) string {
			for _, account := range []string{e.AccountID(), "210987654321"} {
				text = strings.ReplaceAll(text, `"`+account+`"`, `"arn:aws:iam::`+account+`:root"`)
			}
			return text
		}
		for name, principal := range map[string]any{
			"account":  map[string]string{"AWS": e.AccountID()},
			"root":     map[string]string{"AWS": e.arn("root")},
			"role":     map[string]string{"AWS": e.arn("role/other")},
			"session":  map[string]string{"AWS": strings.Replace(e.arn("assumed-role/other/s"), ":iam:", ":sts:", 1)},
			"foreign":  map[string]string{"AWS": "arn:aws:iam::210987654321:root"},
			"service":  map[string]string{"Service": "ec2.amazonaws.com"},
			"provider": map[string]string{"Federated": "accounts.google.com"},
			"several":  map[string]any{"AWS": []string{e.AccountID(), "210987654321"}, "Service": "lambda.amazonaws.com"},
			"everyone": map[string]string{"AWS": "*"},
		} {
			action := "sts:AssumeRole"
			if name == "provider" {
				action = "sts:AssumeRoleWithWebIdentity"
			}
			text := document(statement{Effect: "Allow", Principal: principal, Action: action})
			equal(e, name, byRoot(decodeDocument(e, e.roleFor("for-"+name, text).AssumeRolePolicyDocument)), byRoot(text))
		}
	})
}
