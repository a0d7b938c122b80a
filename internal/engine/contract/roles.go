package contract

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func roles(e *env) {
	boundary := e.policy("boundary", allow("*", "*"))
	document := trusting(e.arn("root"))

	e.part("what was made is answered", func(e *env) {
		made := ok(e, IAM.CreateRole, &iam.CreateRoleInput{
			RoleName: new("Reader"), Path: new("/app/"), AssumeRolePolicyDocument: &document, Description: new("reads"),
			MaxSessionDuration: new(int32(7200)), PermissionsBoundary: &boundary, Tags: []iamtypes.Tag{tag("team", "a")},
		}).Role
		holds(e, uniqueID["role"].MatchString(*made.RoleId), "the id is %s", *made.RoleId)
		same(e, "trust policy", decoded(e, made.AssumeRolePolicyDocument), document)
		found := ok(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("reader")}).Role
		same(e, "GetRole", found, &iamtypes.Role{
			RoleName: new("Reader"), Path: new("/app/"), Arn: new(e.arn("role/app/Reader")), RoleId: made.RoleId, CreateDate: made.CreateDate,
			AssumeRolePolicyDocument: made.AssumeRolePolicyDocument, Description: new("reads"), MaxSessionDuration: new(int32(7200)),
			PermissionsBoundary: &iamtypes.AttachedPermissionsBoundary{
				PermissionsBoundaryArn: &boundary, PermissionsBoundaryType: "Policy",
			},
			RoleLastUsed: &iamtypes.RoleLastUsed{}, Tags: []iamtypes.Tag{tag("team", "a")},
		})
	})

	e.part("without a maximum, a session lasts an hour", func(e *env) {
		e.role("plain")
		found := ok(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("plain")}).Role
		same(e, "maximum", *found.MaxSessionDuration, 3600)
		same(e, "ARN", *found.Arn, e.arn("role/plain"))
	})

	e.part("what is refused", func(e *env) {
		create := func(change func(in *iam.CreateRoleInput)) *iam.CreateRoleInput {
			in := &iam.CreateRoleInput{RoleName: new("new"), AssumeRolePolicyDocument: &document}
			change(in)
			return in
		}
		refused(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.RoleName = new("READER") }),
			"EntityAlreadyExists", "Role with name READER already exists.")
		refused(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.PermissionsBoundary = new(e.arn("policy/none")) }),
			"NoSuchEntity", "Scope ARN: "+e.arn("policy/none")+" does not exist or is not attachable.")
		refused(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.Tags = []iamtypes.Tag{tag("a", "1"), tag("A", "2")} }),
			"InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		refused(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.Path = new("/aws-service-role/x.amazonaws.com/") }),
			"InvalidInput")
		refused(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = new("{") }),
			"MalformedPolicyDocument")
		refused(e, IAM.CreateRole, create(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = new(allow("sts:AssumeRole", "*")) }),
			"MalformedPolicyDocument")
		refused(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("new")}, "NoSuchEntity", "The role with name new cannot be found.")
	})

	e.part("lists leave out tags, boundary and last use, and know paths", func(e *env) {
		list := func(prefix *string) []string {
			roles := ok(e, IAM.ListRoles, &iam.ListRolesInput{PathPrefix: prefix}).Roles
			for _, r := range roles {
				holds(e, r.Tags == nil && r.PermissionsBoundary == nil && r.RoleLastUsed == nil, "ListRoles answers with too much of %s", *r.RoleName)
				holds(e, r.AssumeRolePolicyDocument != nil, "ListRoles leaves out the trust policy of %s", *r.RoleName)
			}
			return each(roles, func(r iamtypes.Role) string { return *r.RoleName })
		}
		same(e, "all", list(nil), []string{"plain", "Reader"})
		same(e, "under /app/", list(new("/app/")), []string{"Reader"})
		same(e, "under /x/", list(new("/x/")), []string{})
	})

	e.part("changed", func(e *env) {
		get := func() *iamtypes.Role { return ok(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("plain")}).Role }
		ok(e, IAM.UpdateRole, &iam.UpdateRoleInput{RoleName: new("plain"), Description: new("first"), MaxSessionDuration: new(int32(43200))})
		same(e, "description", *get().Description, "first")
		same(e, "maximum", *get().MaxSessionDuration, 43200)
		same(e, "UpdateRoleDescription", *ok(e, IAM.UpdateRoleDescription, &iam.UpdateRoleDescriptionInput{RoleName: new("plain"), Description: new("second")}).Role.Description, "second")
		same(e, "description", *get().Description, "second")
		same(e, "maximum", *get().MaxSessionDuration, 43200)

		other := trusting(e.AccountID())
		ok(e, IAM.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: new("plain"), PolicyDocument: &other})
		holds(e, strings.Contains(decoded(e, get().AssumeRolePolicyDocument), e.AccountID()), "the trust policy did not change")
		refused(e, IAM.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: new("plain"), PolicyDocument: new("{}")}, "MalformedPolicyDocument")

		missing := new("none")
		refused(e, IAM.UpdateRole, &iam.UpdateRoleInput{RoleName: missing}, "NoSuchEntity", "The role with name none cannot be found.")
		refused(e, IAM.UpdateRoleDescription, &iam.UpdateRoleDescriptionInput{RoleName: missing, Description: new("x")}, "NoSuchEntity")
		refused(e, IAM.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: missing, PolicyDocument: &other}, "NoSuchEntity")
	})

	e.part("only a role without policies is deleted", func(e *env) {
		name := new("reader")
		in := &iam.DeleteRoleInput{RoleName: name}
		same(e, "instance profiles", ok(e, IAM.ListInstanceProfilesForRole, &iam.ListInstanceProfilesForRoleInput{RoleName: name}).InstanceProfiles, []iamtypes.InstanceProfile{})
		ok(e, IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: &boundary})
		refused(e, IAM.DeleteRole, in, "DeleteConflict", "Cannot delete entity, must detach all policies first")
		ok(e, IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: &boundary})
		ok(e, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: name, PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))})
		refused(e, IAM.DeleteRole, in, "DeleteConflict", "Cannot delete entity, must delete policies first")
		ok(e, IAM.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: new("p")})
		ok(e, IAM.DeleteRole, in)
		refused(e, IAM.DeleteRole, in, "NoSuchEntity", "The role with name reader cannot be found.")
		refused(e, IAM.ListInstanceProfilesForRole, &iam.ListInstanceProfilesForRoleInput{RoleName: name}, "NoSuchEntity")
	})
}

