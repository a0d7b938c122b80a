package provider

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// TestSecrets_NotLeftBehind searches all files of Terraform, its logs and the store for every secret.
func TestSecrets_NotLeftBehind(t *testing.T) {
	a := newTestAccount(t)
	a.captured = new(capturedSecrets)
	logs := filepath.Join(t.TempDir(), "trace.log")
	t.Setenv("TF_LOG", "TRACE")
	t.Setenv("TF_LOG_PATH", logs)
	t.Setenv("TF_ACC_LOG_PATH", logs)
	work := t.TempDir()
	t.Setenv("TF_ACC_TEMP_DIR", work)
	t.Setenv("TF_ACC_PERSIST_WORKING_DIR", "1")
	identity := require(age.GenerateX25519Identity())
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
resource "iam_user_login_profile" "generated" {
  user          = iam_user.w.name
  age_recipient = "` + identity.Recipient().String() + `"
}
resource "iam_virtual_mfa_device" "generated" {
  virtual_mfa_device_name = "phone"
  user                    = iam_user.w.name
  age_recipient           = "` + identity.Recipient().String() + `"
}
resource "iam_access_key_rotation" "generated" {
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
  assume_role_policy = jsonencode({ Version = "2012-10-17",
    Statement = [{ Effect = "Allow", Principal = { AWS = iam_user.u.arn }, Action = "sts:AssumeRole" }] })
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
	a.run(
		resource.TestStep{Config: config, ConfigStateChecks: []statecheck.StateCheck{
			capture("iam_user_login_profile.generated", "encrypted_password", &sealedPassword),
			capture("iam_virtual_mfa_device.generated", "encrypted_seed", &sealedSeed),
			capture("iam_access_key_rotation.generated", "encrypted_secret", &sealedSecret),
		}},
		resource.TestStep{
			PreConfig: func() {
				keys := require(accessKeysOf(t.Context(), a.client(), "alice"))
				secret := require(a.client().RevealAccessKey(t.Context(),
					&engine.RevealAccessKeyInput{UserName: "alice", AccessKeyID: *keys[0].AccessKeyId})).SecretAccessKey
				canaries = []string{password, secret, decryptAge(t, identity, sealedPassword), decryptAge(t, identity, sealedSeed),
					decryptAge(t, identity, sealedSecret)}
			},
			Config: config,
		},
		// The ephemeral secret reached the argument that it was passed to.
		resource.TestStep{
			PreConfig: func() {
				e := a.engine()
				defer func() { _ = e.Close() }()
				if _, err := e.As(engine.Anonymous(engine.Circumstances{})).SignIn(t.Context(),
					&engine.SignInInput{UserName: "bob", Password: "Aa1-" + canaries[1]}); err != nil {
					t.Errorf("the ephemeral secret is not the secret of the key: %v", err)
				}
				_, err := e.As(engine.Anonymous(engine.Circumstances{})).SignIn(t.Context(),
					&engine.SignInInput{UserName: "alice", Password: password})
				if err != nil {
					t.Error(err)
				}
				for link, err := range engine.AuditRecords(t.Context(),
					e.As(engine.LocalOperator("tester", engine.Circumstances{})), &engine.ListAuditRecordsInput{}) {
					if err != nil {
						t.Fatal(err)
					}
					searchSecrets(t, "the audit trail", link.Body, canaries)
				}
				sessions := regexp.MustCompile(`ASIA[A-Z2-7]{16}`).FindAllString(assumeRoleRecords(t, e), -1)
				if len(sessions) == 0 {
					t.Error("no session has begun")
				}
			},
			Config: config,
		},
	)
	if len(a.captured.secrets) < 4 { // plan and apply each open two ephemeral resources
		t.Errorf("ephemeral resources returned %d secrets, want at least 4", len(a.captured.secrets))
	}
	canaries = append(canaries, a.captured.secrets...)
	var searched []string
	for _, dir := range []string{work, filepath.Dir(a.path), filepath.Dir(logs)} {
		requireNoError(filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if entry.Type()&os.ModeSymlink != 0 { // plugin-testing links to the source of this package
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			searched = append(searched, filepath.Base(path))
			searchSecrets(t, path, text, canaries)
			if filepath.Base(path) == "tfplan" { // the file is compressed
				searchPlan(t, path, canaries)
			}
			return nil
		}))
	}
	for _, name := range []string{"iam.db", "terraform.tfstate", "tfplan", "trace.log"} {
		if !slices.Contains(searched, name) {
			t.Errorf("the test did not search a file %s, only %v", name, searched)
		}
	}
}

// searchPlan searches the files in a saved plan, such as the configuration and the prior state.
func searchPlan(t *testing.T, path string, canaries []string) {
	t.Helper()
	plan := require(zip.OpenReader(path))
	defer func() { _ = plan.Close() }()
	if len(plan.File) < 3 {
		t.Errorf("the saved plan has %d files, want at least 3", len(plan.File))
	}
	for _, file := range plan.File {
		r := require(file.Open())
		searchSecrets(t, path+" "+file.Name, require(io.ReadAll(r)), canaries)
		_ = r.Close()
	}
}

// assumeRoleRecords returns the audit records of AssumeRole.
func assumeRoleRecords(t *testing.T, e *engine.Engine) string {
	t.Helper()
	var all strings.Builder
	for link, err := range engine.AuditRecords(t.Context(), e.As(engine.LocalOperator("tester", engine.Circumstances{})),
		&engine.ListAuditRecordsInput{EventName: "AssumeRole"}) {
		if err != nil {
			t.Fatal(err)
		}
		all.Write(link.Body)
	}
	return all.String()
}

// searchSecrets fails the test if a text contains a secret.
func searchSecrets(t *testing.T, source string, text []byte, canaries []string) {
	t.Helper()
	for _, canary := range canaries {
		if bytes.Contains(text, []byte(canary)) {
			t.Errorf("%s contains a secret: %.300s", source, bytes.ReplaceAll(text, []byte(canary), []byte("[SECRET]")))
		}
	}
}
