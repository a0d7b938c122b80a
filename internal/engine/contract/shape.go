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

// answers tests the form of answers, in addition to the checks of [call].
func answers(e *env) {
	e.part("encoded documents", func(e *env) {
		text := `{"Version":"2012-10-17",` +
			`"Statement":{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/ +%20~-_.!*'()é"}}`
		const encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Sid%22%3A%22a%22%2C%22Effect%22" +
			"%3A%22Allow%22%2C" +
			"%22Action%22%3A%22s3%3A%2A%22%2C%22Resource%22%3A%22arn%3Aaws%3As3%3A%3A%3Ab%2F%20%2B%2520~-_.%21%2A%27%28%29" +
			"%C3%A9%22%7D%7D"
		e.user("u")
		arn := e.policy("p", text)
		equal(e, "a managed policy",
			*succeed(e, IAM.GetPolicyVersion,
				&iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: new("v1")}).PolicyVersion.Document, encoded)
		e.permit("u", text)
		equal(e, "an inline policy",
			*succeed(e, IAM.GetUserPolicy,
				&iam.GetUserPolicyInput{UserName: new("u"), PolicyName: new("permissions")}).PolicyDocument, encoded)
	})

	e.part("answers belong to the caller", func(e *env) {
		in := &iam.CreateUserInput{UserName: new("original"), Tags: []iamtypes.Tag{tag("k", "v")}}
		out, err := e.CreateUser(e.Context(), in)
		if err != nil {
			e.Fatal(err)
		}
		*in.UserName, *in.Tags[0].Value, in.Tags[0].Key = "changed", "changed", new("changed")
		*out.User.UserName, *out.User.Tags[0].Value, *out.User.CreateDate = "changed", "changed",
			out.User.CreateDate.AddDate(1, 0, 0)
		out.User.Tags[0] = tag("changed", "changed")
		for range 2 {
			found, err := e.GetUser(e.Context(), &iam.GetUserInput{UserName: new("original")})
			if err != nil {
				e.Fatal(err)
			}
			equal(e, "name", *found.User.UserName, "original")
			equal(e, "tags", found.User.Tags, []iamtypes.Tag{tag("k", "v")})
			check(e, !found.User.CreateDate.After(e.now()), "the caller's change of CreateDate reached the service")
			found.User.Tags[0].Value = new("changed")
			*found.User.UserName = "changed"
		}
	})
}

// inputs tests the handling of inputs.
func inputs(e *env) {
	e.part("nil input", func(e *env) {
		succeed(e, IAM.ListUsers, nil)
		succeed(e, IAM.GetAccountSummary, nil)
		succeed(e, STS.GetCallerIdentity, nil)
		missingMembers(e, IAM.CreateUser, nil, "UserName")
		missingMembers(e, IAM.CreateRole, nil, "RoleName", "AssumeRolePolicyDocument")
		missingMembers(e, STS.AssumeRole, nil, "RoleArn", "RoleSessionName")
	})

	e.part("canceled context", func(e *env) {
		ctx, cancel := context.WithCancel(e.Context())
		cancel()
		_, err := e.CreateUser(ctx, &iam.CreateUserInput{UserName: new("late")})
		check(e, errors.Is(err, context.Canceled), "CreateUser with a canceled context: got %v, want context.Canceled", err)
		_, err = e.ListUsers(ctx, &iam.ListUsersInput{})
		check(e, errors.Is(err, context.Canceled), "ListUsers with a canceled context: got %v, want context.Canceled", err)
		fail(e, IAM.GetUser, &iam.GetUserInput{UserName: new("late")}, "NoSuchEntity")
	})

	e.part("option functions", func(e *env) {
		if _, err := e.ListUsers(e.Context(), &iam.ListUsersInput{}, func(*iam.Options) {}); err != nil {
			e.Error(err)
		}
	})
}

// missingMembers calls an operation without its required members. The SDK's client refuses the input before it sends a
// request.
func missingMembers[C, I, O, P any](e *env, op operation[C, I, O, P], in *I, members ...string) {
	e.Helper()
	_, err := call(e, op, in)
	missing, isClient := errors.AsType[smithy.InvalidParamsError](err)
	if !isClient && codeOf(err) != "ValidationError" {
		e.Errorf("calling %s: %v, want ValidationError", describe(in), err)
		return
	}
	for _, member := range members {
		found := isClient && strings.Contains(missing.Error(), member) ||
			strings.Contains(messageOf(err),
				"at '"+strings.ToLower(member[:1])+member[1:]+"' failed to satisfy constraint: Member must not be null")
		check(e, found, "calling %s: %v, and the error does not name %s", describe(in), err, member)
	}
}

