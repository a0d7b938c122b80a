package provider

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func openAge(t *testing.T, identity *age.X25519Identity, sealed string) string {
	t.Helper()
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(sealed)), identity)
	if err != nil {
		t.Fatal(err)
	}
	return string(must(io.ReadAll(r)))
}

// taken keeps a value of the state for later.
func taken(address, attribute string, into *string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.StringFunc(func(v string) error { *into = v; return nil }))
}

func null(address string, attributes ...string) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for _, attribute := range attributes {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), knownvalue.Null()))
	}
	return checks
}

func TestAccessKey(t *testing.T) {
	l := newLab(t)
	first, second := must(age.GenerateX25519Identity()), must(age.GenerateX25519Identity())
	entity := must(openpgp.NewEntity("someone", "", "someone@example.com", nil))
	var public bytes.Buffer
	must(0, entity.Serialize(&public))
	key := func(arguments string) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "alice" }
resource "iam_access_key" "k" {
  user = iam_user.u.name
  %s
}`, arguments)
	}
	const address = "iam_access_key.k"
	var id, sealed, again string
	secret := func() string {
		return must(l.client().RevealAccessKey(t.Context(), "alice", id))
	}
	update := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
	l.run(
		resource.TestStep{Config: key(`age_recipient = "` + first.Recipient().String() + `"`), ConfigStateChecks: append(null(address, "secret"), taken(address, "id", &id), taken(address, "encrypted_secret", &sealed))},
		resource.TestStep{
			PreConfig: func() {
				if got := openAge(t, first, sealed); got != secret() {
					t.Error("what is sealed is not the secret")
				}
			},
			ResourceName: address, ImportState: true, ImportStateIdFunc: idOf(&id), ImportStateVerify: true, ImportStateVerifyIgnore: []string{"encrypted_secret", "age_recipient"},
		},
		// Another recipient gets the same key, and it can be made inactive in place.
		resource.TestStep{
			Config:           key(`age_recipient = "` + second.Recipient().String() + `"` + "\n  status = \"Inactive\""),
			ConfigPlanChecks: update, ConfigStateChecks: []statecheck.StateCheck{taken(address, "encrypted_secret", &again)},
		},
		resource.TestStep{
			PreConfig: func() {
				if got := openAge(t, second, again); got != secret() {
					t.Error("what is sealed anew is not the secret")
				}
				l.outside(func(ctx context.Context, c *engine.Client) {
					must(c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String("alice"), AccessKeyId: &id, Status: iamtypes.StatusTypeActive}))
				})()
			},
			Config: key(`pgp_key = "` + base64.StdEncoding.EncodeToString(public.Bytes()) + `"` + "\n  status = \"Inactive\""), ConfigPlanChecks: update,
			ConfigStateChecks: append(null(address, "secret"), taken(address, "encrypted_secret", &sealed),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("key_fingerprint"), knownvalue.StringExact(fmt.Sprintf("%x", entity.PrimaryKey.Fingerprint)))),
		},
		resource.TestStep{
			PreConfig: func() {
				message := must(openpgp.ReadMessage(bytes.NewReader(must(base64.StdEncoding.DecodeString(sealed))), openpgp.EntityList{entity}, nil, nil))
				if got := string(must(io.ReadAll(message.UnverifiedBody))); got != secret() {
					t.Error("what is sealed for PGP is not the secret")
				}
			},
			Config: key(`secret_in_state = true`), ConfigPlanChecks: update,
			ConfigStateChecks: append(null(address, "encrypted_secret", "key_fingerprint"), taken(address, "secret", &again)),
		},
		resource.TestStep{
			PreConfig: func() {
				if again != secret() {
					t.Error("what is in the state, as asked for, is not the secret")
				}
			},
			Config: key(""), ConfigStateChecks: null(address, "secret", "encrypted_secret"),
		},
		unchanged(key("")),
		resource.TestStep{Config: key(`rotation_triggers = { when = "2026" }`), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
		}}},
		planRefused(key(`age_recipient = "age1nonsense"`), `Not a public key that can be sealed to`),
		planRefused(key(`pgp_key = "keybase:someone"`), `not fetched from keybase`),
		planRefused(key(`pgp_key = ""`), `There is no key in it`),
		planRefused(key(`pgp_key = "`+base64.StdEncoding.EncodeToString(onlySigns(t))+`"`), `no valid encryption keys`),
	)
}

// onlySigns is a PGP key that can be read, but not be sealed to.
func onlySigns(t *testing.T) []byte {
	t.Helper()
	entity := must(openpgp.NewEntity("signer", "", "signer@example.com", nil))
	entity.Subkeys = nil
	var out bytes.Buffer
	must(0, entity.Serialize(&out))
	return out.Bytes()
}

func idOf(id *string) resource.ImportStateIdFunc {
	return func(*terraform.State) (string, error) { return *id, nil }
}

func TestLoginProfile(t *testing.T) {
	l := newLab(t)
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
		e := l.engine()
		defer func() { _ = e.Close() }()
		_, err := e.SignIn(t.Context(), engine.SignInInput{UserName: "alice", Password: password})
		l.clock.pass(time.Hour) // guessing is slowed down
		return err == nil
	}
	var sealed string
	l.run(
		apply(profile(`password_wo = "Correct-Horse-1"
  password_wo_version = 1`)),
		resource.TestStep{
			PreConfig: func() {
				if !signsIn("Correct-Horse-1") {
					t.Error("the password is not what was given")
				}
			},
			// Terraform cannot see that it is another one.
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
			Config: profile(`age_recipient = "` + identity.Recipient().String() + `"`), ConfigStateChecks: []statecheck.StateCheck{taken(address, "encrypted_password", &sealed)},
		},
		resource.TestStep{
			PreConfig: func() {
				password := openAge(t, identity, sealed)
				if len(password) != 20 || !signsIn(password) {
					t.Error("the password that was made does not serve")
				}
			},
			ResourceName: address, ImportState: true, ImportStateId: "alice", ImportStateVerify: true, ImportStateVerifyIgnore: []string{"encrypted_password", "age_recipient"},
		},
		planRefused(profile(""), `Nobody would know the password`),
		planRefused(profile(`password_wo = "x"`), `password_wo_version`),
	)
}

func TestAResetIsRequiredAgainOfAnotherPassword(t *testing.T) {
	l := newLab(t)
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
		return must(l.client().GetLoginProfile(t.Context(), &iam.GetLoginProfileInput{UserName: aws.String("alice")})).LoginProfile.PasswordResetRequired
	}
	chosen := unchanged(profile(1))
	chosen.PreConfig = l.outside(func(ctx context.Context, c *engine.Client) { // as the user does
		must(c.UpdateLoginProfile(ctx, &iam.UpdateLoginProfileInput{UserName: aws.String("alice"), Password: aws.String("Own-Words-1"), PasswordResetRequired: aws.Bool(false)}))
	})
	l.run(
		apply(profile(1)),
		chosen,
		apply(profile(2)),
		resource.TestStep{PreConfig: func() {
			if !required() {
				t.Error("nobody has to choose another password than the operator's")
			}
		}, Config: profile(2)},
	)
}

func TestVirtualMFADevice(t *testing.T) {
	l := newLab(t)
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
	l.run(
		resource.TestStep{Config: device(to + `user = iam_user.u.name
  tags = { a = "b" }`), ConfigStateChecks: append(null(address, "base_32_string_seed", "qr_code_png"),
			taken(address, "encrypted_seed", &sealed),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("arn"), knownvalue.StringExact("arn:aws:iam::000000000000:mfa/phone")),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("enable_date"), knownvalue.NotNull()),
		)},
		resource.TestStep{
			PreConfig: func() {
				if seed := openAge(t, identity, sealed); len(seed) < 32 || strings.Trim(seed, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=") != "" {
					t.Errorf("what is sealed is no seed")
				}
			},
			ResourceName: address, ImportState: true, ImportStateId: "arn:aws:iam::000000000000:mfa/phone", ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"encrypted_seed", "age_recipient"},
		},
		resource.TestStep{Config: device(to + `user = iam_user.u.name
  tags = { a = "c" }`), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}},
		resource.TestStep{
			Config: device("secret_in_state = true"), ConfigStateChecks: append(null(address, "encrypted_seed", "enable_date", "user"),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("base_32_string_seed"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("qr_code_png"), knownvalue.NotNull())),
		},
		planRefused(device(""), `Nobody would have the seed`),
	)
	if left := must(l.client().ListVirtualMFADevices(t.Context(), nil)).VirtualMFADevices; len(left) != 0 {
		t.Errorf("after the destroy there are %v", left)
	}
}

// deviceOf is a device of alice or bob, whose name is given, or of nobody.
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

// A seed that is at hand serves further, and one that is not calls for another device.
func TestAnMFADeviceIsHandedOnWithItsSeed(t *testing.T) {
	const address = "iam_virtual_mfa_device.d"
	identity := must(age.GenerateX25519Identity())
	to := `age_recipient = "` + identity.Recipient().String() + `"`
	with := func(config string, action plancheck.ResourceActionType, checks ...statecheck.StateCheck) resource.TestStep {
		return resource.TestStep{
			Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}},
			ConfigStateChecks: checks,
		}
	}
	t.Run("in the state", func(t *testing.T) {
		l := newLab(t)
		var seed, sealed string
		owner := func() string {
			devices := must(l.client().ListVirtualMFADevices(t.Context(), nil)).VirtualMFADevices
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
				l.clock.pass(time.Minute) // a code serves once
			}
			return step
		}
		inState := "secret_in_state = true"
		l.run(
			resource.TestStep{Config: deviceOf(inState, ""), ConfigStateChecks: []statecheck.StateCheck{taken(address, "base_32_string_seed", &seed)}},
			owned(with(deviceOf(inState, "alice"), plancheck.ResourceActionUpdate), ""),
			owned(with(deviceOf(inState, "bob"), plancheck.ResourceActionUpdate), "alice"),
			owned(with(deviceOf(inState, ""), plancheck.ResourceActionUpdate, null(address, "enable_date")...), "bob"),
			owned(with(deviceOf(inState+"\n"+to, "alice"), plancheck.ResourceActionUpdate, taken(address, "encrypted_seed", &sealed)), ""),
			owned(with(deviceOf(to, "alice"), plancheck.ResourceActionUpdate, null(address, "base_32_string_seed", "qr_code_png")...), "alice"),
			owned(unchanged(deviceOf(to, "alice")), "alice"),
			resource.TestStep{PreConfig: func() {
				if openAge(t, identity, sealed) != seed {
					t.Error("what is sealed is not the seed")
				}
			}, Config: deviceOf(to, "alice")},
		)
	})
	t.Run("sealed", func(t *testing.T) {
		l := newLab(t)
		other := strings.Replace(to, identity.Recipient().String(), must(age.GenerateX25519Identity()).Recipient().String(), 1)
		l.run(
			apply(deviceOf(to, "alice")),
			with(deviceOf(to, ""), plancheck.ResourceActionUpdate, null(address, "enable_date")...), // which takes no code
			with(deviceOf(to, "bob"), plancheck.ResourceActionDestroyBeforeCreate),
			with(deviceOf(other, "bob"), plancheck.ResourceActionDestroyBeforeCreate),
			with(deviceOf("secret_in_state = true", "bob"), plancheck.ResourceActionDestroyBeforeCreate),
		)
	})
	t.Run("unknown, as after an import", func(t *testing.T) {
		l := newLab(t)
		imported := deviceOf(to, "") + "import {\n  to = " + address + "\n  id = \"" + accountARN + "mfa/phone\"\n}\n"
		first := with(imported, plancheck.ResourceActionUpdate, null(address, "encrypted_seed", "base_32_string_seed")...)
		first.PreConfig = l.outside(func(ctx context.Context, c *engine.Client) {
			must(c.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")}))
		})
		l.run(
			apply(`resource "iam_user" "v" { name = "carol" }`),
			first,
			unchanged(deviceOf(to, "")),
			with(deviceOf(to, "bob"), plancheck.ResourceActionDestroyBeforeCreate, statecheck.ExpectKnownValue(address, tfjsonpath.New("encrypted_seed"), knownvalue.NotNull())),
		)
	})
}

func TestAccountAliasAndPasswordPolicy(t *testing.T) {
	l := newLab(t)
	const both = `
