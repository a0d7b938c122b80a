package provider

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	fwresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// importCases contains a resource of each type that can be imported: its type, the id of the import and the arguments.
// The resources form one configuration. {key} in an id is the id of the access key.
var importCases = []struct{ typeName, id, arguments string }{
	{"iam_user", "alice", `name = "alice"`},
	{"iam_group", "readers", `name = "readers"`},
	{"iam_role", "deploy", fmt.Sprintf("name = \"deploy\"\nassume_role_policy = %q", serviceTrustPolicy)},
	{"iam_policy", accountARN + "policy/p/read", fmt.Sprintf("name = \"read\"\npath = \"/p/\"\npolicy = %q\n"+
		`tags = { team = "a" }`, exampleDocument)},
	{"iam_user_login_profile", "alice", `user = iam_user.x.name
  password_wo = "Correct-Horse-1"
  password_wo_version = 1`},
	{"iam_access_key", "{key}", `user = iam_user.x.name`},
	{"iam_virtual_mfa_device", accountARN + "mfa/phone", `virtual_mfa_device_name = "phone"
  user = iam_user.x.name
  secret_in_state = true`},
	{"iam_access_key_rotation", "app", `user = iam_user.app.name
  max_age = "1h"
  grace = "1h"`},
	{"iam_user_policy", "alice:inline", fmt.Sprintf("user = iam_user.x.name\nname = \"inline\"\npolicy = %q",
		exampleDocument)},
	{"iam_group_policy", "readers:inline", fmt.Sprintf("group = iam_group.x.name\nname = \"inline\"\npolicy = %q",
		exampleDocument)},
	{"iam_role_policy", "deploy:inline", fmt.Sprintf("role = iam_role.x.name\nname = \"inline\"\npolicy = %q",
		exampleDocument)},
	{"iam_user_policy_attachment", "alice/" + accountARN + "policy/p/read",
		"user = iam_user.x.name\npolicy_arn = iam_policy.x.arn"},
	{"iam_group_policy_attachment", "readers/" + accountARN + "policy/p/read",
		"group = iam_group.x.name\npolicy_arn = iam_policy.x.arn"},
	{"iam_role_policy_attachment", "deploy/" + accountARN + "policy/p/read",
		"role = iam_role.x.name\npolicy_arn = iam_policy.x.arn"},
	{"iam_user_policies_exclusive", "alice", "user_name = iam_user.x.name\npolicy_names = [iam_user_policy.x.name]"},
	{"iam_group_policies_exclusive", "readers", "group_name = iam_group.x.name\npolicy_names = [iam_group_policy.x.name]"},
	{"iam_role_policies_exclusive", "deploy", "role_name = iam_role.x.name\npolicy_names = [iam_role_policy.x.name]"},
	{"iam_user_policy_attachments_exclusive", "alice",
		"user_name = iam_user.x.name\npolicy_arns = [iam_policy.x.arn]"},
	{"iam_group_policy_attachments_exclusive", "readers",
		"group_name = iam_group.x.name\npolicy_arns = [iam_policy.x.arn]"},
	{"iam_role_policy_attachments_exclusive", "deploy",
		"role_name = iam_role.x.name\npolicy_arns = [iam_policy.x.arn]"},
	{"iam_user_group_membership", "alice/readers", "user = iam_user.x.name\ngroups = [iam_group.x.name]"},
	{"iam_group_memberships_exclusive", "readers", "group_name = iam_group.x.name\nusers = [iam_user.x.name]"},
	{"iam_account_alias", "acme", `account_alias = "acme"`},
	{"iam_account_password_policy", passwordPolicyID, `minimum_password_length = 10`},
	{"iam_access_assertion", "alice-reads", `name = "alice-reads"
  principal = iam_user.x.arn
  deny {
    actions = ["s3:DeleteObject"]
    context {
      key    = "aws:MultiFactorAuthPresent"
      values = ["true"]
    }
  }`},
}

// TestImport_CasesHaveAllTypes fails if a resource that can be imported is not in importCases.
func TestImport_CasesHaveAllTypes(t *testing.T) {
	for _, newResource := range resources() {
		r := newResource()
		if _, importable := r.(fwresource.ResourceWithImportState); !importable {
			continue
		}
		var resp fwresource.MetadataResponse
		r.Metadata(t.Context(), fwresource.MetadataRequest{}, &resp)
		if !slices.ContainsFunc(importCases, func(c struct{ typeName, id, arguments string }) bool {
			return c.typeName == resp.TypeName
		}) {
			t.Errorf("importCases has no %s", resp.TypeName)
		}
	}
}