// errorShapes tests the form of errors, in addition to the checks of [call].
func errorShapes(e *env) {
	_, err := e.GetUser(e.Context(), &iam.GetUserInput{UserName: new("nobody")})
	missing, found := errors.AsType[*iamtypes.NoSuchEntityException](err)
	if !found {
		e.Fatalf("%v is not a NoSuchEntityException", err)
	}
	equal(e, "message", missing.ErrorMessage(), "The user with name nobody cannot be found.")
	equal(e, "code", codeOf(err), "NoSuchEntity")
	equal(e, "fault", missing.ErrorFault(), smithy.FaultClient)

	_, err = e.DecodeAuthorizationMessage(e.Context(),
		&sts.DecodeAuthorizationMessageInput{EncodedMessage: new("nothing")})
	equal(e, "code", codeOf(err), "InvalidAuthorizationMessageException")
	fail(e, STS.DecodeAuthorizationMessage, &sts.DecodeAuthorizationMessageInput{EncodedMessage: new("nothing")},
		"InvalidAuthorizationMessageException")

	anna := e.userWith("anna", "")
	_, err = anna.ListUsers(e.Context(), &iam.ListUsersInput{})
	equal(e, "code", codeOf(err), "AccessDenied")
	for _, part := range []string{
		"User: " + e.arn("user/anna") + " is not authorized to perform: iam:ListUsers on resource: ",
		"because no identity-based policy allows the iam:ListUsers action",
	} {
		check(e, strings.Contains(messageOf(err), part), "the message %q does not contain %q", messageOf(err), part)
	}
	_, err = call(anna, IAM.DeleteUser, &iam.DeleteUserInput{UserName: new("bert")})
	e.checkEncodedMessage(err, "iam:DeleteUser", e.arn("user/bert"))
}

