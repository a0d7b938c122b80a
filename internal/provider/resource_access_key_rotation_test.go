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

func TestAccessKeyRotationResource_Rotation(t *testing.T) {
	a := newTestAccount(t)
	identity := must(age.GenerateX25519Identity())
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
	var first, second, sealed string
	later := func(d time.Duration) func() { return func() { a.clock.advance(d) } }
	use := func(id *string) { a.use(*id) }
	keys := func() string {
		var out []string
		for _, key := range must(accessKeysOf(t.Context(), a.client(), "app")) {
			out = append(out, string(key.Status))
		}
		return strings.Join(out, " ")
	}
	has := func(want string) {
		t.Helper()
		if got := keys(); got != want {
			t.Errorf("the keys are %q, want %q", got, want)
		}
	}
	nothing := func(after func()) resource.TestStep {
		return resource.TestStep{
			PreConfig:        after,
			Config:           config(""),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		}
	}
	step := func(after func(), want func() string, more string) resource.TestStep {
		return resource.TestStep{
			PreConfig: after, Config: config(more),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("last_step"), knownvalue.StringFunc(func(v string) error {
				if v != want() {
					return fmt.Errorf("the step was %q, want %q", v, want())
				}
				return nil
			}))},
		}
	}
	madeAnother := step(func() { use(&first); a.clock.advance(2160 * time.Hour) }, func() string { return stepMake }, "")
	madeAnother.ConfigStateChecks = append(madeAnother.ConfigStateChecks, capture(address, "current_access_key_id", &second), capture(address, "encrypted_secret", &sealed))
	a.run(
		resource.TestStep{
			Config:            config(""),
			ConfigStateChecks: []statecheck.StateCheck{capture(address, "current_access_key_id", &first)},
		},
		nothing(later(2159*time.Hour)),
		madeAnother,
		nothing(func() {
			has("Active Active")
			if first == second {
				t.Error("there is no other key")
			}
			if got := openAge(t, identity, sealed); got != must(a.client().RevealAccessKey(t.Context(), &engine.RevealAccessKeyInput{UserName: "app", AccessKeyID: second})).SecretAccessKey {
				t.Error("what is sealed is not the new key's secret")
			}
			use(&first)
			a.clock.advance(71 * time.Hour)
		}),
		// The new key was never used, so the old one stays.
		nothing(later(2*time.Hour)),
		// The old key is still in use, so it stays.
		nothing(func() { use(&second); use(&first); a.clock.advance(time.Hour) }),
		step(later(72*time.Hour), func() string { return stepRetire + first }, ""),
		nothing(func() { has("Inactive Active"); a.clock.advance(71 * time.Hour) }),
		step(later(time.Hour), func() string { return stepDelete + first }, ""),
		nothing(func() { has("Active") }),
		// force retires a key that is in use.
		step(later(2160*time.Hour), func() string { return stepMake }, ""),
		nothing(func() { use(&second); a.clock.advance(100 * time.Hour); use(&second) }),
		step(nil, func() string { return stepRetire + second }, "force = true"),
		planFails(config(`force = "x"`), `force|bool`),
	)
	if got := must(a.client().ListUsers(t.Context(), nil)).Users; len(got) != 0 {
		t.Errorf("after the destroy there are %v", got)
	}
}

// use signs a request with an access key.
func (a *testAccount) use(id string) {
	a.t.Helper()
	e := a.engine()
	defer func() { must(0, e.Close()) }()
	caller := must(e.Authenticate(a.t.Context(), id, "", func(string) bool { return true }, engine.Circumstances{}))
	must(e.As(caller).GetCallerIdentity(a.t.Context(), nil))
}

// between is a plan check that runs a function after a plan and before its apply.
type between func()

func (do between) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	do()
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

// told checks an attribute of the rotation.
func rotationHas(attribute, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("iam_access_key_rotation.r", tfjsonpath.New(attribute),
		knownvalue.StringExact(value))
}

func (a *testAccount) setStatus(id *string, status iamtypes.StatusType) func() {
	return a.outside(func(ctx context.Context, c *engine.Client) {
		must(c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String("app"), AccessKeyId: id, Status: status}))
	})
}

func TestAccessKeyRotationResource_KeyUsedAfterPlan(t *testing.T) {
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
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{between(func() { a.use(first) })}},
			ExpectError:      wrapped(`since it was planned to make inactive .* was last used at`),
		},
		// A key that was activated again is not deleted.
		resource.TestStep{
			PreConfig:         func() { a.clock.advance(72 * time.Hour) },
			Config:            rotation,
			ConfigStateChecks: []statecheck.StateCheck{rotationHas("previous_status", "Inactive")},
		},
		resource.TestStep{
			PreConfig: func() { a.clock.advance(72 * time.Hour) }, Config: rotation,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{between(func() { a.setStatus(&first, iamtypes.StatusTypeActive)() })}},
			ExpectError:      wrapped(`since it was planned to delete .* changed outside Terraform`),
		},
		resource.TestStep{PreConfig: func() {
			if keys := must(accessKeysOf(t.Context(), a.client(), "app")); len(keys) != 2 {
				t.Errorf("there are %d keys", len(keys))
			}
		}, Config: rotation, ConfigStateChecks: []statecheck.StateCheck{rotationHas("previous_status", "Inactive")}},
	)
}