// TestImport_GeneratedConfiguration imports a resource of each type into an empty state, with a configuration that
// Terraform generates. Neither the import nor the plans after it change anything.
func TestImport_GeneratedConfiguration(t *testing.T) {
	w := newWorkingDir(t)
	first := "resource \"iam_user\" \"app\" {\n  name = \"app\"\n}\n"
	imports := "import {\n  to = iam_user.app\n  id = \"app\"\n}\n"
	for _, c := range importCases {
		first += fmt.Sprintf("resource %q \"x\" {\n  %s\n}\n", c.typeName, c.arguments)
		imports += fmt.Sprintf("import {\n  to = %s.x\n  id = %q\n}\n", c.typeName, c.id)
	}
	w.writeConfig(first + `output "seed" {
  value     = iam_virtual_mfa_device.x.base_32_string_seed
  sensitive = true
}
output "key" { value = iam_access_key.x.id }
`)
	w.terraform("apply", "-auto-approve")
	seed, key := w.terraform("output", "-raw", "seed"), w.terraform("output", "-raw", "key")
	before := w.openAccount()
	secret, writes := before.secret("alice", key), before.writes()
	before.close()
	requireNoError(os.Remove(filepath.Join(w.dir, "terraform.tfstate")))

	w.writeConfig(strings.ReplaceAll(imports, "{key}", key))
	plan := w.terraform("plan", "-generate-config-out=generated.tf")
	want := fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", len(importCases)+1)
	if !strings.Contains(plan, want) {
		t.Errorf("the plan does not contain %q:\n%s\n%s", want, plan,
			require(os.ReadFile(filepath.Join(w.dir, "generated.tf"))))
	}
	w.terraform("apply", "-auto-approve")
	w.applyCleanly(t)

	after := w.openAccount()
	defer after.close()
	changes := slices.DeleteFunc(after.writes()[len(writes):], func(name string) bool {
		return name == engine.AdoptedEvent || name == "RevealAccessKey"
	})
	if len(changes) > 0 {
		t.Errorf("the import called %v", changes)
	}
	if after.secret("alice", key) != secret {
		t.Error("the import changed the access key")
	}
	if err := after.signIn("alice", "Correct-Horse-1", seed); err != nil {
		t.Errorf("after the import, the user cannot sign in: %v", err)
	}
}

// openedAccount is the account of a working folder.
type openedAccount struct {
	t *testing.T
	e *engine.Engine
}

func (w *workingDir) openAccount() openedAccount {
	w.t.Helper()
	return openedAccount{w.t, require(engine.Open(w.t.Context(),
		engine.Options{Path: filepath.Join(w.dir, ".iam", "iam.db"), Now: oneMinuteLater}))}
}

// oneMinuteLater is a clock at which a code is valid although Terraform has just used one: each code is valid only
// once.
func oneMinuteLater() time.Time { return time.Now().Add(time.Minute) }

func (a openedAccount) close() { requireNoError(a.e.Close()) }

func (a openedAccount) operator() *engine.Client {
	return a.e.As(engine.LocalOperator("tester", engine.Circumstances{}))
}

// secret returns the secret of an access key.
func (a openedAccount) secret(user, key string) string {
	return require(a.operator().RevealAccessKey(a.t.Context(),
		&engine.RevealAccessKeyInput{UserName: user, AccessKeyID: key})).SecretAccessKey
}

// writes returns the names of all recorded calls that are not read-only.
func (a openedAccount) writes() (names []string) {
	for link, err := range engine.AuditRecords(a.t.Context(), a.operator(), &engine.ListAuditRecordsInput{}) {
		requireNoError(err)
		var event audit.Event
		requireNoError(json.Unmarshal(link.Body, &event))
		if !event.ReadOnly {
			names = append(names, event.EventName)
		}
	}
	return names
}

// signIn signs a user in with a password and the current code of a seed in base32.
func (a openedAccount) signIn(user, password, seed string) error {
	_, err := a.e.As(engine.Anonymous(engine.Circumstances{})).SignIn(a.t.Context(), &engine.SignInInput{UserName: user,
		Password: password, Code: credential.Code(decodeSeed(seed), oneMinuteLater())})
	return err
}

// importBlock returns an import block.
func importBlock(address, id string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
}

// updatesInPlace returns a step that applies an update of a resource and checks the state.
func updatesInPlace(config, address string, checks ...statecheck.StateCheck) resource.TestStep {
	return resource.TestStep{Config: config, ConfigPlanChecks: expectAction(address, plancheck.ResourceActionUpdate),
		ConfigStateChecks: checks}
}

