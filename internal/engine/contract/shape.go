package contract

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// answers is what holds for answers beyond what every call is checked for, see [try].
func answers(e *env) {
	e.part("documents are percent-encoded", func(e *env) {
		text := `{"Version":"2012-10-17","Statement":{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/ +%20~-_.!*'()é"}}`
		const encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Sid%22%3A%22a%22%2C%22Effect%22%3A%22Allow%22%2C" +
			"%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22arn%3Aaws%3As3%3A%3A%3Ab%2F%20%2B%2520~-_.%21%2A%27%28%29%C3%A9%22%7D%7D"
		e.user("u")
		arn := e.policy("p", text)
		same(e, "a managed policy", *ok(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")}).PolicyVersion.Document, encoded)
		e.permit("u", text)
		same(e, "an inline policy", *ok(e, IAM.GetUserPolicy, &iam.GetUserPolicyInput{UserName: new("u"), PolicyName: new("permissions")}).PolicyDocument, encoded)
	})

	e.part("what a caller does with an answer, later answers do not show", func(e *env) {
		in := &iam.CreateUserInput{UserName: new("kept"), Tags: []iamtypes.Tag{tag("k", "v")}}
		out, err := e.CreateUser(e.Context(), in)
		if err != nil {
			e.Fatal(err)
		}
		*in.UserName, *in.Tags[0].Value, in.Tags[0].Key = "changed", "changed", new("changed")
		*out.User.UserName, *out.User.Tags[0].Value, *out.User.CreateDate = "changed", "changed", out.User.CreateDate.AddDate(1, 0, 0)
		out.User.Tags[0] = tag("changed", "changed")
		for range 2 {
			found, err := e.GetUser(e.Context(), &iam.GetUserInput{UserName: new("kept")})
			if err != nil {
				e.Fatal(err)
			}
			same(e, "name", *found.User.UserName, "kept")
			same(e, "tags", found.User.Tags, []iamtypes.Tag{tag("k", "v")})
			holds(e, !found.User.CreateDate.After(e.now()), "the date was changed too")
			found.User.Tags[0].Value = new("changed")
			*found.User.UserName = "changed"
		}
	})
}

// inputs is what may be handed in.
func inputs(e *env) {
	e.part("nothing, where nothing is required", func(e *env) {
		ok(e, IAM.ListUsers, nil)
		ok(e, IAM.GetAccountSummary, nil)
		ok(e, STS.GetCallerIdentity, nil)
		incomplete(e, IAM.CreateUser, nil, "UserName")
		incomplete(e, IAM.CreateRole, nil, "RoleName", "AssumeRolePolicyDocument")
		incomplete(e, STS.AssumeRole, nil, "RoleArn", "RoleSessionName")
	})

	e.part("a context that is over", func(e *env) {
		ctx, cancel := context.WithCancel(e.Context())
		cancel()
		_, err := e.CreateUser(ctx, &iam.CreateUserInput{UserName: new("late")})
		holds(e, errors.Is(err, context.Canceled), "making a user in a cancelled context: %v", err)
		_, err = e.ListUsers(ctx, &iam.ListUsersInput{})
		holds(e, errors.Is(err, context.Canceled), "listing users in a cancelled context: %v", err)
		refused(e, IAM.GetUser, &iam.GetUserInput{UserName: new("late")}, "NoSuchEntity")
	})

	e.part("option functions that change nothing", func(e *env) {
		if _, err := e.ListUsers(e.Context(), &iam.ListUsersInput{}, func(*iam.Options) {}); err != nil {
			e.Error(err)
		}
	})
}

// incomplete calls an operation without required members. The SDK's own client sees that before there is a request.
func incomplete[C, I, O, P any](e *env, op operation[C, I, O, P], in *I, members ...string) {
	e.Helper()
	_, err := try(e, op, in)
	missing, isClient := errors.AsType[smithy.InvalidParamsError](err)
	if !isClient && codeOf(err) != "ValidationError" {
		e.Errorf("calling %s: %v, want ValidationError", describe(in), err)
		return
	}
	for _, member := range members {
		found := isClient && strings.Contains(missing.Error(), member) ||
			strings.Contains(messageOf(err), "at '"+strings.ToLower(member[:1])+member[1:]+"' failed to satisfy constraint: Member must not be null")
		holds(e, found, "calling %s: %v, which does not speak of %s", describe(in), err, member)
	}
}

// errorShapes is what holds for errors beyond what every call is checked for, see [try].
func errorShapes(e *env) {
	_, err := e.GetUser(e.Context(), &iam.GetUserInput{UserName: new("nobody")})
	missing, found := errors.AsType[*iamtypes.NoSuchEntityException](err)
	if !found {
		e.Fatalf("%v is no NoSuchEntityException", err)
	}
	same(e, "message", missing.ErrorMessage(), "The user with name nobody cannot be found.")
	same(e, "code", codeOf(err), "NoSuchEntity")
	same(e, "fault", missing.ErrorFault(), smithy.FaultClient)

	_, err = e.DecodeAuthorizationMessage(e.Context(), &sts.DecodeAuthorizationMessageInput{EncodedMessage: new("nothing")})
	same(e, "code", codeOf(err), "InvalidAuthorizationMessageException")
	refused(e, STS.DecodeAuthorizationMessage, &sts.DecodeAuthorizationMessageInput{EncodedMessage: new("nothing")}, "InvalidAuthorizationMessageException")

	anna := e.userWith("anna", "")
	_, err = anna.ListUsers(e.Context(), &iam.ListUsersInput{})
	same(e, "code", codeOf(err), "AccessDenied")
	for _, part := range []string{
		"User: " + e.arn("user/anna") + " is not authorized to perform: iam:ListUsers on resource: ",
		"because no identity-based policy allows the iam:ListUsers action",
	} {
		holds(e, strings.Contains(messageOf(err), part), "the message %q has no %q", messageOf(err), part)
	}
	_, err = try(anna, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("bert")})
	e.decodes(err, "iam:DeleteUser", e.arn("user/bert"))
}

// validation is what is checked before all else, with the service's messages.
func validation(e *env) {
	const one = "1 validation error detected: "
	const failed = "' failed to satisfy constraint: Member must "
	arn := e.arn("policy/some-policy")
	for _, of := range []struct {
		what    string
		call    func(e *env) error
		message string
	}{
		{"a name too long", func(e *env) error {
			_, err := try(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new(longText(65))})
			return err
		}, one + "Value at 'userName" + failed + "have length less than or equal to 64"},
		{"a name of nothing", func(e *env) error {
			_, err := try(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("")})
			return err
		}, "'userName"},
		{"a name with other characters", func(e *env) error {
			_, err := try(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("a b")})
			return err
		}, "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
		{"a role's name too long", func(e *env) error {
			_, err := try(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new(longText(65)), AssumeRolePolicyDocument: new("{}")})
			return err
		}, one + "Value at 'roleName" + failed + "have length less than or equal to 64"},
		{"a group's name too long", func(e *env) error {
			_, err := try(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: new(longText(129))})
			return err
		}, one + "Value at 'groupName" + failed + "have length less than or equal to 128"},
		{"a path without an end", func(e *env) error {
			_, err := try(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("u"), Path: new("/team")})
			return err
		}, "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."},
		{"a prefix without a beginning", func(e *env) error {
			_, err := try(e, IAM.ListRoles, &iam.ListRolesInput{PathPrefix: new("team/")})
			return err
		}, "The specified value for pathPrefix is invalid. It must begin with the / character and contain only alphanumeric characters and/or / characters."},
		{"a path too long", func(e *env) error {
			_, err := try(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("u"), Path: new("/" + longText(511) + "/")})
			return err
		}, one + "Value at 'path" + failed + "have length less than or equal to 512"},
		{"two at once", func(e *env) error {
			_, err := try(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new(longText(65)), PermissionsBoundary: new("short")})
			return err
		}, "2 validation errors detected: "},
		{"three at once", func(e *env) error {
			_, err := try(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{
				MaxPasswordAge: new(int32(1096)), MinimumPasswordLength: new(int32(129)), PasswordReusePrevention: new(int32(25)),
			})
			return err
		}, "3 validation errors detected: "},
		{"no items", func(e *env) error {
			_, err := try(e, IAM.ListUsers, &iam.ListUsersInput{MaxItems: new(int32(0))})
			return err
		}, one + "Value at 'maxItems" + failed + "have value greater than or equal to 1"},
		{"too many items", func(e *env) error {
			_, err := try(e, IAM.ListUsers, &iam.ListUsersInput{MaxItems: new(int32(1001))})
			return err
		}, one + "Value at 'maxItems" + failed + "have value less than or equal to 1000"},
		{"a marker that is none", func(e *env) error {
			_, err := try(e, IAM.ListUsers, &iam.ListUsersInput{Marker: new("%%%")})
			return err
		}, "Invalid Marker"},
		{"an ARN too short", func(e *env) error {
			_, err := try(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: new("arn:aws:iam::x")})
			return err
		}, one + "Value at 'policyArn" + failed + "have length greater than or equal to 20"},
		{"a version of another form", func(e *env) error {
			_, err := try(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: new("1")})
			return err
		}, one + "Value at 'versionId" + failed + "satisfy regular expression pattern: v[1-9][0-9]*"},
		{"a status of another set", func(e *env) error {
			_, err := try(e, IAM.UpdateAccessKey, &iam.UpdateAccessKeyInput{AccessKeyId: new("AKIAAAAAAAAAAAAAAAAA"), Status: "Lost"})
			return err
		}, one + "Value at 'status" + failed + "satisfy enum value set"},
		{"a session that may last too long", func(e *env) error {
			_, err := try(e, IAM.CreateRole, &iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new("{}"), MaxSessionDuration: new(int32(43201))})
			return err
		}, one + "Value at 'maxSessionDuration" + failed + "have value less than or equal to 43200"},
		{"a tag's key too long", func(e *env) error {
			_, err := try(e, IAM.TagUser, &iam.TagUserInput{UserName: new("u"), Tags: []iamtypes.Tag{tag("ok", "ok"), tag(longText(129), "v")}})
			return err
		}, one + "Value at 'tags.2.member.key" + failed + "have length less than or equal to 128"},
		{"a session's name with other characters", func(e *env) error {
			_, err := try(e, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: new(e.arn("role/some-role")), RoleSessionName: new("Session1:2")})
			return err
		}, one + "Value 'Session1:2' at 'roleSessionName" + failed + `satisfy regular expression pattern: [\w+=,.@-]*`},
		{"a session's name too short", func(e *env) error {
			_, err := try(e, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: new(e.arn("role/some-role")), RoleSessionName: new("x")})
			return err
		}, one + "Value 'x' at 'roleSessionName" + failed + "have length greater than or equal to 2"},
		{"a password too long", func(e *env) error {
			_, err := try(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: new("u"), Password: new(longText(129))})
			return err
		}, one + "Value at 'password" + failed + "have length less than or equal to 128"},
		{"a code of letters", func(e *env) error {
			_, err := try(e, IAM.EnableMFADevice, &iam.EnableMFADeviceInput{
				UserName: new("u"), SerialNumber: new(e.arn("mfa/m")), AuthenticationCode1: new("abcdef"), AuthenticationCode2: new("123456"),
			})
			return err
		}, one + "Value at 'authenticationCode1" + failed + `satisfy regular expression pattern: [\d]+`},
	} {
		e.part(of.what, func(e *env) {
			err := of.call(e)
			same(e, "code", codeOf(err), "ValidationError")
			holds(e, strings.Contains(messageOf(err), of.message), "the message is\n\t%s\nand has no\n\t%s", messageOf(err), of.message)
		})
	}
	e.part("what is required", func(e *env) {
		incomplete(e, IAM.CreateUser, &iam.CreateUserInput{}, "UserName")
		incomplete(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("p")}, "PolicyDocument")
		incomplete(e, IAM.TagUser, &iam.TagUserInput{UserName: new("u")}, "Tags")
		incomplete(e, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: new(e.arn("role/some-role"))}, "RoleSessionName")
	})
}