// trust is what becomes of the principals of a trust policy.
func trust(e *env) {
	e.user("anna")
	e.role("other")

	e.part("a principal must exist", func(e *env) {
		for _, principal := range []string{e.arn("user/nobody"), e.arn("role/none"), e.arn("user/path/anna"), "AIDAAAAAAAAAAAAAAAAAA"} {
			document := trusting(principal)
			refused(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: &document}, "MalformedPolicyDocument", "Invalid principal in policy", principal)
		}
	})

	e.part("a user made again under the same name is another", func(e *env) {
		document := trusting(e.arn("user/anna"))
		e.roleFor("for-anna", document)
		shown := func() string {
			return decoded(e, ok(e, IAM.GetRole, &iam.GetRoleInput{RoleName: new("for-anna")}).Role.AssumeRolePolicyDocument)
		}
		same(e, "shown", shown(), document)

		id := *ok(e, IAM.GetUser, &iam.GetUserInput{UserName: new("anna")}).User.UserId
		ok(e, IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("anna"), NewUserName: new("anne"), NewPath: new("/moved/")})
		same(e, "after the user was renamed", shown(), trusting(e.arn("user/moved/anne")))
		ok(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("anne")})
		same(e, "after the user was deleted", shown(), trusting(id))
		ok(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("anne"), Path: new("/moved/")})
		same(e, "after another was made", shown(), trusting(id))
	})

	e.part("who may be trusted", func(e *env) {
		// AWS shows an account that is named by its number as its root. Both mean the same.
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
			same(e, name, byRoot(decoded(e, e.roleFor("for-"+name, text).AssumeRolePolicyDocument)), byRoot(text))
		}
	})
}
