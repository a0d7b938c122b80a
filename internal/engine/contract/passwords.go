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

	e.part("the account's policy is set as a whole", func(e *env) {
		refused(e, IAM.GetAccountPasswordPolicy, nil, "NoSuchEntity", "The Password Policy with domain name "+e.AccountID()+" cannot be found.")
		refused(e, IAM.DeleteAccountPasswordPolicy, nil, "NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.")
		ok(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{
			MinimumPasswordLength: new(int32(12)), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true,
			RequireLowercaseCharacters: true, AllowUsersToChangePassword: true, MaxPasswordAge: new(int32(90)),
			PasswordReusePrevention: new(int32(3)), HardExpiry: new(true),
		})
		same(e, "policy", ok(e, IAM.GetAccountPasswordPolicy, nil).PasswordPolicy, &iamtypes.PasswordPolicy{
			MinimumPasswordLength: new(int32(12)), RequireSymbols: true, RequireNumbers: true, RequireUppercaseCharacters: true,
			RequireLowercaseCharacters: true, AllowUsersToChangePassword: true, MaxPasswordAge: new(int32(90)), ExpirePasswords: true,
			PasswordReusePrevention: new(int32(3)), HardExpiry: new(true),
		})
		ok(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{})
		found := ok(e, IAM.GetAccountPasswordPolicy, nil).PasswordPolicy
		same(e, "length", *found.MinimumPasswordLength, 6)
		holds(e, !found.RequireSymbols && !found.ExpirePasswords && found.MaxPasswordAge == nil && found.PasswordReusePrevention == nil && !found.AllowUsersToChangePassword,
			"what was not given was kept: %s", text(found))
		for _, in := range []iam.UpdateAccountPasswordPolicyInput{
			{MinimumPasswordLength: new(int32(5))}, {MinimumPasswordLength: new(int32(129))}, {MaxPasswordAge: new(int32(0))},
			{MaxPasswordAge: new(int32(1096))}, {PasswordReusePrevention: new(int32(25))}, {PasswordReusePrevention: new(int32(0))},
		} {
			refused(e, IAM.UpdateAccountPasswordPolicy, &in, "ValidationError")
		}
		ok(e, IAM.DeleteAccountPasswordPolicy, nil)
		refused(e, IAM.GetAccountPasswordPolicy, nil, "NoSuchEntity")
	})

	e.part("a user gets a password", func(e *env) {
		name := new("anna")
		missing := "Login Profile for User anna cannot be found."
		refused(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: name}, "NoSuchEntity", missing)
		refused(e, IAM.UpdateLoginProfile, &iam.UpdateLoginProfileInput{UserName: name, Password: new(good)}, "NoSuchEntity", missing)
		refused(e, IAM.DeleteLoginProfile, &iam.DeleteLoginProfileInput{UserName: name}, "NoSuchEntity", missing)
		refused(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: new("nobody"), Password: new(good)}, "NoSuchEntity", "The user with name nobody cannot be found.")
		for _, bad := range []string{"Sh0rt-!", "alllowercase", "lower1234567"} {
			refused(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: name, Password: &bad}, "PasswordPolicyViolation")
		}
		made := ok(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: name, Password: new(good), PasswordResetRequired: true}).LoginProfile
		same(e, "made", made, &iamtypes.LoginProfile{UserName: name, CreateDate: made.CreateDate, PasswordResetRequired: true})
		same(e, "GetLoginProfile", ok(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: name}).LoginProfile, made)
		refused(e, IAM.CreateLoginProfile, &iam.CreateLoginProfileInput{UserName: name, Password: new(better)}, "EntityAlreadyExists", "Login Profile for user anna already exists.")
		refused(e, IAM.DeleteUser, &iam.DeleteUserInput{UserName: name}, "DeleteConflict", "Cannot delete entity, must delete login profile first")
		e.signsIn("anna", good, mustChange)
		e.signsIn("anna", better, wrong)
	})

	e.part("a user changes it", func(e *env) {
		anna := e.with(e.key("anna"))
		change := &iam.ChangePasswordInput{OldPassword: new(good), NewPassword: new(better)}
		refused(anna, IAM.ChangePassword, change, "AccessDenied", "iam:ChangePassword", e.arn("user/anna"))
		e.permit("anna", allow("iam:ChangePassword", e.arn("user/${aws:username}")))
		refused(anna, IAM.ChangePassword, &iam.ChangePasswordInput{OldPassword: new("Not-The-One-1"), NewPassword: new(better)}, "AccessDenied")
		refused(anna, IAM.ChangePassword, &iam.ChangePasswordInput{OldPassword: new(good), NewPassword: new("short")}, "PasswordPolicyViolation")
		ok(anna, IAM.ChangePassword, change)
		holds(e, !ok(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: new("anna")}).LoginProfile.PasswordResetRequired, "the password must still be changed")
		e.signsIn("anna", good, wrong)
		e.signsIn("anna", better, "")
	})

	e.part("only users have passwords", func(e *env) {
		in := &iam.ChangePasswordInput{OldPassword: new(good), NewPassword: new(better)}
		refused(e, IAM.ChangePassword, in, "InvalidUserType")
		e.role("r")
		ok(e, IAM.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: new("r"), PolicyName: new("p"), PolicyDocument: new(allow("*", "*"))})
		carl := e.userWith("carl", allow("sts:AssumeRole", "*"))
		refused(carl.assume(&sts.AssumeRoleInput{RoleArn: new(e.arn("role/r"))}), IAM.ChangePassword, in, "InvalidUserType")
	})

	e.part("a user without a password has none to change", func(e *env) {
		in := &iam.ChangePasswordInput{OldPassword: new(good), NewPassword: new(better)}
		refused(e.userWith("dora", allow("iam:ChangePassword", "*")), IAM.ChangePassword, in, "NoSuchEntity")
	})

	e.part("an administrator changes it, within the policy", func(e *env) {
		ok(e, IAM.UpdateAccountPasswordPolicy, &iam.UpdateAccountPasswordPolicyInput{
			MinimumPasswordLength: new(int32(10)), PasswordReusePrevention: new(int32(2)), AllowUsersToChangePassword: true,
		})
		update := func(password string) *iam.UpdateLoginProfileInput {
			return &iam.UpdateLoginProfileInput{UserName: new("anna"), Password: &password}
		}
		refused(e, IAM.UpdateLoginProfile, update("tooshort"), "PasswordPolicyViolation", "Password should have a minimum length of 10")
		refused(e, IAM.UpdateLoginProfile, update(good), "PasswordPolicyViolation") // used before
		ok(e, IAM.UpdateLoginProfile, update("all lower case now"))
		e.signsIn("anna", "all lower case now", "")

		ok(e, IAM.UpdateLoginProfile, &iam.UpdateLoginProfileInput{UserName: new("anna"), PasswordResetRequired: new(true)})
		holds(e, ok(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: new("anna")}).LoginProfile.PasswordResetRequired, "the password need not be changed")

		ok(e, IAM.DeleteLoginProfile, &iam.DeleteLoginProfileInput{UserName: new("anna")})
		refused(e, IAM.GetLoginProfile, &iam.GetLoginProfileInput{UserName: new("anna")}, "NoSuchEntity")
		e.signsIn("anna", "all lower case now", wrong)
	})
}

// What comes of signing in, beside nothing.
const (
	wrong      = "AccessDenied"
	mustChange = "PasswordChangeRequired"
)

// signsIn checks what comes of signing in with a password, where the service lets users sign in.
func (e *env) signsIn(user, password, code string) {
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
		used := ok(e, IAM.GetUser, &iam.GetUserInput{UserName: &user}).User.PasswordLastUsed
		holds(e, used != nil && !used.Before(before), "after %s signed in, the password was last used at %v", user, used)
	}
}
