package provider

import (
	"context"
	"fmt"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestUserLoginProfileResource_Passwords(t *testing.T) {
	a := newTestAccount(t)
	identity := must(age.GenerateX25519Identity())
	profile := func(arguments string) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "alice" }
resource "iam_user_login_profile" "p" {
  user = iam_user.u.name
  %s
}`, arguments)
	}
	const address = "iam_user_login_profile.p"
	signsIn := func(password string) bool {
		e := a.engine()
		defer func() { _ = e.Close() }()
		_, err := e.As(engine.Anonymous(engine.Circumstances{})).SignIn(t.Context(), &engine.SignInInput{UserName: "alice", Password: password})
		a.clock.advance(time.Hour) // guessing is slowed down
		return err == nil
	}
	var sealed string
	a.run(
		apply(profile(`password_wo = "Correct-Horse-1"
  password_wo_version = 1`)),
		resource.TestStep{
			PreConfig: func() {
				if !signsIn("Correct-Horse-1") {
					t.Error("the given password does not work")
				}
			},
			// Terraform cannot see that the password changed.
			Config: profile(`password_wo = "Battery-Staple-2"
  password_wo_version = 1`), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		apply(profile(`password_wo = "Battery-Staple-2"
  password_wo_version = 2`)),
		resource.TestStep{
			PreConfig: func() {
				if !signsIn("Battery-Staple-2") || signsIn("Correct-Horse-1") {
					t.Error("the password was not changed")
				}
			},
			Config:            profile(`age_recipient = "` + identity.Recipient().String() + `"`),
			ConfigStateChecks: []statecheck.StateCheck{capture(address, "encrypted_password", &sealed)},
		},
		resource.TestStep{
			PreConfig: func() {
				password := openAge(t, identity, sealed)
				if len(password) != 20 || !signsIn(password) {
					t.Error("the generated password does not work")
				}
			},
			ResourceName:            address,
			ImportState:             true,
			ImportStateId:           "alice",
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"encrypted_password", "age_recipient"},
		},
		planFails(profile(""), `Password without a recipient`),
		planFails(profile(`password_wo = "x"`), `password_wo_version`),
	)
}

func TestUserLoginProfileResource_ResetRequired(t *testing.T) {
	a := newTestAccount(t)
	profile := func(version int) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "alice" }
resource "iam_user_login_profile" "p" {
  user                    = iam_user.u.name
  password_wo             = "Correct-Horse-%[1]d"
  password_wo_version     = %[1]d
  password_reset_required = true
}`, version)
	}
	required := func() bool {
		return must(a.client().GetLoginProfile(t.Context(), &iam.GetLoginProfileInput{UserName: aws.String("alice")})).LoginProfile.PasswordResetRequired
	}
	chosen := unchanged(profile(1))
	chosen.PreConfig = a.outside(func(ctx context.Context, c *engine.Client) { // the user chooses a password
		must(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{
			UserName: aws.String("alice"), Password: aws.String("Own-Words-1"), PasswordResetRequired: aws.Bool(false),
		}))
	})
	a.run(
		apply(profile(1)),
		chosen,
		apply(profile(2)),
		resource.TestStep{PreConfig: func() {
			if !required() {
				t.Error("the new password does not have to be reset")
			}
		}, Config: profile(2)},
	)
}