// TestImport_RecordsArgumentsOfCreation imports credentials with a configuration that has the arguments of their
// creation. The import only records the arguments. A later change of them has its documented effect.
func TestImport_RecordsArgumentsOfCreation(t *testing.T) {
	identity, other := require(age.GenerateX25519Identity()), require(age.GenerateX25519Identity())
	recipient := func(of *age.X25519Identity) string {
		return fmt.Sprintf("age_recipient = %q\n", of.Recipient().String())
	}
	const password = "Correct-Horse-1"
	calls := func(a *testAccount) []string {
		e := a.engine()
		defer func() { _ = e.Close() }()
		return openedAccount{t, e}.writes()
	}
	expectNoCalls := func(a *testAccount, step resource.TestStep, names ...string) resource.TestStep {
		step.PreConfig = func() {
			t.Helper()
			for _, name := range calls(a) {
				if slices.Contains(names, name) {
					t.Errorf("the import called %s", name)
				}
			}
		}
		return step
	}

	profile := func(arguments string) string {
		return `resource "iam_user_login_profile" "p" {
  user = "alice"
  ` + arguments + "\n}\n"
	}
	newProfile := func(a *testAccount, resetRequired bool) func() {
		return a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
			require(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice")}))
			require(c.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: aws.String("alice"),
				Password: aws.String(password), PasswordResetRequired: resetRequired}))
		})
	}
	const profileAddress = "iam_user_login_profile.p"
	for name, tt := range map[string]struct{ arguments, change string }{
		"recipient": {recipient(identity), recipient(other)},
		"recipient and length": {recipient(identity) + "password_length = 32\npassword_reset_required = true",
			recipient(other)},
		"password": {"password_wo = \"Own-Words-1\"\npassword_wo_version = 1",
			"password_wo = \"Own-Words-2\"\npassword_wo_version = 2"},
	} {
		t.Run("login profile with "+name, func(t *testing.T) {
			a := newTestAccount(t)
			imports := updatesInPlace(profile(tt.arguments)+importBlock(profileAddress, "alice"), profileAddress,
				expectNull(profileAddress, "encrypted_password", "key_fingerprint")...)
			imports.PreConfig = newProfile(a, false)
			a.run(
				imports,
				expectNoCalls(a, unchanged(profile(tt.arguments)), "UpdateLoginProfile"),
				updatesInPlace(profile(tt.change), profileAddress),
				resource.TestStep{PreConfig: func() {
					if !slices.Contains(calls(a), "UpdateLoginProfile") {
						t.Error("the change after the import set no password")
					}
				}, Config: profile(tt.change)},
			)
		})
	}
	t.Run("login profile without a source", func(t *testing.T) {
		a := newTestAccount(t)
		imports := unchanged(profile("") + importBlock(profileAddress, "alice"))
		imports.ConfigPlanChecks = expectAction(profileAddress, plancheck.ResourceActionNoop)
		imports.PreConfig = newProfile(a, true)
		a.run(
			imports,
			unchanged(profile("")),
			updatesInPlace(profile("password_reset_required = false"), profileAddress),
			updatesInPlace(profile(recipient(identity)), profileAddress,
				expectNull(profileAddress, "encrypted_password", "password_length")...),
			updatesInPlace(profile(""), profileAddress), // forgets the recipient
		)
	})

	t.Run("MFA device", func(t *testing.T) {
		const address = "iam_virtual_mfa_device.d"
		a := newTestAccount(t)
		var seed []byte
		device := func(arguments string) string {
			return "resource \"iam_virtual_mfa_device\" \"d\" {\n  virtual_mfa_device_name = \"phone\"\n  user = \"alice\"\n  " +
				arguments + "\n}\n"
		}
		imports := updatesInPlace(device(recipient(identity))+importBlock(address, accountARN+"mfa/phone"), address,
			expectNull(address, "encrypted_seed", "key_fingerprint", "base_32_string_seed", "qr_code_png")...)
		imports.PreConfig = a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
			require(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice")}))
			created := require(c.CreateVirtualMFADevice(ctx,
				&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: aws.String("phone")}))
			seed = decodeSeed(string(created.VirtualMFADevice.Base32StringSeed))
			now := a.clock.Now()
			require(c.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{UserName: aws.String("alice"),
				SerialNumber:        created.VirtualMFADevice.SerialNumber,
				AuthenticationCode1: aws.String(credential.Code(seed, now.Add(-30*time.Second))),
				AuthenticationCode2: aws.String(credential.Code(seed, now))}))
		})
		a.run(
			imports,
			expectNoCalls(a, unchanged(device(recipient(identity))), "DeactivateMFADevice", "DeleteVirtualMFADevice"),
			resource.TestStep{Config: device(recipient(other)),
				ConfigPlanChecks: expectAction(address, plancheck.ResourceActionDestroyBeforeCreate)},
		)
	})

	t.Run("access key", func(t *testing.T) {
		const address = "iam_access_key.k"
		a := newTestAccount(t)
		var id, encrypted string
		a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
			require(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice")}))
			id = *require(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("alice")})).AccessKey.AccessKeyId
			require(c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: aws.String("alice"), AccessKeyId: &id,
				Status: iamtypes.StatusTypeInactive}))
		})()
		key := func(arguments string) string {
			return "resource \"iam_access_key\" \"k\" {\n  user = \"alice\"\n  " + arguments + "\n}\n"
		}
		first := recipient(identity) + "rotation_triggers = { when = \"2026\" }"
		a.run(
			updatesInPlace(key(first)+importBlock(address, id), address,
				expectNull(address, "encrypted_secret", "key_fingerprint", "secret")...),
			expectNoCalls(a, unchanged(key(first)), "DeleteAccessKey"),
			updatesInPlace(key(strings.Replace(first, identity.Recipient().String(), other.Recipient().String(), 1)), address,
				capture(address, "encrypted_secret", &encrypted)),
			resource.TestStep{
				PreConfig: func() {
					if decryptAge(t, other, encrypted) == "" {
						t.Error("the change after the import did not encrypt the secret")
					}
				},
				Config: key(recipient(other) + "rotation_triggers = { when = \"2027\" }"),
				ConfigPlanChecks: expectAction(address,
					plancheck.ResourceActionDestroyBeforeCreate),
			},
		)
	})

	t.Run("access key rotation", func(t *testing.T) {
		const address = "iam_access_key_rotation.r"
		a := newTestAccount(t)
		a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
			require(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice")}))
			require(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: aws.String("alice")}))
		})()
		a.clock.advance(1000 * time.Hour) // a new key is due
		config := "resource \"iam_access_key_rotation\" \"r\" {\n  user = \"alice\"\n" +
			"  max_age = \"720h\"\n  grace = \"72h\"\n  " + recipient(identity) + "}\n"
		imports := updatesInPlace(config+importBlock(address, "alice"), address,
			expectNull(address, "encrypted_secret", "previous_access_key_id")...)
		imports.ExpectNonEmptyPlan = true // the next run takes the step
		var previous string
		a.run(imports, updatesInPlace(config, address, capture(address, "previous_access_key_id", &previous)))
		if previous == "" {
			t.Error("the run after the import created no key")
		}
	})
}

