package provider

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func TestAccessKeyRotationResource_RotatesStepByStep(t *testing.T) {
	a := newTestAccount(t)
	identity := require(age.GenerateX25519Identity())
	const address = "iam_access_key_rotation.r"
	config := func(more string) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "app" }
resource "iam_access_key_rotation" "r" {
  user          = iam_user.u.name
  max_age       = "2160h"
  grace         = "72h"
  age_recipient = %q
  %s
}`, identity.Recipient().String(), more)
	}
	var first, second, encrypted string
	advance := func(d time.Duration) func() { return func() { a.clock.advance(d) } }
	use := func(id *string) { a.use(*id) }
	statuses := func() string {
		var out []string
		for _, key := range require(accessKeysOf(t.Context(), a.client(), "app")) {
			out = append(out, string(key.Status))
		}
		return strings.Join(out, " ")
	}
	expectStatuses := func(want string) {
		t.Helper()
		if got := statuses(); got != want {
			t.Errorf("the statuses of the keys are %q, want %q", got, want)
		}
	}
	expectNoChange := func(before func()) resource.TestStep {
		return resource.TestStep{
			PreConfig:        before,
			Config:           config(""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		}
	}
	expectLastStep := func(before func(), want func() string, more string) resource.TestStep {
		return resource.TestStep{
			PreConfig: before, Config: config(more),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("last_step"),
				knownvalue.StringFunc(func(v string) error {
					if v != want() {
						return fmt.Errorf("last_step is %q, want %q", v, want())
					}
					return nil
				}))},
		}
	}
	createSecond := expectLastStep(func() { use(&first); a.clock.advance(2160 * time.Hour) },
		func() string { return stepCreate }, "")
	createSecond.ConfigStateChecks = append(createSecond.ConfigStateChecks,
		capture(address, "current_access_key_id", &second), capture(address, "encrypted_secret", &encrypted))
	a.run(
		resource.TestStep{
			Config:            config(""),
			ConfigStateChecks: []statecheck.StateCheck{capture(address, "current_access_key_id", &first)},
		},
		expectNoChange(advance(2159*time.Hour)),
		createSecond,
		expectNoChange(func() {
			expectStatuses("Active Active")
			if first == second {
				t.Error("the rotation created no second key")
			}
			if got := decryptAge(t, identity,
				encrypted); got != require(a.client().RevealAccessKey(t.Context(),
				&engine.RevealAccessKeyInput{UserName: "app", AccessKeyID: second})).SecretAccessKey {
				t.Error("the decrypted value is not the secret of the new key")
			}
			use(&first)
			a.clock.advance(71 * time.Hour)
		}),
		// The new key was never used, so the old one stays.
		expectNoChange(advance(2*time.Hour)),
		// The old key is still in use, so it stays.
		expectNoChange(func() { use(&second); use(&first); a.clock.advance(time.Hour) }),
		expectLastStep(advance(72*time.Hour), func() string { return stepDeactivate + first }, ""),
		expectNoChange(func() { expectStatuses("Inactive Active"); a.clock.advance(71 * time.Hour) }),
		expectLastStep(advance(time.Hour), func() string { return stepDelete + first }, ""),
		expectNoChange(func() { expectStatuses("Active") }),
		// force makes a key inactive that is in use.
		expectLastStep(advance(2160*time.Hour), func() string { return stepCreate }, ""),
		expectNoChange(func() { use(&second); a.clock.advance(100 * time.Hour); use(&second) }),
		expectLastStep(nil, func() string { return stepDeactivate + second }, "force = true"),
		planFails(config(`force = "x"`), `force|bool`),
	)
	if got := require(a.client().ListUsers(t.Context(), nil)).Users; len(got) != 0 {
		t.Errorf("users remain after the destroy: %v", got)
	}
}

// use signs a request with an access key.
func (a *testAccount) use(id string) {
	a.t.Helper()
	e := a.engine()
	defer func() { requireNoError(e.Close()) }()
	caller := require(e.Authenticate(a.t.Context(), id, "", func(string) bool { return true }, engine.Circumstances{}))
	require(e.As(caller).GetCallerIdentity(a.t.Context(), nil))
}

// runAfterPlan is a plan check that runs a function after a plan and before its apply.
type runAfterPlan func()

func (f runAfterPlan) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	f()
}

const rotation = `
resource "iam_user" "u" {
  name          = "app"
  force_destroy = true
}
resource "iam_access_key_rotation" "r" {
  user    = iam_user.u.name
  max_age = "2160h"
  grace   = "72h"
}`

// expectRotation returns a check for an attribute of the rotation.
func expectRotation(attribute, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("iam_access_key_rotation.r", tfjsonpath.New(attribute),
		knownvalue.StringExact(value))
}

// setStatus returns a function that sets the status of an access key outside Terraform.
func (a *testAccount) setStatus(id *string, status iamtypes.StatusType) func() {
	return a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
		require(c.UpdateAccessKey(ctx,
			&iam.UpdateAccessKeyInput{UserName: aws.String("app"), AccessKeyId: id, Status: status}))
	})
}

func TestAccessKeyRotationResource_FailsIfKeyChangedAfterPlan(t *testing.T) {
	a := newTestAccount(t)
	var first, second string
	a.run(
		resource.TestStep{
			Config:            rotation,
			ConfigStateChecks: []statecheck.StateCheck{capture("iam_access_key_rotation.r", "current_access_key_id", &first)},
		},
		resource.TestStep{
			PreConfig: func() { a.clock.advance(2160 * time.Hour) }, Config: rotation,
			ConfigStateChecks: []statecheck.StateCheck{capture("iam_access_key_rotation.r", "current_access_key_id", &second)},
		},
		resource.TestStep{
			PreConfig: func() { a.use(second); a.clock.advance(72 * time.Hour) }, Config: rotation,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{runAfterPlan(func() { a.use(first) })}},
			ExpectError:      wrappedPattern(`the planned step, make inactive .* is no longer due: .* was last used at`),
		},
		// A key that was activated again is not deleted.
		resource.TestStep{
			PreConfig:         func() { a.clock.advance(72 * time.Hour) },
			Config:            rotation,
			ConfigStateChecks: []statecheck.StateCheck{expectRotation("previous_status", "Inactive")},
		},
		resource.TestStep{
			PreConfig: func() { a.clock.advance(72 * time.Hour) }, Config: rotation,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{runAfterPlan(func() {
				a.setStatus(&first,
					iamtypes.StatusTypeActive)()
			})}},
			ExpectError: wrappedPattern(`the planned step, delete .* is no longer due, .* changed outside Terraform`),
		},
		resource.TestStep{PreConfig: func() {
			if keys := require(accessKeysOf(t.Context(), a.client(), "app")); len(keys) != 2 {
				t.Errorf("the user has %d keys, want 2", len(keys))
			}
		}, Config: rotation, ConfigStateChecks: []statecheck.StateCheck{expectRotation("previous_status", "Inactive")}},
	)
}

func TestAccessKeyRotationResource_ContinuesAfterOutsideChange(t *testing.T) {
	const address = "iam_access_key_rotation.r"
	createSecondKey := func(a *testAccount, first, second *string) []resource.TestStep {
		return []resource.TestStep{
			{Config: rotation, ConfigStateChecks: []statecheck.StateCheck{capture(address, "current_access_key_id", first)}},
			{
				PreConfig: func() { a.clock.advance(2160 * time.Hour) }, Config: rotation,
				ConfigStateChecks: []statecheck.StateCheck{capture(address, "current_access_key_id", second)},
			},
		}
	}
	expectNoChange := func(before func()) resource.TestStep {
		step := unchanged(rotation)
		step.PreConfig = before
		return step
	}
	t.Run("old key inactive", func(t *testing.T) {
		a := newTestAccount(t)
		var first, second string
		a.run(append(createSecondKey(a, &first, &second),
			expectNoChange(func() { a.setStatus(&first, iamtypes.StatusTypeInactive)(); a.clock.advance(71 * time.Hour) }),
			resource.TestStep{
				PreConfig:         func() { a.clock.advance(time.Hour) },
				Config:            rotation,
				ConfigStateChecks: expectNull(address, "previous_access_key_id"),
			},
			expectNoChange(nil),
		)...)
	})
	t.Run("new key deleted", func(t *testing.T) {
		a := newTestAccount(t)
		var first, second, third string
		a.run(append(createSecondKey(a, &first, &second),
			resource.TestStep{
				PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
					require(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("app"), AccessKeyId: &second}))
				}),
				Config: rotation,
				ConfigStateChecks: []statecheck.StateCheck{capture(address, "current_access_key_id", &third),
					capture(address, "previous_access_key_id", &second)},
			},
			resource.TestStep{
				PreConfig: func() {
					if second != first {
						t.Errorf("the previous key is %s, want %s", second, first)
					}
					a.use(third)
					a.clock.advance(72 * time.Hour)
				},
				Config: rotation, ConfigStateChecks: []statecheck.StateCheck{expectRotation("previous_status", "Inactive")},
			},
		)...)
	})
	t.Run("new key inactive", func(t *testing.T) {
		a := newTestAccount(t)
		var first, second string
		a.run(append(createSecondKey(a, &first, &second),
			// The old key is the only active one, so it stays.
			expectNoChange(func() {
				a.use(second)
				a.setStatus(&second, iamtypes.StatusTypeInactive)()
				a.clock.advance(2160 * time.Hour)
			}),
			resource.TestStep{
				PreConfig:         a.setStatus(&second, iamtypes.StatusTypeActive),
				Config:            rotation,
				ConfigStateChecks: []statecheck.StateCheck{expectRotation("previous_status", "Inactive")},
			},
		)...)
	})
}

func TestAccessKeyRotationResource_ImportsBothKeys(t *testing.T) {
	a := newTestAccount(t)
	const user = `
