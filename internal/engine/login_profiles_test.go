package engine

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

func TestLoginProfile_CreateUpdateDelete(t *testing.T) {
	t.Parallel()
	e, clock := newClockedEngine(t)
	c, ctx := operator(e), t.Context()
	addUser(t, e, "ann")
	ann := aws.String("ann")
	const missing = "NoSuchEntity: Login Profile for User ann cannot be found."
	wantOutcome(t, errorOf(c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: ann})), missing)
	wantOutcome(t,
		errorOf(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: ann, Password: aws.String(testPassword)})),
		missing)
	wantOutcome(t, errorOf(c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: ann})), missing)
	wantOutcome(t,
		errorOf(c.CreateLoginProfile(ctx,
			&iam.CreateLoginProfileInput{UserName: aws.String("bob"), Password: aws.String(testPassword)})),
		"NoSuchEntity: The user with name bob cannot be found.")
	wantOutcome(t,
		errorOf(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: ann, Password: aws.String("short")})),
		"PasswordPolicyViolation: Password should have a minimum length of 8; …")

	created := clock.Now()
	must(c.CreateLoginProfile(ctx,
		&iam.CreateLoginProfileInput{UserName: ann, Password: aws.String(testPassword), PasswordResetRequired: true}))
	wantOutcome(t,
		errorOf(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: ann, Password: aws.String(testPassword)})),
		"EntityAlreadyExists: Login Profile for user ann already exists.")
	clock.advance(time.Hour)
	must(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: ann, PasswordResetRequired: aws.Bool(false)}))
	got := must(c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: ann})).LoginProfile
	if *got.UserName != "ann" || !got.CreateDate.Equal(created) || got.PasswordResetRequired {
		t.Errorf("got login profile %+v", got)
	}
	wantOutcome(t, errorOf(c.DeleteUser(ctx, &iam.DeleteUserInput{UserName: ann})),
		"DeleteConflict: Cannot delete entity, must delete login profile first.")
	must(c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: ann}))
	wantOutcome(t, errorOf(c.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: ann})), missing)
}

func TestChangePassword_ByTheUser(t *testing.T) {
	t.Parallel()
	e, _ := newClockedEngine(t)
	ctx := t.Context()
	addUser(t, e, "ann", allow("iam:ChangePassword"))
	addPassword(t, e, "ann")
	ann, _ := newKeyClient(t, e, "ann")
	change := func(old, new string) error {
		return errorOf(ann.ChangePassword(ctx, &iam.ChangePasswordInput{OldPassword: &old, NewPassword: &new}))
	}
	wantOutcome(t, change("wrong", "Another-Horse-8"), "AccessDenied: The old password was incorrect.")
	wantOutcome(t, change(testPassword, "x"), "PasswordPolicyViolation: Password should have a minimum length of 8; …")
	wantOutcome(t, change(testPassword, "Another-Horse-8"), "")
	wantOutcome(t, change(testPassword, "Another-Horse-9"), "AccessDenied: The old password was incorrect.")

	wantOutcome(t,
		errorOf(operator(e).ChangePassword(ctx,
			&iam.ChangePasswordInput{OldPassword: aws.String("a"), NewPassword: aws.String("b")})),
		"InvalidUserType: Only IAM Users can change their own password")

	// Attempts to guess the old password with an access key are limited too.
	for range pairWithoutWait { // in addition to the wrong password above
		wantOutcome(t, change("wrong", "Another-Horse-8"), "AccessDenied: The old password was incorrect.")
	}
	wantOutcome(t, change("wrong", "Another-Horse-8"), "Throttling: Rate exceeded: …")
}

func TestChangePassword_AllowedByPasswordPolicy(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	ctx := t.Context()
	const denied = `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*"}}`
	addUser(t, e, "ann")
	addUser(t, e, "bob", denied)
	for _, name := range []string{"ann", "bob"} {
		addPassword(t, e, name)
	}
	ann, _ := newKeyClient(t, e, "ann")
	bob, _ := newKeyClient(t, e, "bob")
	change := func(c *Client) error {
		return errorOf(c.ChangePassword(ctx,
			&iam.ChangePasswordInput{OldPassword: aws.String(testPassword), NewPassword: aws.String("Another-Horse-8")}))
	}
	const refused = "AccessDenied: User: arn:aws:iam::000000000000:user/ann is not authorized to perform: iam:…"
	wantOutcome(t, change(ann), refused)
	wantOutcome(t, errorOf(ann.GetAccountPasswordPolicy(ctx, nil)), refused)
	must(operator(e).UpdateAccountPasswordPolicy(ctx,
		&iam.UpdateAccountPasswordPolicyInput{AllowUsersToChangePassword: true}))
	wantOutcome(t, errorOf(ann.GetAccountPasswordPolicy(ctx, nil)), "")
	wantOutcome(t, change(ann), "")
	wantOutcome(t, change(bob), "AccessDenied: User: arn:aws:iam::000000000000:user/bob is not authorized to perform: "+
		"iam:ChangePassword on resource: arn:aws:iam::000000000000:user/bob with an explicit deny in an identity-based "+
		"policy…")
}

func TestChangePassword_ReusedPassword(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	c, ctx := operator(e), t.Context()
	must(c.UpdateAccountPasswordPolicy(ctx, &iam.UpdateAccountPasswordPolicyInput{PasswordReusePrevention: aws.Int32(2)}))
	addUser(t, e, "ann")
	addPassword(t, e, "ann")
	set := func(password string) error {
		return errorOf(c.UpdateLoginProfile(ctx,
			&iam.UpdateLoginProfileInput{UserName: aws.String("ann"), Password: &password}))
	}
	const reused = "PasswordPolicyViolation: Policy constraint violation with password reuse prevention during " +
		"password change."
	wantOutcome(t, set(testPassword), reused)
	wantOutcome(t, set("second password"), "")
	wantOutcome(t, set(testPassword), reused)
	wantOutcome(t, set("third password"), "")
	wantOutcome(t, set("second password"), reused)
	wantOutcome(t, set(testPassword), "")
	// A new login profile also counts the passwords of the deleted one.
	must(c.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: aws.String("ann")}))
	wantOutcome(t,
		errorOf(c.CreateLoginProfile(ctx,
			&iam.CreateLoginProfileInput{UserName: aws.String("ann"), Password: aws.String(testPassword)})), reused)
}

func TestChangePassword_ConcurrentChange(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t)
	addUser(t, e, "ann")
	addPassword(t, e, "ann")
	writeStore(t, e, func(tx store.Tx) error {
		user, err := tx.Identity(store.User, "ann")
		if err != nil {
			return err
		}
		current := userPassword{user: user}
		if current.profile, err = tx.LoginProfile(user.ID); err != nil {
			return err
		}
		c := e.internalCall(t.Context(), tx)
		wantOutcome(t, c.changePassword(&current, newPassword{hash: "new", replacedHash: "another"}),
			"EntityTemporarilyUnmodifiable: Login Profile for User ann was changed by another request…")
		return nil
	})
}