// TestImport_EmptyTagsAndDescription imports objects without tags and description. Empty and missing arguments both
// suit them.
func TestImport_EmptyTagsAndDescription(t *testing.T) {
	for name, arguments := range map[string][2]string{
		"missing": {"", ""},
		"empty":   {"description = \"\"\n", "tags = {}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newTestAccount(t)
			a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
				require(c.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("alice")}))
				require(c.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("deploy"),
					AssumeRolePolicyDocument: aws.String(serviceTrustPolicy)}))
				require(c.CreatePolicy(ctx, &iam.CreatePolicyInput{PolicyName: aws.String("read"),
					PolicyDocument: aws.String(exampleDocument)}))
			})()
			config := fmt.Sprintf(`
resource "iam_user" "x" {
  name = "alice"
  %[2]s
}
resource "iam_role" "x" {
  name               = "deploy"
  assume_role_policy = %[3]q
  %[1]s%[2]s
}
resource "iam_policy" "x" {
  name   = "read"
  policy = %[4]q
  %[1]s%[2]s
}
`, arguments[0], arguments[1], serviceTrustPolicy, exampleDocument)
			imports := resource.TestStep{Config: config + importBlock("iam_user.x", "alice") +
				importBlock("iam_role.x", "deploy") + importBlock("iam_policy.x", accountARN+"policy/read")}
			for _, address := range []string{"iam_user.x", "iam_role.x", "iam_policy.x"} {
				imports.ConfigPlanChecks.PreApply = append(imports.ConfigPlanChecks.PreApply,
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop))
			}
			withTags := strings.NewReplacer("tags = {}\n", "", "name = \"alice\"", "name = \"alice\"\ntags = { a = \"b\" }").
				Replace(config)
			a.run(imports, unchanged(config),
				updatesInPlace(withTags, "iam_user.x"),
				// Without the argument, the tags are removed.
				updatesInPlace(strings.Replace(withTags, "tags = { a = \"b\" }", "", 1), "iam_user.x"))
		})
	}
}

// decodeSeed decodes the seed of a virtual MFA device.
func decodeSeed(seed string) []byte {
	return require(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(seed, "=")))
}
