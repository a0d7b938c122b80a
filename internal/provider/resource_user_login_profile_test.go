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
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestUserLoginProfileResource_SetsPassword(t *testing.T) {
	a := newTestAccount(t)
	identity := require(age.GenerateX25519Identity())
	profile := func(arguments string) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "alice" }
resource "iam_user_login_profile" "p" {
  user = iam_user.u.name
  %s
}`, arguments)
	}
	const address = "iam_user_login_profile.p"
	canSignIn := func(password string) bool {
		e := a.engine()
		defer func() { _ = e.Close() }()
		_, err := e.As(engine.Anonymous(engine.Circumstances{})).SignIn(t.Context(),
			&engine.SignInInput{UserName: "alice", Password: password})
		a.clock.advance(time.Hour) // the account delays further attempts after a wrong password
		return err == nil
	}
	var encrypted string
	a.run(
		planFails(profile(""), `Password without a recipient`),
		resource.TestStep{
			Config: profile(`password_wo = "Correct-Horse-1"
  password_wo_version = 1`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectKnownValue(address, tfjsonpath.New("encrypted_password"), knownvalue.Null()),
				plancheck.ExpectKnownValue(address, tfjsonpath.New("password_length"), knownvalue.Null()),
			}},
			ConfigStateChecks: expectNull(address, "encrypted_password", "key_fingerprint", "password_length"),
		},
		resource.TestStep{
			PreConfig: func() {
				if !canSignIn("Correct-Horse-1") {
					t.Error("the user cannot sign in with password_wo")
				}
			},
			// Terraform cannot see a change of a write-only argument.
			Config: profile(`password_wo = "Battery-Staple-2"
  password_wo_version = 1`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
		apply(profile(`password_wo = "Battery-Staple-2"
  password_wo_version = 2`)),
		resource.TestStep{
			PreConfig: func() {
				if !canSignIn("Battery-Staple-2") || canSignIn("Correct-Horse-1") {
					t.Error("the new version did not change the password")
				}
			},
			Config:            profile(`age_recipient = "` + identity.Recipient().String() + `"`),
			ConfigStateChecks: []statecheck.StateCheck{capture(address, "encrypted_password", &encrypted)},
		},
		resource.TestStep{
			PreConfig: func() {
				password := decryptAge(t, identity, encrypted)
				if len(password) != 20 || !canSignIn(password) {
					t.Error("the user cannot sign in with the generated password")
				}
			},
			ResourceName:            address,
			ImportState:             true,
			ImportStateId:           "alice",
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"encrypted_password", "age_recipient", "password_length"},
		},
		planFails(profile(`password_wo = "x"`), `password_wo_version`),
	)
}

func TestUserLoginProfileResource_RequiresReset(t *testing.T) {
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
	resetRequired := func() bool {
		return require(a.client().GetLoginProfile(t.Context(),
			&iam.GetLoginProfileInput{UserName: aws.String("alice")})).LoginProfile.PasswordResetRequired
	}
	passwordChangedByUser := unchanged(profile(1))
	passwordChangedByUser.PreConfig = a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
		require(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{
			UserName: aws.String("alice"), Password: aws.String("Own-Words-1"), PasswordResetRequired: aws.Bool(false),
		}))
	})
	a.run(
		apply(profile(1)),
		passwordChangedByUser,
		apply(profile(2)),
		resource.TestStep{PreConfig: func() {
			if !resetRequired() {
				t.Error("the user need not change the new password")
			}
		}, Config: profile(2)},
	)
}
