// Package seal encrypts a secret to the age or PGP public key of a recipient. Only the recipient
// can decrypt the secret, so the state may contain it.
package seal

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Recipient contains the arguments with the public key of a recipient. At most one of them is set.
type Recipient struct {
	AgeRecipient types.String `tfsdk:"age_recipient"`
	PGPKey       types.String `tfsdk:"pgp_key"`
}

// HasRecipient reports whether a public key is set.
func (r Recipient) HasRecipient() bool { return !r.AgeRecipient.IsNull() || !r.PGPKey.IsNull() }

// Equal reports whether two recipients are the same.
func (r Recipient) Equal(other Recipient) bool {
	return r.AgeRecipient.Equal(other.AgeRecipient) && r.PGPKey.Equal(other.PGPKey)
}

// AddArguments adds the arguments of a recipient to the attributes of a resource. Each description
// ends with the remarks.
func AddArguments(attributes map[string]schema.Attribute, remarks ...string) {
	var suffix string
	for _, remark := range remarks {
		suffix += " " + remark
	}
	attributes["age_recipient"] = schema.StringAttribute{
		Optional: true, Validators: []validator.String{publicKey{parseAge},
			stringvalidator.ConflictsWith(path.MatchRoot("pgp_key"))},
		MarkdownDescription: "The age public key to which the secret is encrypted, `age1…`, as `age-keygen` prints " +
			"it. Decrypt the secret with `age --decrypt --identity key.txt`." + suffix,
	}
	attributes["pgp_key"] = schema.StringAttribute{
		Optional: true, Validators: []validator.String{publicKey{parsePGP}},
		MarkdownDescription: "The PGP public key to which the secret is encrypted: in base64 without armor, as `gpg " +
			"--export | base64` prints it, or armored. The provider does not fetch keys from Keybase. Decrypt the secret " +
			"with `base64 --decode | gpg --decrypt`." + suffix,
	}
}

// publicKey checks a public key during validation. A secret that is generated for an unusable key
// would be lost.
type publicKey struct{ parse func(text string) error }

// Description returns the requirement of the validator.
func (publicKey) Description(context.Context) string { return "must be a public key" }

// MarkdownDescription returns the requirement of the validator.
func (v publicKey) MarkdownDescription(c context.Context) string { return v.Description(c) }

// ValidateString refuses a text to which no secret can be encrypted.
func (v publicKey) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := v.parse(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable public key",
			fmt.Sprintf("Checking the public key failed: %s.", err))
	}
}

func parseAge(text string) error {
	_, err := age.ParseX25519Recipient(text)
	return err
}

// parsePGP encrypts an empty secret, because a valid key may be unable to encrypt: it may be
// expired or only for signatures.
func parsePGP(text string) error {
	_, _, err := Recipient{PGPKey: types.StringValue(text)}.Seal(nil)
	return err
}

func pgpEntities(text string) (found openpgp.EntityList, err error) {
	switch {
	case strings.HasPrefix(text, "keybase:"):
		return nil, errors.New("the provider does not fetch keys from Keybase: set the public key itself, as gpg " +
			"--export | base64 prints it")
	case strings.Contains(text, "-----BEGIN PGP"):
		found, err = openpgp.ReadArmoredKeyRing(strings.NewReader(text))
	default:
		var binary []byte
		if binary, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), "")); err != nil {
			return nil, fmt.Errorf("reading the base64 of the key: %w", err)
		}
		found, err = openpgp.ReadKeyRing(bytes.NewReader(binary))
	}
	if err == nil && len(found) == 0 {
		err = errors.New("the text contains no key")
	}
	return found, err
}

// Seal encrypts a secret: for age as armored text, for PGP in base64, as the AWS provider does. It
// also returns the fingerprint of a PGP key. Without a recipient it returns nulls.
func (r Recipient) Seal(secret []byte) (sealed, fingerprint types.String, err error) {
	var out bytes.Buffer
	switch {
	case !r.AgeRecipient.IsNull():
		to, err := age.ParseX25519Recipient(r.AgeRecipient.ValueString())
		if err != nil {
			return sealed, fingerprint, err
		}
		armored := armor.NewWriter(&out)
		w, err := age.Encrypt(armored, to)
		if err == nil {
			err = writeAndClose(w, secret, armored)
		}
		return types.StringValue(out.String()), types.StringNull(), err
	case !r.PGPKey.IsNull():
		to, err := pgpEntities(r.PGPKey.ValueString())
		if err != nil {
			return sealed, fingerprint, err
		}
		w, err := openpgp.Encrypt(&out, to, nil, nil, nil)
		if err == nil {
			err = writeAndClose(w, secret)
		}
		if err != nil {
			return sealed, fingerprint, err
		}
		return types.StringValue(base64.StdEncoding.EncodeToString(out.Bytes())),
			types.StringValue(fmt.Sprintf("%x", to[0].PrimaryKey.Fingerprint)), nil
	}
	return types.StringNull(), types.StringNull(), nil
}

func writeAndClose(w io.WriteCloser, secret []byte, further ...io.Closer) error {
	_, err := w.Write(secret)
	err = errors.Join(err, w.Close())
	for _, closer := range further {
		err = errors.Join(err, closer.Close())
	}
	return err
}
