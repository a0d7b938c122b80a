package provider

import (
	"context"
	"fmt"
	"strings"
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

func TestVirtualMFADeviceResource_Lifecycle(t *testing.T) {
	a := newTestAccount(t)
	identity := must(age.GenerateX25519Identity())
	device := func(arguments string) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "alice" }
resource "iam_virtual_mfa_device" "d" {
  virtual_mfa_device_name = "phone"
  %s
}`, arguments)
	}
	const address = "iam_virtual_mfa_device.d"
	to := `age_recipient = "` + identity.Recipient().String() + `"` + "\n"
	var sealed string
	a.run(
		resource.TestStep{Config: device(to + `user = iam_user.u.name
  tags = { a = "b" }`), ConfigStateChecks: append(expectNull(address, "base_32_string_seed", "qr_code_png"),
			capture(address, "encrypted_seed", &sealed),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("arn"),
				knownvalue.StringExact("arn:aws:iam::000000000000:mfa/phone")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("enable_date"), knownvalue.NotNull()),
		)},
		resource.TestStep{
			PreConfig: func() {
				if seed := openAge(t, identity, sealed); len(seed) < 32 || strings.Trim(seed, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=") != "" {
					t.Errorf("the decrypted value is not a seed")
				}
			},
			ResourceName:            address,
			ImportState:             true,
			ImportStateId:           "arn:aws:iam::000000000000:mfa/phone",
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"encrypted_seed", "age_recipient"},
		},
		resource.TestStep{Config: device(to + `user = iam_user.u.name
  tags = { a = "c" }`), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}},
		resource.TestStep{
			Config: device("secret_in_state = true"), ConfigStateChecks: append(expectNull(address, "encrypted_seed", "enable_date", "user"),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("base_32_string_seed"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("qr_code_png"), knownvalue.NotNull())),
		},
		planFails(device(""), `Seed without a recipient`),
	)
	if left := must(a.client().ListVirtualMFADevices(t.Context(), nil)).VirtualMFADevices; len(left) != 0 {
		t.Errorf("after the destroy the devices are %v", left)
	}
}

// deviceOf returns a configuration with a device of alice, of bob, or of nobody.
func deviceOf(arguments, user string) string {
	out := `
resource "iam_user" "alice" { name = "alice" }
resource "iam_user" "bob" { name = "bob" }
resource "iam_virtual_mfa_device" "d" {
  virtual_mfa_device_name = "phone"
  ` + arguments
	if user != "" {
		out += "\n  user = iam_user." + user + ".name"
	}
	return out + "\n}\n"
}

// A device whose seed is in the state serves another user. One whose seed is not known is replaced.
func TestVirtualMFADeviceResource_ChangeOfUser(t *testing.T) {
	const address = "iam_virtual_mfa_device.d"
	identity := must(age.GenerateX25519Identity())
	to := `age_recipient = "` + identity.Recipient().String() + `"`
	with := func(config string, action plancheck.ResourceActionType, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{
			Config:            config,
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}},
			ConfigStateChecks: checks,
		}
	}
	t.Run("in the state", func(t *testing.T) {
		a := newTestAccount(t)
		var seed, sealed string
		owner := func() string {
			devices := must(a.client().ListVirtualMFADevices(t.Context(), nil)).VirtualMFADevices
			if len(devices) != 1 || devices[0].User == nil {
				return ""
			}
			return *devices[0].User.UserName
		}
		owned := func(step resource.TestStep, before string) resource.TestStep {
			step.PreConfig = func() {
				t.Helper()
				if got := owner(); got != before {
					t.Errorf("the device is enabled for %q, want %q", got, before)
				}
				a.clock.advance(time.Minute) // a code is valid once
			}
			return step
		}
		inState := "secret_in_state = true"
		a.run(
			resource.TestStep{
				Config:            deviceOf(inState, ""),
				ConfigStateChecks: []statecheck.StateCheck{capture(address, "base_32_string_seed", &seed)},
			},
			owned(with(deviceOf(inState, "alice"), plancheck.ResourceActionUpdate), ""),
			owned(with(deviceOf(inState, "bob"), plancheck.ResourceActionUpdate), "alice"),
			owned(with(deviceOf(inState, ""), plancheck.ResourceActionUpdate, expectNull(address, "enable_date")...), "bob"),
			owned(with(deviceOf(inState+"\n"+to, "alice"), plancheck.ResourceActionUpdate, capture(address, "encrypted_seed", &sealed)), ""),
			owned(with(deviceOf(to, "alice"), plancheck.ResourceActionUpdate, expectNull(address, "base_32_string_seed", "qr_code_png")...), "alice"),
			owned(unchanged(deviceOf(to, "alice")), "alice"),
			resource.TestStep{PreConfig: func() {
				if openAge(t, identity, sealed) != seed {
					t.Error("the decrypted value is not the seed")
				}
			}, Config: deviceOf(to, "alice")},
		)
	})
	t.Run("sealed", func(t *testing.T) {
		a := newTestAccount(t)
		other := strings.Replace(to, identity.Recipient().String(), must(age.GenerateX25519Identity()).Recipient().String(),
			1)
		a.run(
			apply(deviceOf(to, "alice")),
			with(deviceOf(to, ""), plancheck.ResourceActionUpdate, expectNull(address, "enable_date")...), // disabling the device needs no code
			with(deviceOf(to, "bob"), plancheck.ResourceActionDestroyBeforeCreate),
			with(deviceOf(other, "bob"), plancheck.ResourceActionDestroyBeforeCreate),
			with(deviceOf("secret_in_state = true", "bob"), plancheck.ResourceActionDestroyBeforeCreate),
		)
	})
	t.Run("unknown, as after an import", func(t *testing.T) {
		a := newTestAccount(t)
		imported := deviceOf(to, "") + "import {\n  to = " + address + "\n  id = \"" + accountARN + "mfa/phone\"\n}\n"
		first := with(imported, plancheck.ResourceActionUpdate,
			expectNull(address, "encrypted_seed", "base_32_string_seed")...)
		first.PreConfig = a.outside(func(ctx context.Context, c *engine.Client) {
			must(c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")}))
		})
		a.run(
			apply(`resource "iam_user" "v" { name = "carol" }`),
			first,
			unchanged(deviceOf(to, "")),
			with(deviceOf(to, "bob"), plancheck.ResourceActionDestroyBeforeCreate,
				statecheck.ExpectKnownValue(address, tfjsonpath.New("encrypted_seed"), knownvalue.NotNull())),
		)
	})
}
