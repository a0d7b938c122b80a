package contract

import (
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// need is an action that a caller must be allowed on a resource.
type need struct{ action, resource string }

// accessCase is a call and exactly what it takes.
type accessCase struct {
	operation string
	needs     []need
	call      func(e *env) error
}

// takes says that a call takes the operation's own action on each of the resources.
func takes[C, I, O, P any](op operation[C, I, O, P], in *I, resources ...string) accessCase {
	name := strings.TrimSuffix(reflect.TypeFor[I]().Name(), "Input")
	described, _ := model.Lookup(name)
	c := accessCase{operation: name, call: func(e *env) error {
		e.Helper()
		_, err := try(e, op, in)
		return err
	}}
	for _, resource := range resources {
		c.needs = append(c.needs, need{described.Service + ":" + name, resource})
	}
	return c
}

// and adds an action that a call takes besides.
func (c accessCase) and(action, resource string) accessCase {
	c.needs = append(c.needs, need{action, resource})
	return c
}

// accessByOperation calls every operation with no permission, with one for another resource, and with exactly the ones
// that it takes.
func accessByOperation(e *env) {
	const oldPassword, newPassword = "Correct-Horse-7", "Battery-Staple-8"
	caller := e.userWith("caller", "")
	ok(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: new("caller"), Password: new(oldPassword)})

	user, group, role := e.arn("user/t/u"), e.arn("group/t/g"), e.arn("role/t/r")
	policy, mfa := e.arn("policy/t/p"), e.arn("mfa/t/m")
	u, g, r, p := new("u"), new("g"), new("r"), new("p")
	path, text, trust := new("/t/"), new(allow("s3:GetObject", "*")), new(trusting(e.arn("root")))
	tags := []iamtypes.Tag{tag("k", "v")}
	// What cannot be known before it is made is made before, on a user of its own.
	ok(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("made"), Path: path})
	key := e.key("made").AccessKeyID
	spare := e.device("spare")
	later, latest := spare.inRow(e, 2)
	federated := "arn:aws:sts::" + e.AccountID() + ":federated-user/Guest"
	_, refusal := try(caller, IAM.ListUsers, nil)
	_, encoded, _ := strings.Cut(messageOf(refusal), "Encoded authorization failure message: ")
	made := e.arn("user/t/made")

	// In an order in which each can succeed: what is made, is looked at, changed and deleted.
	cases := []accessCase{
		takes(IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: p, Path: path, PolicyDocument: text, Tags: tags}, policy).and("iam:TagPolicy", policy),
		takes(IAM.CreateUser, &iam.CreateUserInput{UserName: u, Path: path, Tags: tags, PermissionsBoundary: &policy}, user).and("iam:TagUser", user),
		takes(IAM.CreateGroup, &iam.CreateGroupInput{GroupName: g, Path: path}, group),
		takes(IAM.CreateRole, &iam.CreateRoleInput{RoleName: r, Path: path, AssumeRolePolicyDocument: trust, Tags: tags}, role).and("iam:TagRole", role),
		takes(IAM.CreateVirtualMFADevice, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: new("m"), Path: path, Tags: tags}, mfa).and("iam:TagMFADevice", mfa),
		takes(IAM.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: new("made")}, made),
		takes(IAM.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: new("acme")}, "*"),
		takes(IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: u, Password: new(oldPassword)}, user),
		takes(IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &policy, PolicyDocument: text}, policy),

		takes(IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: u, GroupName: g}, group),
		takes(IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: u, PolicyArn: &policy}, user),
		takes(IAM.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: g, PolicyArn: &policy}, group),
		takes(IAM.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: r, PolicyArn: &policy}, role),
		takes(IAM.PutUserPolicy, &iam.PutUserPolicyInput{UserName: u, PolicyName: p, PolicyDocument: text}, user),
		takes(IAM.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: g, PolicyName: p, PolicyDocument: text}, group),
		takes(IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: r, PolicyName: p, PolicyDocument: text}, role),
		takes(IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: u, PermissionsBoundary: &policy}, user),
		takes(IAM.PutRolePermissionsBoundary, &iam.PutRolePermissionsBoundaryInput{RoleName: r, PermissionsBoundary: &policy}, role),
		takes(IAM.TagUser, &iam.TagUserInput{UserName: u, Tags: tags}, user),
		takes(IAM.TagRole, &iam.TagRoleInput{RoleName: r, Tags: tags}, role),
		takes(IAM.TagPolicy, &iam.TagPolicyInput{PolicyArn: &policy, Tags: tags}, policy),
		takes(IAM.TagMFADevice, &iam.TagMFADeviceInput{SerialNumber: &mfa, Tags: tags}, mfa),
		takes(IAM.EnableMFADevice, spare.enable(e, "u"), user),
		takes(IAM.ResyncMFADevice, &iam.ResyncMFADeviceInput{UserName: u, SerialNumber: &spare.serial, AuthenticationCode1: later, AuthenticationCode2: latest}, user),
		takes(IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{}, "*"),

		takes(IAM.GetUser, &iam.GetUserInput{UserName: u}, user),
		takes(IAM.GetUser, &iam.GetUserInput{}, e.arn("user/caller")),
		takes(IAM.GetGroup, &iam.GetGroupInput{GroupName: g}, group),
		takes(IAM.GetRole, &iam.GetRoleInput{RoleName: r}, role),
		takes(IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: &policy}, policy),
		takes(IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: &policy, VersionId: new("v1")}, policy),
		takes(IAM.GetUserPolicy, &iam.GetUserPolicyInput{UserName: u, PolicyName: p}, user),
		takes(IAM.GetGroupPolicy, &iam.GetGroupPolicyInput{GroupName: g, PolicyName: p}, group),
		takes(IAM.GetRolePolicy, &iam.GetRolePolicyInput{RoleName: r, PolicyName: p}, role),
		takes(IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: u}, user),
		takes(IAM.GetMFADevice, &iam.GetMFADeviceInput{UserName: u, SerialNumber: &spare.serial}, user),
		takes(IAM.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: &key}, made),
		takes(IAM.GetAccountAuthorizationDetails, &iam.GetAccountAuthorizationDetailsInput{}, "*"),
		takes(IAM.GetAccountPasswordPolicy, &iam.GetAccountPasswordPolicyInput{}, "*"),
		takes(IAM.GetAccountSummary, &iam.GetAccountSummaryInput{}, "*"),
		takes(IAM.GetContextKeysForCustomPolicy, &iam.GetContextKeysForCustomPolicyInput{PolicyInputList: []string{*text}}, "*"),
		takes(IAM.GetContextKeysForPrincipalPolicy, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &user}, user),
		takes(IAM.GetContextKeysForPrincipalPolicy, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &group}, group),
		takes(IAM.GetContextKeysForPrincipalPolicy, &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: &role}, role),
		takes(IAM.GenerateCredentialReport, &iam.GenerateCredentialReportInput{}, "*"),
		takes(IAM.GetCredentialReport, &iam.GetCredentialReportInput{}, "*"),
		takes(IAM.SimulateCustomPolicy, &iam.SimulateCustomPolicyInput{PolicyInputList: []string{*text}, ActionNames: []string{"s3:GetObject"}}, "*"),
		takes(IAM.SimulatePrincipalPolicy, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &user, ActionNames: []string{"s3:GetObject"}}, user),

		takes(IAM.ListAccessKeys, &iam.ListAccessKeysInput{UserName: new("made")}, made),
		takes(IAM.ListAccountAliases, &iam.ListAccountAliasesInput{}, "*"),
		takes(IAM.ListAttachedUserPolicies, &iam.ListAttachedUserPoliciesInput{UserName: u}, user),
		takes(IAM.ListAttachedGroupPolicies, &iam.ListAttachedGroupPoliciesInput{GroupName: g}, group),
		takes(IAM.ListAttachedRolePolicies, &iam.ListAttachedRolePoliciesInput{RoleName: r}, role),
		takes(IAM.ListEntitiesForPolicy, &iam.ListEntitiesForPolicyInput{PolicyArn: &policy}, policy),
		takes(IAM.ListUserPolicies, &iam.ListUserPoliciesInput{UserName: u}, user),
		takes(IAM.ListGroupPolicies, &iam.ListGroupPoliciesInput{GroupName: g}, group),
		takes(IAM.ListRolePolicies, &iam.ListRolePoliciesInput{RoleName: r}, role),
		takes(IAM.ListUsers, &iam.ListUsersInput{}, "*"),
		takes(IAM.ListGroups, &iam.ListGroupsInput{}, "*"),
		takes(IAM.ListRoles, &iam.ListRolesInput{}, "*"),
		takes(IAM.ListPolicies, &iam.ListPoliciesInput{}, "*"),
		takes(IAM.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: u}, user),
		takes(IAM.ListInstanceProfilesForRole, &iam.ListInstanceProfilesForRoleInput{RoleName: r}, role),
		takes(IAM.ListMFADevices, &iam.ListMFADevicesInput{UserName: u}, user),
		takes(IAM.ListVirtualMFADevices, &iam.ListVirtualMFADevicesInput{}, "*"),
		takes(IAM.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: &policy}, policy),
		takes(IAM.ListUserTags, &iam.ListUserTagsInput{UserName: u}, user),
		takes(IAM.ListRoleTags, &iam.ListRoleTagsInput{RoleName: r}, role),
		takes(IAM.ListPolicyTags, &iam.ListPolicyTagsInput{PolicyArn: &policy}, policy),
		takes(IAM.ListMFADeviceTags, &iam.ListMFADeviceTagsInput{SerialNumber: &mfa}, mfa),

		takes(STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: new("session")}, role),
		takes(STS.DecodeAuthorizationMessage, &sts.DecodeAuthorizationMessageInput{EncodedMessage: &encoded}, "*"),
		takes(STS.GetAccessKeyInfo, &sts.GetAccessKeyInfoInput{AccessKeyId: &key}, "*"),
		takes(STS.GetCallerIdentity, &sts.GetCallerIdentityInput{}), // nothing
		takes(STS.GetSessionToken, &sts.GetSessionTokenInput{}),     // nothing
		takes(STS.GetFederationToken, &sts.GetFederationTokenInput{Name: new("Guest")}, federated),

		takes(IAM.ChangePassword, &iam.ChangePasswordInput{OldPassword: new(oldPassword), NewPassword: new(newPassword)}, e.arn("user/caller")),
		takes(IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: &policy, VersionId: new("v2")}, policy),
		takes(IAM.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: new("made"), AccessKeyId: &key, Status: iamtypes.StatusTypeInactive}, made),
		takes(IAM.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: r, PolicyDocument: trust}, role),
		takes(IAM.UpdateRole, &iam.UpdateRoleInput{RoleName: r, Description: new("d")}, role),
		takes(IAM.UpdateRoleDescription, &iam.UpdateRoleDescriptionInput{RoleName: r, Description: new("d")}, role),
		takes(IAM.UpdateLoginProfile, &iam.UpdateLoginProfileInput{UserName: u, PasswordResetRequired: new(true)}, user),
		takes(IAM.UpdateUser, &iam.UpdateUserInput{UserName: new("made"), NewUserName: new("renamed")}, made, e.arn("user/t/renamed")),
		takes(IAM.UpdateGroup, &iam.UpdateGroupInput{GroupName: g, NewPath: new("/moved/")}, group, e.arn("group/moved/g")),

		takes(IAM.UntagUser, &iam.UntagUserInput{UserName: u, TagKeys: []string{"k"}}, user),
		takes(IAM.UntagRole, &iam.UntagRoleInput{RoleName: r, TagKeys: []string{"k"}}, role),
		takes(IAM.UntagPolicy, &iam.UntagPolicyInput{PolicyArn: &policy, TagKeys: []string{"k"}}, policy),
		takes(IAM.UntagMFADevice, &iam.UntagMFADeviceInput{SerialNumber: &mfa, TagKeys: []string{"k"}}, mfa),
		takes(IAM.DeactivateMFADevice, &iam.DeactivateMFADeviceInput{UserName: u, SerialNumber: &spare.serial}, user),
		takes(IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: u, GroupName: g}, e.arn("group/moved/g")),
		takes(IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: u, PolicyArn: &policy}, user),
		takes(IAM.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: g, PolicyArn: &policy}, e.arn("group/moved/g")),
		takes(IAM.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: r, PolicyArn: &policy}, role),
		takes(IAM.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: u, PolicyName: p}, user),
		takes(IAM.DeleteGroupPolicy, &iam.DeleteGroupPolicyInput{GroupName: g, PolicyName: p}, e.arn("group/moved/g")),
		takes(IAM.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: r, PolicyName: p}, role),
		takes(IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: u}, user),
		takes(IAM.DeleteRolePermissionsBoundary, &iam.DeleteRolePermissionsBoundaryInput{RoleName: r}, role),
		takes(IAM.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: new("renamed"), AccessKeyId: &key}, e.arn("user/t/renamed")),
		takes(IAM.DeleteLoginProfile, &iam.DeleteLoginProfileInput{UserName: u}, user),
		takes(IAM.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: &policy, VersionId: new("v1")}, policy),
		takes(IAM.DeleteVirtualMFADevice, &iam.DeleteVirtualMFADeviceInput{SerialNumber: &mfa}, mfa),
		takes(IAM.DeleteUser, &iam.DeleteUserInput{UserName: u}, user),
		takes(IAM.DeleteGroup, &iam.DeleteGroupInput{GroupName: g}, e.arn("group/moved/g")),
		takes(IAM.DeleteRole, &iam.DeleteRoleInput{RoleName: r}, role),
		takes(IAM.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: &policy}, policy),
		takes(IAM.DeleteAccountAlias, &iam.DeleteAccountAliasInput{AccountAlias: new("acme")}, "*"),
		takes(IAM.DeleteAccountPasswordPolicy, &iam.DeleteAccountPasswordPolicyInput{}, "*"),
	}

	covered := map[string]bool{}
	for _, c := range cases {
		covered[c.operation] = true
	}
	for _, operation := range operations() {
		holds(e, covered[operation], "no case is about %s", operation)
	}

	// denied checks that a call is refused for its permissions.
	denied := func(c accessCase, because string) {
		if got := codeOf(c.call(caller)); got != "AccessDenied" {
			e.Errorf("%s %s: %q, want AccessDenied", c.operation, because, got)
		}
	}
	for _, c := range cases {
		if len(c.needs) == 0 {
			if err := c.call(caller); err != nil {
				e.Errorf("%s without a permission, of which it needs none: %v", c.operation, err)
			}
			continue
		}
		denied(c, "without a permission")
	}
	permit := func(needs []need) {
		var statements []statement
		for _, n := range needs {
			statements = append(statements, statement{Effect: "Allow", Action: n.action, Resource: n.resource})
		}
		e.permit("caller", document(statements...))
	}
	for _, c := range cases {
		if len(c.needs) == 0 {
			continue
		}
		permit([]need{{c.needs[0].action, e.arn("user/somebody-else")}})
		denied(c, "with a permission for something else")
		for i := range c.needs {
			if len(c.needs) > 1 {
				permit(append(append([]need{}, c.needs[:i]...), c.needs[i+1:]...))
				denied(c, "without "+c.needs[i].action+" on "+c.needs[i].resource)
			}
		}
		permit(c.needs)
		if err := c.call(caller); err != nil {
			e.Errorf("%s with what it takes, %v: %v", c.operation, c.needs, err)
		}
	}
}

