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
	identity := require(age.GenerateX25519Identity())
	device := func(arguments string) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "alice" }
resource "iam_virtual_mfa_device" "d" {
  virtual_mfa_device_name = "phone"
  %s
}`, arguments)
	}
	const address = "iam_virtual_mfa_device.d"
	recipient := `age_recipient = "` + identity.Recipient().String() + `"` + "\n"
	var encrypted string
	a.run(
		resource.TestStep{Config: device(recipient + `user = iam_user.u.name
  tags = { a = "b" }`), ConfigStateChecks: append(expectNull(address, "base_32_string_seed", "qr_code_png"),
			capture(address, "encrypted_seed", &encrypted),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("arn"),
				knownvalue.StringExact("arn:aws:iam::000000000000:mfa/phone")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("enable_date"), knownvalue.NotNull()),
		)},
		resource.TestStep{
			PreConfig: func() {
				if seed := decryptAge(t, identity, encrypted); len(seed) < 32 ||
					strings.Trim(seed, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=") != "" {
					t.Errorf("the decrypted value is not a seed in base32")
				}
			},
			ResourceName:            address,
			ImportState:             true,
			ImportStateId:           "arn:aws:iam::000000000000:mfa/phone",
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"encrypted_seed", "age_recipient"},
		},
		resource.TestStep{Config: device(recipient + `user = iam_user.u.name
  tags = { a = "c" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address,
				plancheck.ResourceActionUpdate)}}},
		resource.TestStep{
			Config: device("secret_in_state = true"),
			ConfigStateChecks: append(expectNull(address, "encrypted_seed", "enable_date", "user"),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("base_32_string_seed"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("qr_code_png"), knownvalue.NotNull())),
		},
		planFails(device(""), `Seed without a recipient`),
	)
	if remaining := require(a.client().ListVirtualMFADevices(t.Context(), nil)).VirtualMFADevices; len(remaining) != 0 {
		t.Errorf("devices remain after the destroy: %v", remaining)
	}
}

// deviceConfig returns a configuration with two users and a device. user is alice, bob, or "" for a device
// without a user.
func deviceConfig(arguments, user string) string {
	config := `
resource "iam_user" "alice" { name = "alice" }
resource "iam_user" "bob" { name = "bob" }
resource "iam_virtual_mfa_device" "d" {
  virtual_mfa_device_name = "phone"
  ` + arguments
	if user != "" {
		config += "\n  user = iam_user." + user + ".name"
	}
	return config + "\n}\n"
}

// TestVirtualMFADeviceResource_ChangesUser gives a device to another user. The resource does so in place if the
// seed is in the state, and replaces the device otherwise.
func TestVirtualMFADeviceResource_ChangesUser(t *testing.T) {
	const address = "iam_virtual_mfa_device.d"
	identity := require(age.GenerateX25519Identity())
	recipient := `age_recipient = "` + identity.Recipient().String() + `"`
	applyWithAction := func(config string, action plancheck.ResourceActionType,
		checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address,
				action)}},
			ConfigStateChecks: checks,
		}
	}
	t.Run("seed in state", func(t *testing.T) {
		a := newTestAccount(t)
		var seed, encrypted string
		userOfDevice := func() string {
			devices := require(a.client().ListVirtualMFADevices(t.Context(), nil)).VirtualMFADevices
			if len(devices) != 1 || devices[0].User == nil {
				return ""
			}
			return *devices[0].User.UserName
		}
		expectUserBefore := func(step resource.TestStep, want string) resource.TestStep {
			step.PreConfig = func() {
				t.Helper()
				if got := userOfDevice(); got != want {
					t.Errorf("the user of the device is %q, want %q", got, want)
				}
				a.clock.advance(time.Minute) // each code is valid only once
			}
			return step
		}
		inState := "secret_in_state = true"
		a.run(
			resource.TestStep{
				Config:            deviceConfig(inState, ""),
				ConfigStateChecks: []statecheck.StateCheck{capture(address, "base_32_string_seed", &seed)},
			},
			expectUserBefore(applyWithAction(deviceConfig(inState, "alice"), plancheck.ResourceActionUpdate), ""),
			expectUserBefore(applyWithAction(deviceConfig(inState, "bob"), plancheck.ResourceActionUpdate), "alice"),
			expectUserBefore(applyWithAction(deviceConfig(inState, ""), plancheck.ResourceActionUpdate,
				expectNull(address, "enable_date")...), "bob"),
			expectUserBefore(applyWithAction(deviceConfig(inState+"\n"+recipient, "alice"), plancheck.ResourceActionUpdate,
				capture(address, "encrypted_seed", &encrypted)), ""),
			expectUserBefore(applyWithAction(deviceConfig(recipient, "alice"), plancheck.ResourceActionUpdate,
				expectNull(address, "base_32_string_seed", "qr_code_png")...), "alice"),
			expectUserBefore(unchanged(deviceConfig(recipient, "alice")), "alice"),
			resource.TestStep{PreConfig: func() {
				if decryptAge(t, identity, encrypted) != seed {
					t.Error("the decrypted value is not the seed")
				}
			}, Config: deviceConfig(recipient, "alice")},
		)
	})
	t.Run("encrypted seed", func(t *testing.T) {
		a := newTestAccount(t)
		otherRecipient := strings.Replace(recipient, identity.Recipient().String(),
			require(age.GenerateX25519Identity()).Recipient().String(),
			1)
		a.run(
			apply(deviceConfig(recipient, "alice")),
			// Disabling the device needs no code.
			applyWithAction(deviceConfig(recipient, ""), plancheck.ResourceActionUpdate, expectNull(address, "enable_date")...),
			applyWithAction(deviceConfig(recipient, "bob"), plancheck.ResourceActionDestroyBeforeCreate),
			applyWithAction(deviceConfig(otherRecipient, "bob"), plancheck.ResourceActionDestroyBeforeCreate),
			applyWithAction(deviceConfig("secret_in_state = true", "bob"), plancheck.ResourceActionDestroyBeforeCreate),
		)
	})
	t.Run("unknown seed after import", func(t *testing.T) {
		a := newTestAccount(t)
		imported := deviceConfig(recipient, "") + "import {\n  to = " + address + "\n  id = \"" + accountARN +
			"mfa/phone\"\n}\n"
		importStep := applyWithAction(imported, plancheck.ResourceActionUpdate,
			expectNull(address, "encrypted_seed", "base_32_string_seed")...)
		importStep.PreConfig = a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
			require(c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")}))
		})
		a.run(
			apply(`resource "iam_user" "v" { name = "carol" }`),
			importStep,
			unchanged(deviceConfig(recipient, "")),
			applyWithAction(deviceConfig(recipient, "bob"), plancheck.ResourceActionDestroyBeforeCreate,
				statecheck.ExpectKnownValue(address, tfjsonpath.New("encrypted_seed"), knownvalue.NotNull())),
		)
	})
}
