package contract

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func passwords(e *env) {
	const good, better = "Correct-Horse-7", "Battery-Staple-8"
	e.user("anna")

	e.part("account password policy", func(e *env) {
		fail(e, IAM.GetAccountPasswordPolicy, nil, "NoSuchEntity", "The Password Policy with domain name "+e.AccountID()+" cannot be found.")
		fail(e, IAM.DeleteAccountPasswordPolicy, nil, "NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.")
		succeed(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{
			MinimumPasswordLength: new(int32(12)), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true,
			RequireLowercaseCharacters: true, AllowUsersToChangePassword: true, MaxPasswordAge: new(int32(90)),
			PasswordReusePrevention: new(int32(3)), HardExpiry: new(true),
		})
		equal(e, "policy", succeed(e, IAM.GetAccountPasswordPolicy, nil).PasswordPolicy, &iamtypes.PasswordPolicy{
			MinimumPasswordLength: new(int32(12)), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true,
			RequireLowercaseCharacters: true, AllowUsersToChangePassword: true, MaxPasswordAge: new(int32(90)), ExpirePasswords: true,
			PasswordReusePrevention: new(int32(3)), HardExpiry: new(true),
		})
		succeed(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{})
		found := succeed(e, IAM.GetAccountPasswordPolicy, nil).PasswordPolicy
		equal(e, "length", *found.MinimumPasswordLength, 6)
		check(e, !found.RequireSymbols && !found.ExpirePasswords && found.MaxPasswordAge == nil && found.PasswordReusePrevention == nil && !found.AllowUsersToChangePassword,
			"what was not given was kept: %s", text(found))
		for _, in := range []iam.UpdateAccountPasswordPolicyInput{
			{MinimumPasswordLength: new(int32(5))}, {MinimumPasswordLength: new(int32(129))}, {MaxPasswordAge: new(int32(0))},
			{MaxPasswordAge: new(int32(1096))}, {PasswordReusePrevention: new(int32(25))}, {PasswordReusePrevention: new(int32(0))},
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
		fail(e, IAM.UpdateLoginProfile, &iam.UpdateLoginProfileInput{UserName: name, Password: new(good)}, "NoSuchEntity", missing)
		fail(e, IAM.DeleteLoginProfile, &iam.DeleteLoginProfileInput{UserName: name}, "NoSuchEntity", missing)
		fail(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: new("nobody"), Password: new(good)}, "NoSuchEntity", "The user with name nobody cannot be found.")
		for _, bad := range []string{"Sh0rt-!", "alllowercase", "lower1234567"} {
			fail(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: name, Password: &bad}, "PasswordPolicyViolation")
		}
		made := succeed(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: name, Password: new(good), PasswordResetRequired: true}).LoginProfile
		equal(e, "made", made, &iamtypes.LoginProfile{UserName: name, CreateDate: made.CreateDate, PasswordResetRequired: true})
		equal(e, "GetLoginProfile", succeed(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: name}).LoginProfile, made)
		fail(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: name, Password: new(better)}, "EntityAlreadyExists", "Login Profile for user anna already exists.")
		fail(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: name}, "DeleteConflict", "Cannot delete entity, must delete login profile first")
		e.checkSignIn("anna", good, mustChange)
		e.checkSignIn("anna", better, wrong)
	})

	e.part("change by the user", func(e *env) {
		anna := e.with(e.key("anna"))
		change := &iam.ChangePasswordInput{OldPassword: new(good), NewPassword: new(better)}
		fail(anna, IAM.ChangePassword, change, "AccessDenied", "iam:ChangePassword", e.arn("user/anna"))
		e.permit("anna", allow("iam:ChangePassword", e.arn("user/${aws:username}")))
		fail(anna, IAM.ChangePassword, &iam.ChangePasswordInput{OldPassword: new("Not-The-One-1"), NewPassword: new(better)}, "AccessDenied")
		fail(anna, IAM.ChangePassword, &iam.ChangePasswordInput{OldPassword: new(good), NewPassword: new("short")}, "PasswordPolicyViolation")
		succeed(anna, IAM.ChangePassword, change)
		check(e, !succeed(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: new("anna")}).LoginProfile.PasswordResetRequired, "the password must still be changed")
		e.checkSignIn("anna", good, wrong)
		e.checkSignIn("anna", better, "")
	})

	e.part("change by a role", func(e *env) {
		in := &iam.ChangePasswordInput{OldPassword: new(good), NewPassword: new(better)}
		fail(e, IAM.ChangePassword, in, "InvalidUserType")
		e.role("r")
		succeed(e, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))})
		carl := e.userWith("carl", allow("sts:AssumeRole", "*"))
		fail(carl.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/r"))}), IAM.ChangePassword, in, "InvalidUserType")
	})

	e.part("change without a password", func(e *env) {
		in := &iam.ChangePasswordInput{OldPassword: new(good), NewPassword: new(better)}
		fail(e.userWith("dora", allow("iam:ChangePassword", "*")), IAM.ChangePassword, in, "NoSuchEntity")
	})

	e.part("change by an administrator", func(e *env) {
		succeed(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{
			MinimumPasswordLength: new(int32(10)), PasswordReusePrevention: new(int32(2)), AllowUsersToChangePassword: true,
		})
		update := func(password string) *iam.UpdateLoginProfileInput {
			return &iam.UpdateLoginProfileInput{UserName: new("anna"), Password: &password}
		}
		fail(e, IAM.UpdateLoginProfile, update("tooshort"), "PasswordPolicyViolation", "Password should have a minimum length of 10")
		fail(e, IAM.UpdateLoginProfile, update(good), "PasswordPolicyViolation") // used before
		succeed(e, IAM.UpdateLoginProfile, update("all lower case now"))
		e.checkSignIn("anna", "all lower case now", "")

		succeed(e, IAM.UpdateLoginProfile, &iam.UpdateLoginProfileInput{UserName: new("anna"), PasswordResetRequired: new(true)})
		check(e, succeed(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: new("anna")}).LoginProfile.PasswordResetRequired, "the password need not be changed")

		succeed(e, IAM.DeleteLoginProfile, &iam.DeleteLoginProfileInput{UserName: new("anna")})
		fail(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: new("anna")}, "NoSuchEntity")
		e.checkSignIn("anna", "all lower case now", wrong)
	})
}

// The error codes of signing in.
const (
	wrong      = "AccessDenied"
	mustChange = "PasswordChangeRequired"
)

// checkSignIn checks the result of signing in with a password. It skips the part if users cannot sign in to the service.
func (e *env) checkSignIn(user, password, code string) {
	e.Helper()
	service, can := e.Service.(PasswordSignIn)
	if !can {
		return
	}
	before := e.now().Truncate(time.Second)
	err := service.SignIn(e.Context(), user, password, "")
	if codeOf(err) != code {
		e.Errorf("signing in as %s: %v, want %q", user, err, code)
	}
	if err == nil {
		used := succeed(e, IAM.GetUser, &iam.GetUserInput{UserName: &user}).User.PasswordLastUsed
		check(e, used != nil && !used.Before(before), "after %s signed in, the password was last used at %v", user, used)
	}
}