resource "iam_account_alias" "a" { account_alias = "acme-prod" }
resource "iam_account_password_policy" "p" {
  minimum_password_length      = 14
  require_numbers              = true
  max_password_age             = 90
  password_reuse_prevention    = 24
}`
	l.run(
		apply(both),
		resource.TestStep{ResourceName: "iam_account_alias.a", ImportState: true, ImportStateId: "acme-prod", ImportStateVerify: true},
		resource.TestStep{ResourceName: "iam_account_password_policy.p", ImportState: true, ImportStateId: passwordPolicyID, ImportStateVerify: true},
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				must(c.DeleteAccountPasswordPolicy(ctx, nil))
				must(c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: aws.String("mine")}))
			}),
			Config: both, ExpectError: spaced(`The account has an alias.*It is mine`),
		},
		resource.TestStep{
			PreConfig: l.outside(func(ctx context.Context, c *engine.Client) {
				must(c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: aws.String("mine")}))
			}),
			Config: both,
		},
		planRefused(`resource "iam_account_password_policy" "p" { minimum_password_length = 5 }`, `at least one of|between 6 and 128`),
		planRefused(`resource "iam_account_alias" "p" { account_alias = "Acme" }`, `lower-case letters`),
		planRefused(`resource "iam_account_alias" "p" { account_alias = "acme-Prod" }`, `lower-case letters`),
		planRefused(`resource "iam_account_alias" "p" { account_alias = "acme-" }`, `lower-case letters`),
	)
}

func TestSessionRevocation(t *testing.T) {
	l := newLab(t)
	var session *sts.GetSessionTokenOutput
	works := func() bool {
		e := l.engine()
		defer func() { _ = e.Close() }()
		caller, err := e.Authenticate(t.Context(), *session.Credentials.AccessKeyId, *session.Credentials.SessionToken, func(string) bool { return true }, engine.Circumstances{})
		if err != nil {
			return false
		}
		_, err = e.As(caller).GetCallerIdentity(t.Context(), nil)
		return err == nil
	}
	const user = `
