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

func TestAnAccessKeyIsRotatedWithoutAnInterruption(t *testing.T) {
	l := newLab(t)
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
	later := func(d time.Duration) func() { return func() { l.clock.pass(d) } }
	use := func(id *string) { l.use(*id) }
	keys := func() string {
		var out []string
		for _, key := range must(accessKeysOf(t.Context(), l.client(), "app")) {
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
		return resource.TestStep{PreConfig: after, Config: config(""), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}}
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
	madeAnother := step(func() { use(&first); l.clock.pass(2160 * time.Hour) }, func() string { return stepMake }, "")
	madeAnother.ConfigStateChecks = append(madeAnother.ConfigStateChecks, taken(address, "current_access_key_id", &second), taken(address, "encrypted_secret", &sealed))
	l.run(
		resource.TestStep{Config: config(""), ConfigStateChecks: []statecheck.StateCheck{taken(address, "current_access_key_id", &first)}},
		nothing(later(2159*time.Hour)),
		madeAnother,
		nothing(func() {
			has("Active Active")
			if first == second {
				t.Error("there is no other key")
			}
			if got := openAge(t, identity, sealed); got != must(l.client().RevealAccessKey(t.Context(), "app", second)) {
				t.Error("what is sealed is not the new key's secret")
			}
			use(&first)
			l.clock.pass(71 * time.Hour)
		}),
		// The new key was never used: the old one stays.
		nothing(later(2*time.Hour)),
		// The old one is still in use: it stays.
		nothing(func() { use(&second); use(&first); l.clock.pass(time.Hour) }),
		step(later(72*time.Hour), func() string { return stepRetire + first }, ""),
		nothing(func() { has("Inactive Active"); l.clock.pass(71 * time.Hour) }),
		step(later(time.Hour), func() string { return stepDelete + first }, ""),
		nothing(func() { has("Active") }),
		// Told to, it retires a key that is in use.
		step(later(2160*time.Hour), func() string { return stepMake }, ""),
		nothing(func() { use(&second); l.clock.pass(100 * time.Hour); use(&second) }),
		step(nil, func() string { return stepRetire + second }, "force = true"),
		planRefused(config(`force = "x"`), `force|bool`),
	)
	if got := must(l.client().ListUsers(t.Context(), nil)).Users; len(got) != 0 {
		t.Errorf("after the destroy there are %v", got)
	}
}

// use signs a request with an access key.
func (l *lab) use(id string) {
	l.t.Helper()
	e := l.engine()
	defer func() { must(0, e.Close()) }()
	caller := must(e.Authenticate(l.t.Context(), id, "", func(string) bool { return true }, engine.Circumstances{}))
	must(e.As(caller).GetCallerIdentity(l.t.Context(), nil))
}

// between does something after a plan and before its apply.
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

func told(attribute, value string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("iam_access_key_rotation.r", tfjsonpath.New(attribute), knownvalue.StringExact(value))
}

func (l *lab) setStatus(id *string, status iamtypes.StatusType) func() {
	return l.outside(func(ctx context.Context, c *engine.Client) {
		must(c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String("app"), AccessKeyId: id, Status: status}))
	})
}

func TestAnOldKeyThatIsUsedAfterThePlanIsNotRetired(t *testing.T) {
	l := newLab(t)
	var first, second string
	l.run(
		resource.TestStep{Config: rotation, ConfigStateChecks: []statecheck.StateCheck{taken("iam_access_key_rotation.r", "current_access_key_id", &first)}},
		resource.TestStep{
			PreConfig: func() { l.clock.pass(2160 * time.Hour) }, Config: rotation,
			ConfigStateChecks: []statecheck.StateCheck{taken("iam_access_key_rotation.r", "current_access_key_id", &second)},
		},
		resource.TestStep{
			PreConfig: func() { l.use(second); l.clock.pass(72 * time.Hour) }, Config: rotation,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{between(func() { l.use(first) })}},
			ExpectError:      spaced(`since it was planned to make inactive .* was last used at`),
		},
		// Nor is one deleted that was made active again.
		resource.TestStep{PreConfig: func() { l.clock.pass(72 * time.Hour) }, Config: rotation, ConfigStateChecks: []statecheck.StateCheck{told("previous_status", "Inactive")}},
		resource.TestStep{
			PreConfig: func() { l.clock.pass(72 * time.Hour) }, Config: rotation,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{between(func() { l.setStatus(&first, iamtypes.StatusTypeActive)() })}},
			ExpectError:      spaced(`since it was planned to delete .* changed outside Terraform`),
		},
		resource.TestStep{PreConfig: func() {
			if keys := must(accessKeysOf(t.Context(), l.client(), "app")); len(keys) != 2 {
				t.Errorf("there are %d keys", len(keys))
			}
		}, Config: rotation, ConfigStateChecks: []statecheck.StateCheck{told("previous_status", "Inactive")}},
	)
}