func TestAccessKeyRotationResource_ChangesOutside(t *testing.T) {
	const address = "iam_access_key_rotation.r"
	rotated := func(a *testAccount, first, second *string) []resource.TestStep {
		return []resource.TestStep{
			{Config: rotation, ConfigStateChecks: []statecheck.StateCheck{capture(address, "current_access_key_id", first)}},
			{
				PreConfig: func() { a.clock.advance(2160 * time.Hour) }, Config: rotation,
				ConfigStateChecks: []statecheck.StateCheck{capture(address, "current_access_key_id", second)},
			},
		}
	}
	waits := func(a *testAccount, before func()) resource.TestStep {
		step := unchanged(rotation)
		step.PreConfig = before
		return step
	}
	t.Run("the old key was made inactive", func(t *testing.T) {
		a := newTestAccount(t)
		var first, second string
		a.run(append(rotated(a, &first, &second),
			waits(a, func() { a.setStatus(&first, iamtypes.StatusTypeInactive)(); a.clock.advance(71 * time.Hour) }),
			resource.TestStep{
				PreConfig:         func() { a.clock.advance(time.Hour) },
				Config:            rotation,
				ConfigStateChecks: expectNull(address, "previous_access_key_id"),
			},
			waits(a, nil),
		)...)
	})
	t.Run("the new key was deleted", func(t *testing.T) {
		a := newTestAccount(t)
		var first, second, third string
		a.run(append(rotated(a, &first, &second),
			resource.TestStep{
				PreConfig: a.outside(func(ctx context.Context, c *engine.Client) {
					must(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("app"), AccessKeyId: &second}))
				}),
				Config:            rotation,
				ConfigStateChecks: []statecheck.StateCheck{capture(address, "current_access_key_id", &third), capture(address, "previous_access_key_id", &second)},
			},
			resource.TestStep{
				PreConfig: func() {
					if second != first {
						t.Errorf("the previous key is %s, want %s", second, first)
					}
					a.use(third)
					a.clock.advance(72 * time.Hour)
				},
				Config: rotation, ConfigStateChecks: []statecheck.StateCheck{rotationHas("previous_status", "Inactive")},
			},
		)...)
	})
	t.Run("the new key was made inactive", func(t *testing.T) {
		a := newTestAccount(t)
		var first, second string
		a.run(append(rotated(a, &first, &second),
			// The old key is the only active one, so it stays.
			waits(a, func() {
				a.use(second)
				a.setStatus(&second, iamtypes.StatusTypeInactive)()
				a.clock.advance(2160 * time.Hour)
			}),
			resource.TestStep{
				PreConfig:         a.setStatus(&second, iamtypes.StatusTypeActive),
				Config:            rotation,
				ConfigStateChecks: []statecheck.StateCheck{rotationHas("previous_status", "Inactive")},
			},
		)...)
	})
}

func TestAccessKeyRotationResource_Import(t *testing.T) {
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
			PreConfig: a.outside(func(ctx context.Context, c *engine.Client) {
				old = *must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("app")})).AccessKey.AccessKeyId
				a.clock.advance(time.Hour)
				latest = *must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("app")})).AccessKey.AccessKeyId
			}),
			Config: strings.Replace(rotation, `resource "iam_access_key_rotation"`, "import {\n to = iam_access_key_rotation.r\n id = \"app\"\n}\n"+`resource "iam_access_key_rotation"`, 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("iam_access_key_rotation.r", plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				capture("iam_access_key_rotation.r", "current_access_key_id", &current), capture("iam_access_key_rotation.r", "previous_access_key_id", &previous),
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
			ImportStateVerifyIgnore:              []string{"max_age", "grace"},
		},
		unchanged(rotation),
	)
}

// The maximum age may depend on a resource that does not exist yet.
func TestAccessKeyRotationResource_UnknownMaximumAge(t *testing.T) {
	a := newTestAccount(t)
	config := func(age string) string {
		return `resource "terraform_data" "age" { input = "` + age + `" }` + strings.Replace(rotation, `"2160h"`, `terraform_data.age.output`, 1)
	}
	var first, second, third string
	id := func(into *string) []statecheck.StateCheck {
		return []statecheck.StateCheck{capture("iam_access_key_rotation.r", "current_access_key_id", into)}
	}
	a.run(
		resource.TestStep{Config: config("2160h"), ConfigStateChecks: id(&first)},
		resource.TestStep{
			PreConfig:         func() { a.clock.advance(time.Hour) },
			Config:            config("2161h"),
			ConfigStateChecks: id(&second),
		},
		resource.TestStep{PreConfig: func() {
			if first != second {
				t.Error("a key was made long before it was due")
			}
		}, Config: config("1h"), ConfigStateChecks: id(&third)},
		resource.TestStep{PreConfig: func() {
			if third == second {
				t.Error("a key that was due was not made")
			}
		}, Config: config("1h"), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}},
	)
}

func TestAccessKeyRotationResource_DeletedKeyReported(t *testing.T) {
	w := newWorkingDir(t)
	w.writeConfig(rotation + `
output "current" { value = iam_access_key_rotation.r.current_access_key_id }`)
	w.terraform("apply", "-auto-approve")
	id := strings.TrimSpace(w.terraform("output", "-raw", "current"))
	w.iam("api", "CreateAccessKey", "UserName=app") // not a key of the rotation
	w.iam("api", "DeleteAccessKey", "UserName=app", "AccessKeyId="+id)
	output, _ := w.run(w.cli, "plan")
	if text := unwrap(output); !strings.Contains(text, `access key rotation of user "app", by local operator`) || !strings.Contains(text, "with DeleteAccessKey at 20") ||
		regexp.MustCompile(`rotation of user "app", by local operator \S+ with CreateAccessKey`).MatchString(text) {
		t.Errorf("the plan says:\n%s", output)
	}
}
