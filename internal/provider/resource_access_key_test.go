package provider

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"testing"

	"filippo.io/age"
	"github.com/ProtonMail/go-crypto/openpgp"
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

func TestAccessKeyResource_EncryptsSecretForRecipient(t *testing.T) {
	a := newTestAccount(t)
	first, second := require(age.GenerateX25519Identity()), require(age.GenerateX25519Identity())
	entity := require(openpgp.NewEntity("someone", "", "someone@example.com", nil))
	var publicKey bytes.Buffer
	requireNoError(entity.Serialize(&publicKey))
	key := func(arguments string) string {
		return fmt.Sprintf(`
resource "iam_user" "u" { name = "alice" }
resource "iam_access_key" "k" {
  user = iam_user.u.name
  %s
}`, arguments)
	}
	const address = "iam_access_key.k"
	var id, encrypted, other string
	secret := func() string {
		return require(a.client().RevealAccessKey(t.Context(),
			&engine.RevealAccessKeyInput{UserName: "alice", AccessKeyID: id})).SecretAccessKey
	}
	update := resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
	}
	a.run(
		resource.TestStep{
			Config: key(`age_recipient = "` + first.Recipient().String() + `"`),
			ConfigStateChecks: append(expectNull(address, "secret"), capture(address, "id", &id),
				capture(address, "encrypted_secret", &encrypted)),
		},
		resource.TestStep{
			PreConfig: func() {
				if got := decryptAge(t, first, encrypted); got != secret() {
					t.Error("the decrypted value is not the secret")
				}
			},
			ResourceName:            address,
			ImportState:             true,
			ImportStateIdFunc:       importID(&id),
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"encrypted_secret", "age_recipient", "secret_in_state"},
		},
		// A change of the recipient or the status does not replace the key.
		resource.TestStep{
			Config:           key(`age_recipient = "` + second.Recipient().String() + `"` + "\n  status = \"Inactive\""),
			ConfigPlanChecks: update, ConfigStateChecks: []statecheck.StateCheck{capture(address, "encrypted_secret", &other)},
		},
		resource.TestStep{
			PreConfig: func() {
				if got := decryptAge(t, second, other); got != secret() {
					t.Error("the value decrypted by the second recipient is not the secret")
				}
				a.outsideTerraform(func(ctx context.Context, c *engine.Client) {
					require(c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{
						UserName: aws.String("alice"), AccessKeyId: &id, Status: iamtypes.StatusTypeActive,
					}))
				})()
			},
			Config: key(`pgp_key = "` + base64.StdEncoding.EncodeToString(publicKey.Bytes()) + `"` +
				"\n  status = \"Inactive\""),
			ConfigPlanChecks: update,
			ConfigStateChecks: append(expectNull(address, "secret"), capture(address, "encrypted_secret", &encrypted),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("key_fingerprint"),
					knownvalue.StringExact(fmt.Sprintf("%x", entity.PrimaryKey.Fingerprint)))),
		},
		resource.TestStep{
			PreConfig: func() {
				message := require(openpgp.ReadMessage(bytes.NewReader(require(base64.StdEncoding.DecodeString(encrypted))),
					openpgp.EntityList{entity}, nil, nil))
				if got := string(require(io.ReadAll(message.UnverifiedBody))); got != secret() {
					t.Error("the value decrypted with PGP is not the secret")
				}
			},
			Config: key(`secret_in_state = true`), ConfigPlanChecks: update,
			ConfigStateChecks: append(expectNull(address, "encrypted_secret", "key_fingerprint"),
				capture(address, "secret", &other)),
		},
		resource.TestStep{
			PreConfig: func() {
				if other != secret() {
					t.Error("the value in the state is not the secret")
				}
			},
			Config: key(""), ConfigStateChecks: expectNull(address, "secret", "encrypted_secret"),
		},
		unchanged(key("")),
		resource.TestStep{Config: key(`rotation_triggers = { when = "2026" }`),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
			}}},
		planFails(key(`age_recipient = "age1nonsense"`), `Unusable public key`),
		planFails(key(`pgp_key = "keybase:someone"`), `does not fetch keys from Keybase`),
		planFails(key(`pgp_key = ""`), `the text contains no key`),
		planFails(key(`pgp_key = "`+base64.StdEncoding.EncodeToString(signingKey(t))+`"`), `no valid encryption keys`),
	)
}

// signingKey returns a PGP key that can sign but not encrypt.
func signingKey(t *testing.T) []byte {
	t.Helper()
	entity := require(openpgp.NewEntity("signer", "", "signer@example.com", nil))
	entity.Subkeys = nil
	var out bytes.Buffer
	requireNoError(entity.Serialize(&out))
	return out.Bytes()
}