resource "iam_user" "u" {
  name          = "leaver"
  force_destroy = true
}
`
	l.run(
		apply(user),
		resource.TestStep{
			PreConfig: func() {
				e := l.engine()
				defer func() { _ = e.Close() }()
				made := must(e.As(engine.LocalOperator("t", engine.Circumstances{})).CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: aws.String("leaver")})).AccessKey
				caller := must(e.Authenticate(t.Context(), *made.AccessKeyId, "", func(string) bool { return true }, engine.Circumstances{}))
				session = must(e.As(caller).GetSessionToken(t.Context(), nil))
				if !works() {
					t.Error("the session does not serve")
				}
			},
			Config: user + `resource "iam_session_revocation" "r" { user = iam_user.u.name }`,
		},
		resource.TestStep{PreConfig: func() {
			if works() {
				t.Error("the session goes on")
			}
		}, Config: user + `resource "iam_session_revocation" "r" { user = iam_user.u.name }`},
		planRefused(user+`resource "iam_session_revocation" "r" {}`, `user,role,access_key|[Ee]xactly one`),
	)
}

// ARNs are known at plan, and Terraform opens what has only known arguments: a session of a role that is yet to be made waits.
func TestASessionWaitsForTheRoleThatIsPlanned(t *testing.T) {
	l := newLab(t)
	const user = `
