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

func TestAccessKeyResource_Recipients(t *testing.T) {
	a := newTestAccount(t)
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
		return must(a.client().RevealAccessKey(t.Context(), &engine.RevealAccessKeyInput{UserName: "alice", AccessKeyID: id})).SecretAccessKey
	}
	update := resource.ConfigPlanChecks{
		PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)},
	}
	a.run(
		resource.TestStep{
			Config:            key(`age_recipient = "` + first.Recipient().String() + `"`),
			ConfigStateChecks: append(expectNull(address, "secret"), capture(address, "id", &id), capture(address, "encrypted_secret", &sealed)),
		},
		resource.TestStep{
			PreConfig: func() {
				if got := openAge(t, first, sealed); got != secret() {
					t.Error("the decrypted value is not the secret")
				}
			},
			ResourceName:            address,
			ImportState:             true,
			ImportStateIdFunc:       idOf(&id),
			ImportStateVerify:       true,
			ImportStateVerifyIgnore: []string{"encrypted_secret", "age_recipient"},
		},
		// A change of the recipient or the status keeps the key.
		resource.TestStep{
			Config:           key(`age_recipient = "` + second.Recipient().String() + `"` + "\n  status = \"Inactive\""),
			ConfigPlanChecks: update, ConfigStateChecks: []statecheck.StateCheck{capture(address, "encrypted_secret", &again)},
		},
		resource.TestStep{
			PreConfig: func() {
				if got := openAge(t, second, again); got != secret() {
					t.Error("the value decrypted with the second key is not the secret")
				}
				a.outside(func(ctx context.Context, c *engine.Client) {
					must(c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{
						UserName: aws.String("alice"), AccessKeyId: &id, Status: iamtypes.StatusTypeActive,
					}))
				})()
			},
			Config:           key(`pgp_key = "` + base64.StdEncoding.EncodeToString(public.Bytes()) + `"` + "\n  status = \"Inactive\""),
			ConfigPlanChecks: update,
			ConfigStateChecks: append(expectNull(address, "secret"), capture(address, "encrypted_secret", &sealed),
				statecheck.ExpectKnownValue(address, tfjsonpath.New("key_fingerprint"), knownvalue.StringExact(fmt.Sprintf("%x", entity.PrimaryKey.Fingerprint)))),
		},
		resource.TestStep{
			PreConfig: func() {
				message := must(openpgp.ReadMessage(bytes.NewReader(must(base64.StdEncoding.DecodeString(sealed))), openpgp.EntityList{entity}, nil, nil))
				if got := string(must(io.ReadAll(message.UnverifiedBody))); got != secret() {
					t.Error("the value decrypted with PGP is not the secret")
				}
			},
			Config: key(`secret_in_state = true`), ConfigPlanChecks: update,
			ConfigStateChecks: append(expectNull(address, "encrypted_secret", "key_fingerprint"), capture(address, "secret", &again)),
		},
		resource.TestStep{
			PreConfig: func() {
				if again != secret() {
					t.Error("the value in the state is not the secret")
				}
			},
			Config: key(""), ConfigStateChecks: expectNull(address, "secret", "encrypted_secret"),
		},
		unchanged(key("")),
		resource.TestStep{Config: key(`rotation_triggers = { when = "2026" }`), ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate),
		}}},
		planFails(key(`age_recipient = "age1nonsense"`), `Not a public key that can be sealed to`),
		planFails(key(`pgp_key = "keybase:someone"`), `not fetched from keybase`),
		planFails(key(`pgp_key = ""`), `the text has no key`),
		planFails(key(`pgp_key = "`+base64.StdEncoding.EncodeToString(onlySigns(t))+`"`), `no valid encryption keys`),
	)
}

// onlySigns returns a PGP key that signs but cannot encrypt.
func onlySigns(t *testing.T) []byte {
	t.Helper()
	entity := must(openpgp.NewEntity("signer", "", "signer@example.com", nil))
	entity.Subkeys = nil
	var out bytes.Buffer
	must(0, entity.Serialize(&out))
	return out.Bytes()
}
