package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
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
	use := func(id *string) {
		e := must(engine.Open(t.Context(), engine.Options{Path: l.path, Now: l.clock.Now}))
		caller := must(e.Authenticate(t.Context(), *id, "", func(string) bool { return true }, engine.Circumstances{}))
		must(e.As(caller).GetCallerIdentity(t.Context(), nil))
		must(0, e.Close())
	}
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