resource "iam_user" "u" { name = "alice" }
resource "iam_user" "v" { name = "bob" }
resource "iam_access_key" "k" { user = iam_user.u.name }
`
	session := func(trusted, more string) string {
		return user + fmt.Sprintf(`
resource "iam_role" "r" {
  name               = "deploy"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = iam_user.%s.arn }, Action = ["sts:AssumeRole", "sts:TagSession"] }] })
}
ephemeral "iam_session_credentials" "c" {
  role_arn         = iam_role.r.arn
  as_access_key_id = iam_access_key.k.id
  %s
}
resource "iam_user_login_profile" "p" {
  user                = iam_user.v.name
  password_wo         = "Aa1-${ephemeral.iam_session_credentials.c.secret_access_key}"
  password_wo_version = 1
}`, trusted, more)
	}
	l.run(
		apply(user),
		apply(session("u", `tags = { team = "payments" }`)),
		resource.TestStep{
			PreConfig: func() {
				e := l.engine()
				defer func() { _ = e.Close() }()
				var began []string
				for link, err := range e.AuditEvents(t.Context(), engine.AuditFilter{EventName: "AssumeRole"}) {
					if err != nil {
						t.Fatal(err)
					}
					if event := must(audit.Decode(link.Body)); event.ErrorCode == "" {
						began = append(began, fmt.Sprint(event.RequestParameters["tags"]))
					}
				}
				if len(began) == 0 || !strings.Contains(began[0], "payments") {
					t.Errorf("sessions began with the tags %q", began)
				}
			},
			// Nobody is to be allowed to.
			Config: session("v", ""), ExpectError: spaced(`Assuming .*role/deploy failed.*AccessDenied`),
		},
	)
}

// What goes through Terraform and is secret is looked for wherever it could have been left.
func TestNoSecretIsLeftBehind(t *testing.T) {
	l := newLab(t)
	l.heard = new(heard)
	logs := filepath.Join(t.TempDir(), "trace.log")
	t.Setenv("TF_LOG", "TRACE")
	t.Setenv("TF_LOG_PATH", logs)
	t.Setenv("TF_ACC_LOG_PATH", logs)
	work := t.TempDir()
	t.Setenv("TF_ACC_TEMP_DIR", work)
	t.Setenv("TF_ACC_PERSIST_WORKING_DIR", "1")
	identity := must(age.GenerateX25519Identity())
	const password = "Canary-Password-7f3a"
	t.Setenv("TF_VAR_password", password)
	config := `
