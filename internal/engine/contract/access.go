package contract

import (
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// permission is an action that a caller must be allowed on a resource.
type permission struct{ action, resource string }

// accessCase is a call and the exact permissions that it needs.
type accessCase struct {
	operation   string
	permissions []permission
	call        func(e *env) error
}

// requires returns a case of a call that needs the operation's own action on each of the resources.
func requires[C, I, O, P any](op operation[C, I, O, P], in *I, resources ...string) accessCase {
	name := strings.TrimSuffix(reflect.TypeFor[I]().Name(), "Input")
	described, _ := model.Lookup(name)
	c := accessCase{operation: name, call: func(e *env) error {
		e.Helper()
		_, err := call(e, op, in)
		return err
	}}
	for _, resource := range resources {
		c.permissions = append(c.permissions, permission{described.Service + ":" + name, resource})
	}
	return c
}

// alsoRequires adds another permission that the call needs.
func (c accessCase) alsoRequires(action, resource string) accessCase {
	c.permissions = append(c.permissions, permission{action, resource})
	return c
}

// accessByOperation calls every operation without permissions, with permissions for another resource, and with exactly
// the permissions that it needs.
func accessByOperation(e *env) {
	const oldPassword, newPassword = "Correct-Horse-7", "Battery-Staple-8"
	caller := e.userWith("caller", "")
	succeed(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: new("caller"), Password: new(oldPassword)})

	user, group, role := e.arn("user/t/u"), e.arn("group/t/g"), e.arn("role/t/r")
	policy, mfa := e.arn("policy/t/p"), e.arn("mfa/t/m")
	u, g, r, p := new("u"), new("g"), new("r"), new("p")
	path, text, trust := new("/t/"), new(allow("s3:GetObject", "*")), new(trustPolicy(e.arn("root")))
	tags := []iamtypes.Tag{tag("k", "v")}
	// Ids and keys that the service assigns come from a separate user, created before the calls.
	succeed(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("created"), Path: path})
	key := e.key("created").AccessKeyID
	spare := e.device("spare")
	later, latest := spare.codePair(e, 2)
	federated := "arn:aws:sts::" + e.AccountID() + ":federated-user/Guest"
	_, denial := call(caller, IAM.ListUsers, nil)
	_, encoded, _ := strings.Cut(messageOf(denial), "Encoded authorization failure message: ")
	created := e.arn("user/t/created")

	// The order (create, read, change, delete) lets each call succeed.
	cases := []accessCase{
		requires(IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: p, Path: path, PolicyDocument: text, Tags: tags},
			policy).alsoRequires("iam:TagPolicy", policy),
		requires(IAM.CreateUser, &iam.CreateUserInput{UserName: u, Path: path, Tags: tags, PermissionsBoundary: &policy},
			user).alsoRequires("iam:TagUser", user),
		requires(IAM.CreateGroup, &iam.CreateGroupInput{GroupName: g, Path: path}, group),
		requires(IAM.CreateRole, &iam.CreateRoleInput{RoleName: r, Path: path, AssumeRolePolicyDocument: trust, Tags: tags},
			role).alsoRequires("iam:TagRole", role),
		requires(IAM.CreateVirtualMFADevice,
			&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("m"), Path: path, Tags: tags},
			mfa).alsoRequires("iam:TagMFADevice", mfa),
		requires(IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: new("created")}, created),
		requires(IAM.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: new("acme")}, "*"),
		requires(IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: u, Password: new(oldPassword)}, user),
		requires(IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &policy, PolicyDocument: text}, policy),

		requires(IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: u, GroupName: g}, group),
		requires(IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: u, PolicyArn: &policy}, user),
		requires(IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: g, PolicyArn: &policy}, group),
		requires(IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: r, PolicyArn: &policy}, role),
		requires(IAM.PutUserPolicy, &iam.PutUserPolicyInput{UserName: u, PolicyName: p, PolicyDocument: text}, user),
		requires(IAM.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: g, PolicyName: p, PolicyDocument: text}, group),
		requires(IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: r, PolicyName: p, PolicyDocument: text}, role),
		requires(IAM.PutUserPermissionsBoundary,
			&iam.PutUserPermissionsBoundaryInput{UserName: u, PermissionsBoundary: &policy}, user),
		requires(IAM.PutRolePermissionsBoundary,
			&iam.PutRolePermissionsBoundaryInput{RoleName: r, PermissionsBoundary: &policy}, role),
		requires(IAM.TagUser, &iam.TagUserInput{UserName: u, Tags: tags}, user),
		requires(IAM.TagRole, &iam.TagRoleInput{RoleName: r, Tags: tags}, role),
		requires(IAM.TagPolicy, &iam.TagPolicyInput{PolicyArn: &policy, Tags: tags}, policy),
		requires(IAM.TagMFADevice, &iam.TagMFADeviceInput{SerialNumber: &mfa, Tags: tags}, mfa),
		requires(IAM.EnableMFADevice, spare.enable(e, "u"), user),
		requires(IAM.ResyncMFADevice,
			&iam.ResyncMFADeviceInput{UserName: u, SerialNumber: &spare.serial, AuthenticationCode1: later,
				AuthenticationCode2: latest}, user),
		requires(IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{}, "*"),

		requires(IAM.GetUser, &iam.GetUserInput{UserName: u}, user),
		requires(IAM.GetUser, &iam.GetUserInput{}, e.arn("user/caller")),
		requires(IAM.GetGroup, &iam.GetGroupInput{GroupName: g}, group),
		requires(IAM.GetRole, &iam.GetRoleInput{RoleName: r}, role),
		requires(IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: &policy}, policy),
		requires(IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: &policy, VersionId: new("v1")}, policy),
		requires(IAM.GetUserPolicy, &iam.GetUserPolicyInput{UserName: u, PolicyName: p}, user),
		requires(IAM.GetGroupPolicy, &iam.GetGroupPolicyInput{GroupName: g, PolicyName: p}, group),
		requires(IAM.GetRolePolicy, &iam.GetRolePolicyInput{RoleName: r, PolicyName: p}, role),
		requires(IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: u}, user),
		requires(IAM.GetMFADevice, &iam.GetMFADeviceInput{UserName: u, SerialNumber: &spare.serial}, user),
		requires(IAM.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &key}, created),
		requires(IAM.GetAccountAuthorizationDetails, &iam.GetAccountAuthorizationDetailsInput{}, "*"),
		requires(IAM.GetAccountPasswordPolicy, &iam.GetAccountPasswordPolicyInput{}, "*"),
		requires(IAM.GetAccountSummary, &iam.GetAccountSummaryInput{}, "*"),
		requires(IAM.GetContextKeysForCustomPolicy,
			&iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{*text}}, "*"),
		requires(IAM.GetContextKeysForPrincipalPolicy,
			&iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &user}, user),
		requires(IAM.GetContextKeysForPrincipalPolicy,
			&iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &group}, group),
		requires(IAM.GetContextKeysForPrincipalPolicy,
			&iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &role}, role),
		requires(IAM.GenerateCredentialReport, &iam.GenerateCredentialReportInput{}, "*"),
		requires(IAM.GetCredentialReport, &iam.GetCredentialReportInput{}, "*"),
		requires(IAM.SimulateCustomPolicy,
			&iam.SimulateCustomPolicyInput{PolicyInputList: []string{*text}, ActionNames: []string{"s3:GetObject"}}, "*"),
		requires(IAM.SimulatePrincipalPolicy,
			&iam.SimulatePrincipalPolicyInput{PolicySourceArn: &user, ActionNames: []string{"s3:GetObject"}}, user),

		requires(IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: new("created")}, created),
		requires(IAM.ListAccountAliases, &iam.ListAccountAliasesInput{}, "*"),
		requires(IAM.ListAttachedUserPolicies, &iam.ListAttachedUserPoliciesInput{UserName: u}, user),
		requires(IAM.ListAttachedGroupPolicies, &iam.ListAttachedGroupPoliciesInput{GroupName: g}, group),
		requires(IAM.ListAttachedRolePolicies, &iam.ListAttachedRolePoliciesInput{RoleName: r}, role),
		requires(IAM.ListEntitiesForPolicy, &iam.ListEntitiesForPolicyInput{PolicyArn: &policy}, policy),
		requires(IAM.ListUserPolicies, &iam.ListUserPoliciesInput{UserName: u}, user),
		requires(IAM.ListGroupPolicies, &iam.ListGroupPoliciesInput{GroupName: g}, group),
		requires(IAM.ListRolePolicies, &iam.ListRolePoliciesInput{RoleName: r}, role),
		requires(IAM.ListUsers, &iam.ListUsersInput{}, "*"),
		requires(IAM.ListGroups, &iam.ListGroupsInput{}, "*"),
		requires(IAM.ListRoles, &iam.ListRolesInput{}, "*"),
		requires(IAM.ListPolicies, &iam.ListPoliciesInput{}, "*"),
		requires(IAM.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: u}, user),
		requires(IAM.ListInstanceProfilesForRole, &iam.ListInstanceProfilesForRoleInput{RoleName: r}, role),
		requires(IAM.ListMFADevices, &iam.ListMFADevicesInput{UserName: u}, user),
		requires(IAM.ListVirtualMFADevices, &iam.ListVirtualMFADevicesInput{}, "*"),
		requires(IAM.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: &policy}, policy),
		requires(IAM.ListUserTags, &iam.ListUserTagsInput{UserName: u}, user),
		requires(IAM.ListRoleTags, &iam.ListRoleTagsInput{RoleName: r}, role),
		requires(IAM.ListPolicyTags, &iam.ListPolicyTagsInput{PolicyArn: &policy}, policy),
		requires(IAM.ListMFADeviceTags, &iam.ListMFADeviceTagsInput{SerialNumber: &mfa}, mfa),

		requires(STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("session")}, role),
		requires(STS.DecodeAuthorizationMessage, &sts.DecodeAuthorizationMessageInput{EncodedMessage: &encoded}, "*"),
		requires(STS.GetAccessKeyInfo, &sts.GetAccessKeyInfoInput{AccessKeyId: &key}, "*"),
		requires(STS.GetCallerIdentity, &sts.GetCallerIdentityInput{}), // needs no permission
		requires(STS.GetSessionToken, &sts.GetSessionTokenInput{}),     // needs no permission
		requires(STS.GetFederationToken, &sts.GetFederationTokenInput{Name: new("Guest")}, federated),

		requires(IAM.ChangePassword, &iam.ChangePasswordInput{OldPassword: new(oldPassword), NewPassword: new(newPassword)},
			e.arn("user/caller")),
		requires(IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: &policy, VersionId: new("v2")},
			policy),
		requires(IAM.UpdateAccessKey,
			&iam.UpdateAccessKeyInput{UserName: new("created"), AccessKeyId: &key, Status: iamtypes.StatusTypeInactive},
			created),
		requires(IAM.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: r, PolicyDocument: trust}, role),
		requires(IAM.UpdateRole, &iam.UpdateRoleInput{RoleName: r, Description: new("d")}, role),
		requires(IAM.UpdateRoleDescription, &iam.UpdateRoleDescriptionInput{RoleName: r, Description: new("d")}, role),
		requires(IAM.UpdateLoginProfile, &iam.UpdateLoginProfileInput{UserName: u, PasswordResetRequired: new(true)}, user),
		requires(IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("created"), NewUserName: new("renamed")}, created,
			e.arn("user/t/renamed")),
		requires(IAM.UpdateGroup, &iam.UpdateGroupInput{GroupName: g, NewPath: new("/moved/")}, group,
			e.arn("group/moved/g")),

		requires(IAM.UntagUser, &iam.UntagUserInput{UserName: u, TagKeys: []string{"k"}}, user),
		requires(IAM.UntagRole, &iam.UntagRoleInput{RoleName: r, TagKeys: []string{"k"}}, role),
		requires(IAM.UntagPolicy, &iam.UntagPolicyInput{PolicyArn: &policy, TagKeys: []string{"k"}}, policy),
		requires(IAM.UntagMFADevice, &iam.UntagMFADeviceInput{SerialNumber: &mfa, TagKeys: []string{"k"}}, mfa),
		requires(IAM.DeactivateMFADevice, &iam.DeactivateMFADeviceInput{UserName: u, SerialNumber: &spare.serial}, user),
		requires(IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: u, GroupName: g}, e.arn("group/moved/g")),
		requires(IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: u, PolicyArn: &policy}, user),
		requires(IAM.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: g, PolicyArn: &policy},
			e.arn("group/moved/g")),
		requires(IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: r, PolicyArn: &policy}, role),
		requires(IAM.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: u, PolicyName: p}, user),
		requires(IAM.DeleteGroupPolicy, &iam.DeleteGroupPolicyInput{GroupName: g, PolicyName: p}, e.arn("group/moved/g")),
		requires(IAM.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: r, PolicyName: p}, role),
		requires(IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: u}, user),
		requires(IAM.DeleteRolePermissionsBoundary, &iam.DeleteRolePermissionsBoundaryInput{RoleName: r}, role),
		requires(IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: new("renamed"), AccessKeyId: &key},
			e.arn("user/t/renamed")),
		requires(IAM.DeleteLoginProfile, &iam.DeleteLoginProfileInput{UserName: u}, user),
		requires(IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: &policy, VersionId: new("v1")}, policy),
		requires(IAM.DeleteVirtualMFADevice, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &mfa}, mfa),
		requires(IAM.DeleteUser, &iam.DeleteUserInput{UserName: u}, user),
		requires(IAM.DeleteGroup, &iam.DeleteGroupInput{GroupName: g}, e.arn("group/moved/g")),
		requires(IAM.DeleteRole, &iam.DeleteRoleInput{RoleName: r}, role),
		requires(IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &policy}, policy),
		requires(IAM.DeleteAccountAlias, &iam.DeleteAccountAliasInput{AccountAlias: new("acme")}, "*"),
		requires(IAM.DeleteAccountPasswordPolicy, &iam.DeleteAccountPasswordPolicyInput{}, "*"),
	}

	covered := map[string]bool{}
	for _, c := range cases {
		covered[c.operation] = true
	}
	for _, operation := range operations() {
		check(e, covered[operation], "no case calls %s", operation)
	}

	// assertDenied checks that a call fails with AccessDenied.
	assertDenied := func(c accessCase, situation string) {
		if got := codeOf(c.call(caller)); got != "AccessDenied" {
			e.Errorf("%s %s: %q, want AccessDenied", c.operation, situation, got)
		}
	}
	for _, c := range cases {
		if len(c.permissions) == 0 {
			if err := c.call(caller); err != nil {
				e.Errorf("%s needs no permission, but failed without permissions: %v", c.operation, err)
			}
			continue
		}
		assertDenied(c, "without a permission")
	}
	permit := func(permissions []permission) {
		var statements []statement
		for _, p := range permissions {
			statements = append(statements, statement{Effect: "Allow", Action: p.action, Resource: p.resource})
		}
		e.permit("caller", document(statements...))
	}
	for _, c := range cases {
		if len(c.permissions) == 0 {
			continue
		}
		permit([]permission{{c.permissions[0].action, e.arn("user/somebody-else")}})
		assertDenied(c, "with a permission for something else")
		for i := range c.permissions {
			if len(c.permissions) > 1 {
				permit(append(append([]permission{}, c.permissions[:i]...), c.permissions[i+1:]...))
				assertDenied(c, "without "+c.permissions[i].action+" on "+c.permissions[i].resource)
			}
		}
		permit(c.permissions)
		if err := c.call(caller); err != nil {
			e.Errorf("%s with the permissions %v: %v", c.operation, c.permissions, err)
		}
	}
}