// accessByCondition is what context keys the operations set, and whose policies count.
func accessByCondition(e *env) {
	bound, other := e.policy("bound", allow("*", "*")), e.policy("other", allow("*", "*"))
	anna := e.userWith("anna", "")
	permit := func(statements ...statement) { e.permit("anna", document(statements...)) }
	onAll := func(action string, condition map[string]map[string]any) statement {
		return statement{Effect: "Allow", Action: action, Resource: "*", Condition: condition}
	}

	e.part("iam:PermissionsBoundary", func(e *env) {
		permit(onAll("iam:*", when("StringEquals", "iam:PermissionsBoundary", bound)))
		ok(anna, IAM.CreateUser, &iam.CreateUserInput{UserName: new("within"), PermissionsBoundary: &bound})
		refused(anna, IAM.CreateUser, &iam.CreateUserInput{UserName: new("beyond"), PermissionsBoundary: &other}, "AccessDenied")
		refused(anna, IAM.CreateUser, &iam.CreateUserInput{UserName: new("beyond")}, "AccessDenied")
		ok(anna, IAM.PutUserPolicy, &iam.PutUserPolicyInput{UserName: new("within"), PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))})
		ok(anna, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("within"), PolicyArn: &other})
		refused(anna, IAM.PutUserPolicy, &iam.PutUserPolicyInput{UserName: new("anna"), PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))}, "AccessDenied")
		refused(anna, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("anna"), PolicyArn: &other}, "AccessDenied")
		refused(anna, IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: new("within"), PermissionsBoundary: &other}, "AccessDenied")
		ok(anna, IAM.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: new("anna"), PermissionsBoundary: &bound})
		ok(e, IAM.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: new("anna")})
		ok(anna, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new("within"), PermissionsBoundary: &bound, AssumeRolePolicyDocument: new(trusting(e.AccountID()))})
		ok(anna, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("within"), PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))})
		refused(anna, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new("beyond"), AssumeRolePolicyDocument: new(trusting(e.AccountID()))}, "AccessDenied")
	})

	e.part("iam:PolicyARN", func(e *env) {
		e.user("target")
		permit(onAll("iam:AttachUserPolicy", when("ArnEquals", "iam:PolicyARN", bound)), onAll("iam:DetachUserPolicy", when("ArnEquals", "iam:PolicyARN", bound)))
		refused(anna, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("target"), PolicyArn: &other}, "AccessDenied")
		ok(anna, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("target"), PolicyArn: &bound})
		ok(anna, IAM.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: new("target"), PolicyArn: &bound})
	})

	e.part("tags of the request and of the resource", func(e *env) {
		permit(
			onAll("iam:CreateUser", when("StringEquals", "aws:RequestTag/team", "a")),
			onAll("iam:TagUser", map[string]map[string]any{"ForAllValues:StringEquals": {"aws:TagKeys": []string{"team", "cost"}}, "Null": {"aws:TagKeys": "false"}}),
			onAll("iam:DeleteUser", when("StringEquals", "aws:ResourceTag/team", "a")),
			onAll("iam:GetUser", when("StringEquals", "iam:ResourceTag/team", "a")),
		)
		create := func(name string, tags ...iamtypes.Tag) *iam.CreateUserInput {
			return &iam.CreateUserInput{UserName: &name, Tags: tags}
		}
		refused(anna, IAM.CreateUser, create("t1"), "AccessDenied")
		refused(anna, IAM.CreateUser, create("t1", tag("team", "b")), "AccessDenied")
		refused(anna, IAM.CreateUser, create("t1", tag("team", "a"), tag("else", "x")), "AccessDenied", "iam:TagUser")
		ok(anna, IAM.CreateUser, create("t1", tag("team", "a"), tag("cost", "x")))
		e.user("t2")
		ok(anna, IAM.TagUser, &iam.TagUserInput{UserName: new("t2"), Tags: []iamtypes.Tag{tag("cost", "y")}})
		refused(anna, IAM.TagUser, &iam.TagUserInput{UserName: new("t2"), Tags: []iamtypes.Tag{tag("else", "y")}}, "AccessDenied")
		ok(anna, IAM.GetUser, &iam.GetUserInput{UserName: new("t1")})
		refused(anna, IAM.GetUser, &iam.GetUserInput{UserName: new("t2")}, "AccessDenied")
		refused(anna, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("t2")}, "AccessDenied")
		ok(anna, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("t1")})
	})

	e.part("who the caller is", func(e *env) {
		ok(e, IAM.TagUser, &iam.TagUserInput{UserName: new("anna"), Tags: []iamtypes.Tag{tag("group", "ops")}})
		permit(
			statement{Effect: "Allow", Action: "iam:GetUser", Resource: e.arn("user/${aws:username}")},
			statement{Effect: "Allow", Action: "iam:GetGroup", Resource: e.arn("group/${aws:PrincipalTag/group}")},
			onAll("iam:ListUsers", when("ArnLike", "aws:PrincipalArn", e.arn("user/an*"))),
			onAll("iam:ListRoles", when("StringEquals", "aws:PrincipalAccount", "210987654321")),
		)
		e.group("ops")
		e.group("dev")
		ok(anna, IAM.GetUser, &iam.GetUserInput{})
		refused(anna, IAM.GetUser, &iam.GetUserInput{UserName: new("within")}, "AccessDenied")
		ok(anna, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("ops")})
		refused(anna, IAM.GetGroup, &iam.GetGroupInput{GroupName: new("dev")}, "AccessDenied")
		ok(anna, IAM.ListUsers, nil)
		refused(anna, IAM.ListRoles, nil, "AccessDenied")
	})

	e.part("groups' policies are the user's too", func(e *env) {
		permit(onAll("iam:ListUsers", nil))
		e.group("readers")
		ok(e, IAM.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: new("readers"), PolicyName: new("p"), PolicyDocument: new(document(
			statement{Effect: "Allow", Action: "iam:ListGroups", Resource: "*"}, statement{Effect: "Deny", Action: "iam:ListUsers", Resource: "*"},
		))})
		ok(anna, IAM.ListUsers, nil)
		refused(anna, IAM.ListGroups, nil, "AccessDenied")
		ok(e, IAM.AddUserToGroup, &iam.AddUserToGroupInput{UserName: new("anna"), GroupName: new("readers")})
		refused(anna, IAM.ListUsers, nil, "AccessDenied", "with an explicit deny in an identity-based policy")
		ok(anna, IAM.ListGroups, nil)
		ok(e, IAM.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{UserName: new("anna"), GroupName: new("readers")})
		ok(anna, IAM.ListUsers, nil)
	})

	e.part("the default version of a managed policy counts", func(e *env) {
		permit(onAll("iam:GetUser", nil))
		arn := e.policy("versions", allow("iam:ListUsers", "*"))
		ok(e, IAM.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: new("anna"), PolicyArn: &arn})
		ok(anna, IAM.ListUsers, nil)
		ok(e, IAM.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: &arn, PolicyDocument: new(allow("iam:ListGroups", "*"))})
		ok(anna, IAM.ListUsers, nil)
		ok(e, IAM.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: &arn, VersionId: new("v2")})
		refused(anna, IAM.ListUsers, nil, "AccessDenied")
		ok(anna, IAM.ListGroups, nil)
	})

	e.part("nothing can be denied that needs no permission", func(e *env) {
		permit(statement{Effect: "Deny", Action: "*", Resource: "*"})
		ok(anna, STS.GetCallerIdentity, nil)
	})
}
