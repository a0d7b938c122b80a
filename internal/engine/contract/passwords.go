package contract

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func passwords(e *env) {
	const firstPassword, secondPassword = "Correct-Horse-7", "Battery-Staple-8"
	e.user("anna")

	e.part("account password policy", func(e *env) {
		fail(e, IAM.GetAccountPasswordPolicy, nil, "NoSuchEntity",
			"The Password Policy with domain name "+e.AccountID()+" cannot be found.")
		fail(e, IAM.DeleteAccountPasswordPolicy, nil, "NoSuchEntity",
			"The account policy with name PasswordPolicy cannot be found.")
		succeed(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{
			MinimumPasswordLength: new(int32(12)), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true,
			RequireLowercaseCharacters: true, AllowUsersToChangePassword: true, MaxPasswordAge: new(int32(90)),
			PasswordReusePrevention: new(int32(3)), HardExpiry: new(true),
		})
		equal(e, "policy", succeed(e, IAM.GetAccountPasswordPolicy, nil).PasswordPolicy, &iamtypes.PasswordPolicy{
			MinimumPasswordLength: new(int32(12)), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true,
			RequireLowercaseCharacters: true, AllowUsersToChangePassword: true, MaxPasswordAge: new(int32(90)),
			ExpirePasswords:         true,
			PasswordReusePrevention: new(int32(3)), HardExpiry: new(true),
		})
		succeed(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{})
		found := succeed(e, IAM.GetAccountPasswordPolicy, nil).PasswordPolicy
		equal(e, "minimum length", *found.MinimumPasswordLength, 6)
		check(e, !found.RequireSymbols && !found.ExpirePasswords && found.MaxPasswordAge == nil &&
			found.PasswordReusePrevention == nil && !found.AllowUsersToChangePassword,
			"UpdateAccountPasswordPolicy did not reset the missing members: got %s", text(found))
		for _, in := range []iam.UpdateAccountPasswordPolicyInput{
			{MinimumPasswordLength: new(int32(5))}, {MinimumPasswordLength: new(int32(129))}, {MaxPasswordAge: new(int32(0))},
			{MaxPasswordAge: new(int32(1096))}, {PasswordReusePrevention: new(int32(25))},
			{PasswordReusePrevention: new(int32(0))},
		} {
			fail(e, IAM.UpdateAccountPasswordPolicy, &in, "ValidationError")
		}
		succeed(e, IAM.DeleteAccountPasswordPolicy, nil)
		fail(e, IAM.GetAccountPasswordPolicy, nil, "NoSuchEntity")
	})

	e.part("login profile", func(e *env) {
		name := new("anna")
		missing := "Login Profile for User anna cannot be found."
		fail(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: name}, "NoSuchEntity", missing)
		fail(e, IAM.UpdateLoginProfile, &iam.UpdateLoginProfileInput{UserName: name, Password: new(firstPassword)},
			"NoSuchEntity", missing)
		fail(e, IAM.DeleteLoginProfile, &iam.DeleteLoginProfileInput{UserName: name}, "NoSuchEntity", missing)
		fail(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: new("nobody"), Password: new(firstPassword)},
			"NoSuchEntity", "The user with name nobody cannot be found.")
		for _, weak := range []string{"Sh0rt-!", "alllowercase", "lower1234567"} {
			fail(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: name, Password: &weak},
				"PasswordPolicyViolation")
		}
		created := succeed(e, IAM.CreateLoginProfile,
			&iam.CreateLoginProfileInput{UserName: name, Password: new(firstPassword), PasswordResetRequired: true}).LoginProfile
		equal(e, "login profile", created,
			&iamtypes.LoginProfile{UserName: name, CreateDate: created.CreateDate, PasswordResetRequired: true})
		equal(e, "GetLoginProfile", succeed(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: name}).LoginProfile,
			created)
		fail(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: name, Password: new(secondPassword)},
			"EntityAlreadyExists", "Login Profile for user anna already exists.")
		fail(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: name}, "DeleteConflict",
			"Cannot delete entity, must delete login profile first")
		e.checkSignIn("anna", firstPassword, signInMustChange)
		e.checkSignIn("anna", secondPassword, signInDenied)
	})

	e.part("change by the user", func(e *env) {
		anna := e.actAs(e.key("anna"))
		change := &iam.ChangePasswordInput{OldPassword: new(firstPassword), NewPassword: new(secondPassword)}
		fail(anna, IAM.ChangePassword, change, "AccessDenied", "iam:ChangePassword", e.arn("user/anna"))
		e.permit("anna", allow("iam:ChangePassword", e.arn("user/${aws:username}")))
		fail(anna, IAM.ChangePassword,
			&iam.ChangePasswordInput{OldPassword: new("Not-The-One-1"), NewPassword: new(secondPassword)}, "AccessDenied")
		fail(anna, IAM.ChangePassword, &iam.ChangePasswordInput{OldPassword: new(firstPassword), NewPassword: new("short")},
			"PasswordPolicyViolation")
		succeed(anna, IAM.ChangePassword, change)
		check(e, !succeed(e, IAM.GetLoginProfile,
			&iam.GetLoginProfileInput{UserName: new("anna")}).LoginProfile.PasswordResetRequired,
			"PasswordResetRequired is still set after the change")
		e.checkSignIn("anna", firstPassword, signInDenied)
		e.checkSignIn("anna", secondPassword, "")
	})

	e.part("change by a role", func(e *env) {
		in := &iam.ChangePasswordInput{OldPassword: new(firstPassword), NewPassword: new(secondPassword)}
		fail(e, IAM.ChangePassword, in, "InvalidUserType")
		e.role("r")
		succeed(e, IAM.PutRolePolicy,
			&iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))})
		carl := e.userWith("carl", allow("sts:AssumeRole", "*"))
		fail(carl.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/r"))}), IAM.ChangePassword, in, "InvalidUserType")
	})

	e.part("change without a password", func(e *env) {
		in := &iam.ChangePasswordInput{OldPassword: new(firstPassword), NewPassword: new(secondPassword)}
		fail(e.userWith("dora", allow("iam:ChangePassword", "*")), IAM.ChangePassword, in, "NoSuchEntity")
	})

	e.part("change by an administrator", func(e *env) {
		succeed(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{
			MinimumPasswordLength: new(int32(10)), PasswordReusePrevention: new(int32(2)), AllowUsersToChangePassword: true,
		})
		update := func(password string) *iam.UpdateLoginProfileInput {
			return &iam.UpdateLoginProfileInput{UserName: new("anna"), Password: &password}
		}
		fail(e, IAM.UpdateLoginProfile, update("tooshort"), "PasswordPolicyViolation",
			"Password should have a minimum length of 10")
		fail(e, IAM.UpdateLoginProfile, update(firstPassword), "PasswordPolicyViolation") // used before
		succeed(e, IAM.UpdateLoginProfile, update("all lower case now"))
		e.checkSignIn("anna", "all lower case now", "")

		succeed(e, IAM.UpdateLoginProfile,
			&iam.UpdateLoginProfileInput{UserName: new("anna"), PasswordResetRequired: new(true)})
		check(e, succeed(e, IAM.GetLoginProfile,
			&iam.GetLoginProfileInput{UserName: new("anna")}).LoginProfile.PasswordResetRequired,
			"PasswordResetRequired is not set")

		succeed(e, IAM.DeleteLoginProfile, &iam.DeleteLoginProfileInput{UserName: new("anna")})
		fail(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: new("anna")}, "NoSuchEntity")
		e.checkSignIn("anna", "all lower case now", signInDenied)
	})
}

// The error codes of a sign-in.
const (
	signInDenied     = "AccessDenied"
	signInMustChange = "PasswordChangeRequired"
)

// checkSignIn checks the result of signing in with a password. It does nothing if users cannot sign in to the service.
func (e *env) checkSignIn(user, password, code string) {
	e.Helper()
	service, ok := e.Service.(PasswordSignIn)
	if !ok {
		return
	}
	before := e.now().Truncate(time.Second)
	err := service.SignIn(e.Context(), user, password, "")
	if codeOf(err) != code {
		e.Errorf("signing in as %s: %v, want %q", user, err, code)
	}
	if err == nil {
		used := succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: &user}).User.PasswordLastUsed
		check(e, used != nil && !used.Before(before), "PasswordLastUsed of %s is %v after a sign-in, want at least %v", user,
			used, before)
	}
}