// validation tests the checks of members, which come before all others, and the service's messages.
func validation(e *env) {
	const oneError = "1 validation error detected: "
	const constraint = "' failed to satisfy constraint: Member must "
	arn := e.arn("policy/some-policy")
	for _, test := range []struct {
		name    string
		call    func(e *env) error
		message string
	}{
		{"long name", func(e *env) error {
			_, err := call(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new(longText(65))})
			return err
		}, oneError + "Value at 'userName" + constraint + "have length less than or equal to 64"},
		{"empty name", func(e *env) error {
			_, err := call(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("")})
			return err
		}, "'userName"},
		{"invalid characters in a name", func(e *env) error {
			_, err := call(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("a b")})
			return err
		}, "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the " +
			"following: +=,.@_-"},
		{"long role name", func(e *env) error {
			_, err := call(e, IAM.CreateRole,
				&iam.CreateRoleInput{RoleName: new(longText(65)), AssumeRolePolicyDocument: new("{}")})
			return err
		}, oneError + "Value at 'roleName" + constraint + "have length less than or equal to 64"},
		{"long group name", func(e *env) error {
			_, err := call(e, IAM.CreateGroup, &iam.CreateGroupInput{GroupName: new(longText(129))})
			return err
		}, oneError + "Value at 'groupName" + constraint + "have length less than or equal to 128"},
		{"path without a final slash", func(e *env) error {
			_, err := call(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("u"), Path: new("/team")})
			return err
		}, "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric " +
			"characters and/or / characters."},
		{"prefix without a first slash", func(e *env) error {
			_, err := call(e, IAM.ListRoles, &iam.ListRolesInput{PathPrefix: new("team/")})
			return err
		}, "The specified value for pathPrefix is invalid. It must begin with the / character and contain only " +
			"alphanumeric characters and/or / characters."},
		{"long path", func(e *env) error {
			_, err := call(e, IAM.CreateUser, &iam.CreateUserInput{UserName: new("u"), Path: new("/" + longText(511) + "/")})
			return err
		}, oneError + "Value at 'path" + constraint + "have length less than or equal to 512"},
		{"two errors", func(e *env) error {
			_, err := call(e, IAM.CreateUser,
				&iam.CreateUserInput{UserName: new(longText(65)), PermissionsBoundary: new("short")})
			return err
		}, "2 validation errors detected: "},
		{"three errors", func(e *env) error {
			_, err := call(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{
				MaxPasswordAge: new(int32(1096)), MinimumPasswordLength: new(int32(129)), PasswordReusePrevention: new(int32(25)),
			})
			return err
		}, "3 validation errors detected: "},
		{"zero MaxItems", func(e *env) error {
			_, err := call(e, IAM.ListUsers, &iam.ListUsersInput{MaxItems: new(int32(0))})
			return err
		}, oneError + "Value at 'maxItems" + constraint + "have value greater than or equal to 1"},
		{"large MaxItems", func(e *env) error {
			_, err := call(e, IAM.ListUsers, &iam.ListUsersInput{MaxItems: new(int32(1001))})
			return err
		}, oneError + "Value at 'maxItems" + constraint + "have value less than or equal to 1000"},
		{"invalid marker", func(e *env) error {
			_, err := call(e, IAM.ListUsers, &iam.ListUsersInput{Marker: new("%%%")})
			return err
		}, "Invalid Marker"},
		{"short ARN", func(e *env) error {
			_, err := call(e, IAM.GetPolicy, &iam.GetPolicyInput{PolicyArn: new("arn:aws:iam::x")})
			return err
		}, oneError + "Value at 'policyArn" + constraint + "have length greater than or equal to 20"},
		{"invalid version id", func(e *env) error {
			_, err := call(e, IAM.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: &arn, VersionId: new("1")})
			return err
		}, oneError + "Value at 'versionId" + constraint + "satisfy regular expression pattern: v[1-9][0-9]*"},
		{"invalid status", func(e *env) error {
			_, err := call(e, IAM.UpdateAccessKey,
				&iam.UpdateAccessKeyInput{AccessKeyId: new("AKIAAAAAAAAAAAAAAAAA"), Status: "Lost"})
			return err
		}, oneError + "Value at 'status" + constraint + "satisfy enum value set"},
		{"long session duration", func(e *env) error {
			_, err := call(e, IAM.CreateRole,
				&iam.CreateRoleInput{RoleName: new("r"), AssumeRolePolicyDocument: new("{}"),
					MaxSessionDuration: new(int32(43201))})
			return err
		}, oneError + "Value at 'maxSessionDuration" + constraint + "have value less than or equal to 43200"},
		{"long tag key", func(e *env) error {
			_, err := call(e, IAM.TagUser,
				&iam.TagUserInput{UserName: new("u"), Tags: []iamtypes.Tag{tag("ok", "ok"), tag(longText(129), "v")}})
			return err
		}, oneError + "Value at 'tags.2.member.key" + constraint + "have length less than or equal to 128"},
		{"invalid characters in a session name", func(e *env) error {
			_, err := call(e, STS.AssumeRole,
				&sts.AssumeRoleInput{RoleArn: new(e.arn("role/some-role")), RoleSessionName: new("Session1:2")})
			return err
		},
			oneError + "Value 'Session1:2' at 'roleSessionName" + constraint +
				`satisfy regular expression pattern: [\w+=,.@-]*`},
		{"short session name", func(e *env) error {
			_, err := call(e, STS.AssumeRole,
				&sts.AssumeRoleInput{RoleArn: new(e.arn("role/some-role")), RoleSessionName: new("x")})
			return err
		}, oneError + "Value 'x' at 'roleSessionName" + constraint + "have length greater than or equal to 2"},
		{"long password", func(e *env) error {
			_, err := call(e, IAM.CreateLoginProfile,
				&iam.CreateLoginProfileInput{UserName: new("u"), Password: new(longText(129))})
			return err
		}, oneError + "Value at 'password" + constraint + "have length less than or equal to 128"},
		{"MFA code of letters", func(e *env) error {
			_, err := call(e, IAM.EnableMFADevice, &iam.EnableMFADeviceInput{
				UserName: new("u"), SerialNumber: new(e.arn("mfa/m")), AuthenticationCode1: new("abcdef"),
				AuthenticationCode2: new("123456"),
			})
			return err
		}, oneError + "Value at 'authenticationCode1" + constraint + `satisfy regular expression pattern: [\d]+`},
	} {
		e.part(test.name, func(e *env) {
			err := test.call(e)
			equal(e, "code", codeOf(err), "ValidationError")
			check(e, strings.Contains(messageOf(err), test.message), "got the message\n\t%s\nwant it to contain\n\t%s",
				messageOf(err), test.message)
		})
	}
	e.part("required members", func(e *env) {
		missingMembers(e, IAM.CreateUser, &iam.CreateUserInput{}, "UserName")
		missingMembers(e, IAM.CreatePolicy, &iam.CreatePolicyInput{PolicyName: new("p")}, "PolicyDocument")
		missingMembers(e, IAM.TagUser, &iam.TagUserInput{UserName: new("u")}, "Tags")
		missingMembers(e, STS.AssumeRole, &sts.AssumeRoleInput{RoleArn: new(e.arn("role/some-role"))}, "RoleSessionName")
	})
}