// accessByCondition tests the context keys that operations set, and the policies that decide.
func accessByCondition(e *env) {
	bound, other := e.policy("bound", allow("*", "*")), e.policy("other", allow("*", "*"))
	anna := e.userWith("anna", "")
	permit := func(statements ...statement) { e.permit("anna", document(statements...)) }
	onAll := func(action string, condition map[string]map[string]any) statement {
		return statement{Effect: "Allow", Action: action, Resource: "*", Condition: condition}
	}

	e.part("iam:PermissionsBoundary", func(e *env) {
		permit(onAll("iam:*", when("StringEquals", "iam:PermissionsBoundary", bound)))
		succeed(anna, IAM.CreateUser, &iam.CreateUserInput{UserName: new("within"), PermissionsBoundary: &bound})
		fail(anna, IAM.CreateUser, &iam.CreateUserInput{UserName: new("beyond"), PermissionsBoundary: &other}, "AccessDenied")
		fail(anna, IAM.CreateUser, &iam.CreateUserInput{UserName: new("beyond")}, "AccessDenied")
		succeed(anna, IAM.PutUserPolicy,
			&iam.PutUserPolicyInput{UserName: new("within"), PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))})
		succeed(anna, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("within"), PolicyArn: &other})
		fail(anna, IAM.PutUserPolicy,
			&iam.PutUserPolicyInput{UserName: new("anna"), PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))},
			"AccessDenied")
		fail(anna, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("anna"), PolicyArn: &other}, "AccessDenied")
		fail(anna, IAM.PutUserPermissionsBoundary,
			&iam.PutUserPermissionsBoundaryInput{UserName: new("within"), PermissionsBoundary: &other}, "AccessDenied")
		succeed(anna, IAM.PutUserPermissionsBoundary,
			&iam.PutUserPermissionsBoundaryInput{UserName: new("anna"), PermissionsBoundary: &bound})
		succeed(e, IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("anna")})
		succeed(anna, IAM.CreateRole,
			&iam.CreateRoleInput{RoleName: new("within"), PermissionsBoundary: &bound,
				AssumeRolePolicyDocument: new(trustPolicy(e.AccountID()))})
		succeed(anna, IAM.PutRolePolicy,
			&iam.PutRolePolicyInput{RoleName: new("within"), PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))})
		fail(anna, IAM.CreateRole,
			&iam.CreateRoleInput{RoleName: new("beyond"), AssumeRolePolicyDocument: new(trustPolicy(e.AccountID()))},
			"AccessDenied")
	})

	e.part("iam:PolicyARN", func(e *env) {
		e.user("target")
		permit(onAll("iam:AttachUserPolicy", when("ArnEquals", "iam:PolicyARN", bound)),
			onAll("iam:DetachUserPolicy", when("ArnEquals", "iam:PolicyARN", bound)))
		fail(anna, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("target"), PolicyArn: &other},
			"AccessDenied")
		succeed(anna, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("target"), PolicyArn: &bound})
		succeed(anna, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: new("target"), PolicyArn: &bound})
	})

	e.part("request tags and resource tags", func(e *env) {
		permit(
			onAll("iam:CreateUser", when("StringEquals", "aws:RequestTag/team", "a")),
			onAll("iam:TagUser",
				map[string]map[string]any{"ForAllValues:StringEquals": {"aws:TagKeys": []string{"team", "cost"}},
					"Null": {"aws:TagKeys": "false"}}),
			onAll("iam:DeleteUser", when("StringEquals", "aws:ResourceTag/team", "a")),
			onAll("iam:GetUser", when("StringEquals", "iam:ResourceTag/team", "a")),
		)
		create := func(name string, tags ...iamtypes.Tag) *iam.CreateUserInput {
			return &iam.CreateUserInput{UserName: &name, Tags: tags}
		}
		fail(anna, IAM.CreateUser, create("t1"), "AccessDenied")
		fail(anna, IAM.CreateUser, create("t1", tag("team", "b")), "AccessDenied")
		fail(anna, IAM.CreateUser, create("t1", tag("team", "a"), tag("else", "x")), "AccessDenied", "iam:TagUser")
		succeed(anna, IAM.CreateUser, create("t1", tag("team", "a"), tag("cost", "x")))
		e.user("t2")
		succeed(anna, IAM.TagUser, &iam.TagUserInput{UserName: new("t2"), Tags: []iamtypes.Tag{tag("cost", "y")}})
		fail(anna, IAM.TagUser, &iam.TagUserInput{UserName: new("t2"), Tags: []iamtypes.Tag{tag("else", "y")}},
			"AccessDenied")
		succeed(anna, IAM.GetUser, &iam.GetUserInput{UserName: new("t1")})
		fail(anna, IAM.GetUser, &iam.GetUserInput{UserName: new("t2")}, "AccessDenied")
		fail(anna, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("t2")}, "AccessDenied")
		succeed(anna, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("t1")})
	})

	e.part("context keys of the caller", func(e *env) {
		succeed(e, IAM.TagUser, &iam.TagUserInput{UserName: new("anna"), Tags: []iamtypes.Tag{tag("group", "ops")}})
		permit(
			statement{Effect: "Allow", Action: "iam:GetUser", Resource: e.arn("user/${aws:username}")},
			statement{Effect: "Allow", Action: "iam:GetGroup", Resource: e.arn("group/${aws:PrincipalTag/group}")},
			onAll("iam:ListUsers", when("ArnLike", "aws:PrincipalArn", e.arn("user/an*"))),
			onAll("iam:ListRoles", when("StringEquals", "aws:PrincipalAccount", "210987654321")),
		)
		e.group("ops")
		e.group("dev")
		succeed(anna, IAM.GetUser, &iam.GetUserInput{})
		fail(anna, IAM.GetUser, &iam.GetUserInput{UserName: new("within")}, "AccessDenied")
		succeed(anna, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("ops")})
		fail(anna, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("dev")}, "AccessDenied")
		succeed(anna, IAM.ListUsers, nil)
		fail(anna, IAM.ListRoles, nil, "AccessDenied")
	})

	e.part("policies of groups", func(e *env) {
		permit(onAll("iam:ListUsers", nil))
		e.group("readers")
		succeed(e, IAM.PutGroupPolicy,
			&iam.PutGroupPolicyInput{GroupName: new("readers"), PolicyName: new("p"), PolicyDocument: new(document(
				statement{Effect: "Allow", Action: "iam:ListGroups", Resource: "*"},
				statement{Effect: "Deny", Action: "iam:ListUsers", Resource: "*"},
			))})
		succeed(anna, IAM.ListUsers, nil)
		fail(anna, IAM.ListGroups, nil, "AccessDenied")
		succeed(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("anna"), GroupName: new("readers")})
		fail(anna, IAM.ListUsers, nil, "AccessDenied", "with an explicit deny in an identity-based policy")
		succeed(anna, IAM.ListGroups, nil)
		succeed(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: new("anna"), GroupName: new("readers")})
		succeed(anna, IAM.ListUsers, nil)
	})

	e.part("default version of a managed policy", func(e *env) {
		permit(onAll("iam:GetUser", nil))
		arn := e.policy("versions", allow("iam:ListUsers", "*"))
		succeed(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("anna"), PolicyArn: &arn})
		succeed(anna, IAM.ListUsers, nil)
		succeed(e, IAM.CreatePolicyVersion,
			&iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: new(allow("iam:ListGroups", "*"))})
		succeed(anna, IAM.ListUsers, nil)
		succeed(e, IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: new("v2")})
		fail(anna, IAM.ListUsers, nil, "AccessDenied")
		succeed(anna, IAM.ListGroups, nil)
	})

	e.part("deny of an operation that needs no permission", func(e *env) {
		permit(statement{Effect: "Deny", Action: "*", Resource: "*"})
		succeed(anna, STS.GetCallerIdentity, nil)
	})
}
