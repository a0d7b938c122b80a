package provider

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

// A secret that Terraform makes goes to somebody: sealed to their public key, of age or PGP, it may lie in state, for only they
// can open it.

// recipient is whom a secret is sealed to.
type recipient struct {
	AgeRecipient types.String `tfsdk:"age_recipient"`
	PGPKey       types.String `tfsdk:"pgp_key"`
}

func (r recipient) given() bool { return !r.AgeRecipient.IsNull() || !r.PGPKey.IsNull() }

func (r recipient) equal(other recipient) bool {
	return r.AgeRecipient.Equal(other.AgeRecipient) && r.PGPKey.Equal(other.PGPKey)
}

// recipientArguments adds the arguments of a recipient to those of a resource.
func recipientArguments(attributes map[string]schema.Attribute) {
	attributes["age_recipient"] = schema.StringAttribute{
		Optional: true, Validators: []validator.String{recipientIs{parseAge}, stringvalidator.ConflictsWith(path.MatchRoot("pgp_key"))},
		MarkdownDescription: "The age recipient that the secret is sealed to, `age1…`, as `age-keygen` prints it. Open it with `age --decrypt --identity key.txt`.",
	}
	attributes["pgp_key"] = schema.StringAttribute{
		Optional: true, Validators: []validator.String{recipientIs{parsePGP}},
		MarkdownDescription: "The PGP public key that the secret is sealed to, in base64 without armor, as `gpg --export | base64` prints it, or armored. " +
			"Keys of keybase are not fetched. Open it with `base64 --decode | gpg --decrypt`.",
	}
}

// recipientIs checks a recipient while Terraform validates: a key made for one that cannot be sealed to would be lost.
type recipientIs struct{ parse func(text string) error }

func (recipientIs) Description(context.Context) string             { return "must be a public key" }
func (v recipientIs) MarkdownDescription(c context.Context) string { return v.Description(c) }

func (v recipientIs) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := v.parse(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a public key that can be sealed to", upperFirst(err.Error())+".")
	}
}

func parseAge(text string) error {
	_, err := age.ParseX25519Recipient(text)
	return err
}

// parsePGP seals nothing to the key, since one can be read that cannot be sealed to: it only signs, or has expired.
func parsePGP(text string) error {
	_, _, err := recipient{PGPKey: types.StringValue(text)}.seal(nil)
	return err
}

func pgpEntities(text string) (found openpgp.EntityList, err error) {
	switch {
	case strings.HasPrefix(text, "keybase:"):
		return nil, errors.New("keys are not fetched from keybase: give the public key itself, such as gpg --export prints it, in base64")
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
		err = errors.New("there is no key in it")
	}
	return found, err
}

// seal seals a secret: for age as armored text, for PGP in base64, as the AWS provider does. fingerprint is that of a PGP key.
func (r recipient) seal(secret []byte) (sealed, fingerprint types.String, err error) {
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
		return types.StringValue(base64.StdEncoding.EncodeToString(out.Bytes())), types.StringValue(fmt.Sprintf("%x", to[0].PrimaryKey.Fingerprint)), nil
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