func TestARotationGoesOnAfterWhatOthersDid(t *testing.T) {
	const address = "iam_access_key_rotation.r"
	rotated := func(l *lab, first, second *string) []resource.TestStep {
		return []resource.TestStep{
			{Config: rotation, ConfigStateChecks: []statecheck.StateCheck{taken(address, "current_access_key_id", first)}},
			{
				PreConfig: func() { l.clock.pass(2160 * time.Hour) }, Config: rotation,
				ConfigStateChecks: []statecheck.StateCheck{taken(address, "current_access_key_id", second)},
			},
		}
	}
	waits := func(l *lab, before func()) resource.TestStep {
		step := unchanged(rotation)
		step.PreConfig = before
		return step
	}
	t.Run("the old key was made inactive", func(t *testing.T) {
		l := newLab(t)
		var first, second string
		l.run(append(rotated(l, &first, &second),
			waits(l, func() { l.setStatus(&first, iamtypes.StatusTypeInactive)(); l.clock.pass(71 * time.Hour) }),
			resource.TestStep{PreConfig: func() { l.clock.pass(time.Hour) }, Config: rotation, ConfigStateChecks: null(address, "previous_access_key_id")},
			waits(l, nil),
		)...)
	})
	t.Run("the new key was deleted", func(t *testing.T) {
		l := newLab(t)
		var first, second, third string
		l.run(append(rotated(l, &first, &second),
			resource.TestStep{
				PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
					must(c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: aws.String("app"), AccessKeyId: &second}))
				}),
				Config: rotation, ConfigStateChecks: []statecheck.StateCheck{taken(address, "current_access_key_id", &third), taken(address, "previous_access_key_id", &second)},
			},
			resource.TestStep{
				PreConfig: func() {
					if second != first {
						t.Errorf("the old key is lost sight of: %s and not %s", second, first)
					}
					l.use(third)
					l.clock.pass(72 * time.Hour)
				},
				Config: rotation, ConfigStateChecks: []statecheck.StateCheck{told("previous_status", "Inactive")},
			},
		)...)
	})
	t.Run("the new key was made inactive", func(t *testing.T) {
		l := newLab(t)
		var first, second string
		l.run(append(rotated(l, &first, &second),
			// The old one is all there is, so it stays.
			waits(l, func() {
				l.use(second)
				l.setStatus(&second, iamtypes.StatusTypeInactive)()
				l.clock.pass(2160 * time.Hour)
			}),
			resource.TestStep{PreConfig: l.setStatus(&second, iamtypes.StatusTypeActive), Config: rotation, ConfigStateChecks: []statecheck.StateCheck{told("previous_status", "Inactive")}},
		)...)
	})
}

func TestARotationTakesOverTheKeysThatThereAre(t *testing.T) {
	l := newLab(t)
	const user = `
resource "iam_user" "u" {
  name          = "app"
  force_destroy = true
}`
	var old, latest, current, previous string
	l.run(
		apply(user),
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				old = *must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("app")})).AccessKey.AccessKeyId
				l.clock.pass(time.Hour)
				latest = *must(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("app")})).AccessKey.AccessKeyId
			}),
			Config: strings.Replace(rotation, `resource "iam_access_key_rotation"`, "import {\n to = iam_access_key_rotation.r\n id = \"app\"\n}\n"+`resource "iam_access_key_rotation"`, 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction("iam_access_key_rotation.r", plancheck.ResourceActionUpdate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				taken("iam_access_key_rotation.r", "current_access_key_id", &current), taken("iam_access_key_rotation.r", "previous_access_key_id", &previous),
			},
		},
		resource.TestStep{
			PreConfig: func() {
				if previous != old || current != latest {
					t.Errorf("taken over are %s and %s, want %s and %s", previous, current, old, latest)
				}
			},
			ResourceName: "iam_access_key_rotation.r", ImportState: true, ImportStateId: "app", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "user",
			ImportStateVerifyIgnore: []string{"max_age", "grace"},
		},
		unchanged(rotation),
	)
}

// How old a key may get can hang on something that is yet to be made.
func TestAMaximumAgeMayBeKnownOnlyInApply(t *testing.T) {
	l := newLab(t)
	config := func(age string) string {
		return `resource "terraform_data" "age" { input = "` + age + `" }` + strings.Replace(rotation, `"2160h"`, `terraform_data.age.output`, 1)
	}
	var first, second, third string
	id := func(into *string) []statecheck.StateCheck {
		return []statecheck.StateCheck{taken("iam_access_key_rotation.r", "current_access_key_id", into)}
	}
	l.run(
		resource.TestStep{Config: config("2160h"), ConfigStateChecks: id(&first)},
		resource.TestStep{PreConfig: func() { l.clock.pass(time.Hour) }, Config: config("2161h"), ConfigStateChecks: id(&second)},
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

func TestWhoDeletedAKeyOfARotationIsTold(t *testing.T) {
	w := newWorkplace(t)
	w.write(rotation + `
output "current" { value = iam_access_key_rotation.r.current_access_key_id }`)
	w.terraform("apply", "-auto-approve")
	id := strings.TrimSpace(w.terraform("output", "-raw", "current"))
	w.iam("api", "CreateAccessKey", "UserName=app") // which is no key of the rotation
	w.iam("api", "DeleteAccessKey", "UserName=app", "AccessKeyId="+id)
	output, _ := w.run(w.cli, "plan")
	if text := flat(output); !strings.Contains(text, `access key rotation of user "app", by local operator`) || !strings.Contains(text, "with DeleteAccessKey at 20") ||
		regexp.MustCompile(`rotation of user "app", by local operator \S+ with CreateAccessKey`).MatchString(text) {
		t.Errorf("the plan says:\n%s", output)
	}
}