resource "iam_user" "u" {
  name          = "app"
  force_destroy = true
}`
	var old, latest, current, previous string
	a.run(
		apply(user),
		resource.TestStep{
			PreConfig: a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				old = *require(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("app")})).AccessKey.AccessKeyId
				a.clock.advance(time.Hour)
				latest = *require(c.CreateAccessKey(ctx,
					&iam.CreateAccessKeyInput{UserName: aws.String("app")})).AccessKey.AccessKeyId
			}),
			Config: strings.Replace(rotation, `resource "iam_access_key_rotation"`,
				"import {\n to = iam_access_key_rotation.r\n id = \"app\"\n}\n"+`resource "iam_access_key_rotation"`, 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("iam_access_key_rotation.r", plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				capture("iam_access_key_rotation.r", "current_access_key_id", &current),
				capture("iam_access_key_rotation.r", "previous_access_key_id", &previous),
			},
		},
		resource.TestStep{
			PreConfig: func() {
				if previous != old || current != latest {
					t.Errorf("the imported keys are %s and %s, want %s and %s", previous, current, old, latest)
				}
			},
			ResourceName:                         "iam_access_key_rotation.r",
			ImportState:                          true,
			ImportStateId:                        "app",
			ImportStateVerify:                    true,
			ImportStateVerifyIdentifierAttribute: "user",
			ImportStateVerifyIgnore:              []string{"max_age", "grace", "last_step"},
		},
		unchanged(rotation),
	)
}

// TestAccessKeyRotationResource_AcceptsUnknownMaximumAge has a maximum age that depends on a resource that does
// not exist yet.
func TestAccessKeyRotationResource_AcceptsUnknownMaximumAge(t *testing.T) {
	a := newTestAccount(t)
	config := func(age string) string {
		return `resource "terraform_data" "age" { input = "` + age + `" }` +
			strings.Replace(rotation, `"2160h"`, `terraform_data.age.output`, 1)
	}
	var first, second, third string
	captureKeyID := func(variable *string) []statecheck.StateCheck {
		return []statecheck.StateCheck{capture("iam_access_key_rotation.r", "current_access_key_id", variable)}
	}
	a.run(
		resource.TestStep{Config: config("2160h"), ConfigStateChecks: captureKeyID(&first)},
		resource.TestStep{
			PreConfig:         func() { a.clock.advance(time.Hour) },
			Config:            config("2161h"),
			ConfigStateChecks: captureKeyID(&second),
		},
		resource.TestStep{PreConfig: func() {
			if first != second {
				t.Error("the rotation created a key before the maximum age")
			}
		}, Config: config("1h"), ConfigStateChecks: captureKeyID(&third)},
		resource.TestStep{PreConfig: func() {
			if third == second {
				t.Error("the rotation created no key after the maximum age")
			}
		}, Config: config("1h"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
	)
}

func TestAccessKeyRotationResource_ReportsDeletedKey(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(rotation + `
output "current" { value = iam_access_key_rotation.r.current_access_key_id }`)
	w.terraform("apply", "-auto-approve")
	id := strings.TrimSpace(w.terraform("output", "-raw", "current"))
	w.iam("api", "CreateAccessKey", "UserName=app") // not a key of the rotation
	w.iam("api", "DeleteAccessKey", "UserName=app", "AccessKeyId="+id)
	output, _ := w.run(w.cli, "plan")
	if text := joinLines(output); !strings.Contains(text, `access key rotation of user "app", by local operator`) ||
		!strings.Contains(text, "with DeleteAccessKey at 20") ||
		regexp.MustCompile(`rotation of user "app", by local operator \S+ with CreateAccessKey`).MatchString(text) {
		t.Errorf("the output of the plan is\n%s", output)
	}
}