variable "password" {
  type      = string
  ephemeral = true
}
resource "iam_user" "u" { name = "alice" }
resource "iam_user" "v" { name = "bob" }
resource "iam_access_key" "k" {
  user          = iam_user.u.name
  age_recipient = "` + identity.Recipient().String() + `"
}
resource "iam_user" "w" { name = "carol" }
resource "iam_user_login_profile" "made" {
  user          = iam_user.w.name
  age_recipient = "` + identity.Recipient().String() + `"
}
resource "iam_virtual_mfa_device" "made" {
  virtual_mfa_device_name = "phone"
  user                    = iam_user.w.name
  age_recipient           = "` + identity.Recipient().String() + `"
}
resource "iam_access_key_rotation" "made" {
  user          = iam_user.w.name
  max_age       = "2160h"
  grace         = "72h"
  age_recipient = "` + identity.Recipient().String() + `"
}
resource "iam_user_login_profile" "p" {
  user                = iam_user.u.name
  password_wo         = var.password
  password_wo_version = 1
}
resource "iam_role" "r" {
  name               = "deploy"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { AWS = iam_user.u.arn }, Action = "sts:AssumeRole" }] })
}
ephemeral "iam_access_key_secret" "s" { access_key_id = iam_access_key.k.id }
ephemeral "iam_session_credentials" "c" {
  role_arn         = iam_role.r.arn
  as_access_key_id = iam_access_key.k.id
}
resource "iam_user_login_profile" "q" {
  user                = iam_user.v.name
  password_wo         = "Aa1-${ephemeral.iam_access_key_secret.s.secret_access_key}"
  password_wo_version = length(iam_role.r.arn)
}
`
	var canaries []string
	var sealedPassword, sealedSeed, sealedSecret string
	l.run(
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			taken("iam_user_login_profile.made", "encrypted_password", &sealedPassword),
			taken("iam_virtual_mfa_device.made", "encrypted_seed", &sealedSeed),
			taken("iam_access_key_rotation.made", "encrypted_secret", &sealedSecret),
		}},
		resource.TestStep{
			PreConfig: func() {
				keys := must(accessKeysOf(t.Context(), l.client(), "alice"))
				secret := must(l.client().RevealAccessKey(t.Context(), "alice", *keys[0].AccessKeyId))
				canaries = []string{password, secret, openAge(t, identity, sealedPassword), openAge(t, identity, sealedSeed), openAge(t, identity, sealedSecret)}
			},
			Config: config,
		},
		// The ephemeral secret went where it was handed on to.
		resource.TestStep{
			PreConfig: func() {
				e := l.engine()
				defer func() { _ = e.Close() }()
				if _, err := e.SignIn(t.Context(), engine.SignInInput{UserName: "bob", Password: "Aa1-" + canaries[1]}); err != nil {
					t.Errorf("the ephemeral secret is not the key's: %v", err)
				}
				_, err := e.SignIn(t.Context(), engine.SignInInput{UserName: "alice", Password: password})
				if err != nil {
					t.Error(err)
				}
				for link, err := range e.AuditEvents(t.Context(), engine.AuditFilter{}) {
					if err != nil {
						t.Fatal(err)
					}
					look(t, "the audit trail", link.Body, canaries)
				}
				sessions := regexp.MustCompile(`ASIA[A-Z2-7]{16}`).FindAllString(trail(t, e), -1)
				if len(sessions) == 0 {
					t.Error("no session was begun")
				}
			},
			Config: config,
		},
	)
	if len(l.heard.secrets) < 4 { // a secret, and a secret and a token, in plan and apply
		t.Errorf("ephemeral resources told %d secrets", len(l.heard.secrets))
	}
	canaries = append(canaries, l.heard.secrets...)
	var looked []string
	for _, dir := range []string{work, filepath.Dir(l.path), filepath.Dir(logs)} {
		must(0, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			looked = append(looked, filepath.Base(path))
			look(t, path, text, canaries)
			if filepath.Base(path) == "tfplan" { // which is compressed
				lookInside(t, path, canaries)
			}
			return nil
		}))
	}
	for _, name := range []string{"iam.db", "terraform.tfstate", "tfplan", "trace.log"} {
		if !slices.Contains(looked, name) {
			t.Errorf("%s is not among what was looked at: %v", name, looked)
		}
	}
}

// lookInside looks through the files in a saved plan: the configuration, the state before, and the plan itself.
func lookInside(t *testing.T, path string, canaries []string) {
	t.Helper()
	plan := must(zip.OpenReader(path))
	defer func() { _ = plan.Close() }()
	if len(plan.File) < 3 {
		t.Errorf("a saved plan has %d files", len(plan.File))
	}
	for _, file := range plan.File {
		r := must(file.Open())
		look(t, path+" "+file.Name, must(io.ReadAll(r)), canaries)
		_ = r.Close()
	}
}

func trail(t *testing.T, e *engine.Engine) string {
	t.Helper()
	var all strings.Builder
	for link, err := range e.AuditEvents(t.Context(), engine.AuditFilter{EventName: "AssumeRole"}) {
		if err != nil {
			t.Fatal(err)
		}
		all.Write(link.Body)
	}
	return all.String()
}

func look(t *testing.T, where string, text []byte, canaries []string) {
	t.Helper()
	for _, canary := range canaries {
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("a secret is in %s: %.300s", where, bytes.ReplaceAll(text, []byte(canary), []byte("[SECRET]")))
		}
	}
}
