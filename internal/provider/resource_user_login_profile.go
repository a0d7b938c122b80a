package provider

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/seal"
)

func newUserLoginProfileResource() resource.Resource {
	return lifecycle.New[userLoginProfileModel](lifecycle.Definition[userLoginProfileModel]{
		TypeName: "iam_user_login_profile", MovedFrom: "aws_iam_user_login_profile",
		Schema: userLoginProfileSchema, Validate: validateUserLoginProfile, Plan: planUserLoginProfile,
		Identity: []lifecycle.IdentityAttribute{{Name: "user", Description: "The name of the user."}},
	})
}

type userLoginProfileModel struct {
	User                  types.String `tfsdk:"user"`
	PasswordWO            types.String `tfsdk:"password_wo"`
	PasswordWOVersion     types.Int64  `tfsdk:"password_wo_version"`
	PasswordLength        types.Int64  `tfsdk:"password_length"`
	PasswordResetRequired types.Bool   `tfsdk:"password_reset_required"`
	seal.Recipient

	ID                types.String `tfsdk:"id"`
	EncryptedPassword types.String `tfsdk:"encrypted_password"`
	KeyFingerprint    types.String `tfsdk:"key_fingerprint"`
}

func userLoginProfileSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"user": schema.StringAttribute{
			Required: true, MarkdownDescription: lifecycle.OwnerDescription("user", "creates a new login profile"),
		},
		"password_wo": schema.StringAttribute{
			Optional: true, Sensitive: true, WriteOnly: true,
			Validators: []validator.String{stringvalidator.LengthBetween(1, 128),
				stringvalidator.AlsoRequires(path.MatchRoot("password_wo_version"))},
			MarkdownDescription: "The password. Neither the state nor a plan contains it (Terraform 1.11). Without this " +
				"argument, the provider generates a password and encrypts it to the public key.",
		},
		"password_wo_version": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("password_wo"))},
			MarkdownDescription: "Any number. Changing it sets `password_wo` again, because Terraform cannot detect a " +
				"change of a write-only argument.",
		},
		"password_length": schema.Int64Attribute{
			Optional: true, Computed: true, Default: int64default.StaticInt64(defaultPasswordLength),
			Validators:          []validator.Int64{int64validator.Between(8, 128)},
			MarkdownDescription: "The length of a generated password. Default 20.",
		},
		"password_reset_required": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether the user must choose a new password at the next sign-in. The argument can stay " +
				"`true` after that.",
		},
		"id": lifecycle.IDAttribute("The name of the user."),
		"encrypted_password": schema.StringAttribute{Computed: true, MarkdownDescription: "The generated password, " +
			"encrypted to the public key: armored for age, in base64 for PGP."},
		"key_fingerprint": schema.StringAttribute{Computed: true,
			MarkdownDescription: "The fingerprint of the PGP key."},
	}
	seal.AddArguments(attributes)
	return schema.Schema{
		MarkdownDescription: "The password of a user: either the write-only `password_wo`, or a generated password " +
			"that is encrypted to a public key. The state never contains a password in clear text.",
		Attributes: attributes,
	}
}

func validateUserLoginProfile(_ context.Context, m *userLoginProfileModel, diags *diag.Diagnostics) {
	switch {
	case m.PasswordWO.IsNull() && !m.HasRecipient():
		diags.AddError("Password without a recipient", "The provider would generate a password that nobody receives. "+
			"Set password_wo, or set age_recipient or pgp_key so that the provider can encrypt the generated password.")
	case !m.PasswordWO.IsNull() && m.HasRecipient():
		diags.AddError("Conflicting passwords", "The configuration sets a password and also a recipient of a "+
			"generated password. Set either password_wo, or age_recipient or pgp_key.")
	}
}

func (m *userLoginProfileModel) Describe() string {
	return fmt.Sprintf("login profile of user %q", m.User.ValueString())
}

// setsPassword reports whether a change sets another password.
func (m *userLoginProfileModel) setsPassword(before *userLoginProfileModel) bool {
	return !m.PasswordWOVersion.Equal(before.PasswordWOVersion) || !m.Recipient.Equal(before.Recipient) ||
		m.HasRecipient() && !m.PasswordLength.Equal(before.PasswordLength)
}

// planUserLoginProfile plans no change of the encrypted password unless the change sets another
// password.
func planUserLoginProfile(_ context.Context, c *lifecycle.Change[userLoginProfileModel]) {
	plan, state := c.Plan, c.State
	plan.ID = plan.User
	if state != nil && len(c.Replace) == 0 && !plan.setsPassword(state) {
		plan.EncryptedPassword, plan.KeyFingerprint = state.EncryptedPassword, state.KeyFingerprint
	}
}

// password returns the password to set: the configured one or, with a recipient, a generated one,
// which it also encrypts.
func (m *userLoginProfileModel) password(configured types.String) (password string, err error) {
	if !m.HasRecipient() {
		m.EncryptedPassword, m.KeyFingerprint = types.StringNull(), types.StringNull()
		return configured.ValueString(), nil
	}
	password = newPassword(int(m.PasswordLength.ValueInt64()))
	m.EncryptedPassword, m.KeyFingerprint, err = m.Seal([]byte(password))
	return password, err
}

// defaultPasswordLength is the length of a generated password.
const defaultPasswordLength = 20

// newPassword generates a password with characters of all four kinds, which satisfies the strictest
// password policy.
func newPassword(length int) string {
	kinds := []string{"abcdefghijkmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "!@#$%^&*()_+-=[]{}|'"}
	below := func(n int) int {
		i, _ := rand.Int(rand.Reader, big.NewInt(int64(n))) // never fails
		return int(i.Int64())
	}
	out := make([]byte, length)
	for i := range out {
		kind := kinds[below(len(kinds))]
		if i < len(kinds) {
			kind = kinds[i]
		}
		out[i] = kind[below(len(kind))]
	}
	for i := range out {
		j := i + below(len(out)-i)
		out[i], out[j] = out[j], out[i]
	}
	return string(out)
}

func (m *userLoginProfileModel) Identity() map[string]any {
	return map[string]any{"user": m.User.ValueString()}
}

func (m *userLoginProfileModel) AuditSubject(ctx context.Context, op *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{
		Description: m.Describe(), ID: policyowner.Users.AuditID(ctx, op, m.User.ValueString()),
		Calls: []string{"CreateLoginProfile",
			"UpdateLoginProfile", "DeleteLoginProfile"},
	}
}

func (m *userLoginProfileModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	config, ok := lifecycle.Read[userLoginProfileModel](ctx, op.Config, op.Diags)
	if !ok {
		return nil
	}
	password, err := m.password(config.PasswordWO)
	if err != nil {
		return err
	}
	m.ID = m.User
	_, err = op.CreateLoginProfile(ctx, &iam.CreateLoginProfileInput{UserName: m.User.ValueStringPointer(),
		Password: &password, PasswordResetRequired: m.PasswordResetRequired.ValueBool()})
	return err
}

// Read does not change password_reset_required: a user who has chosen a new password is not a
// difference.
func (m *userLoginProfileModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	got, err := op.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: m.User.ValueStringPointer()})
	if err != nil {
		return err
	}
	if m.PasswordResetRequired.IsNull() { // imported
		m.PasswordResetRequired, m.PasswordLength = types.BoolValue(got.LoginProfile.PasswordResetRequired),
			types.Int64Value(defaultPasswordLength)
	}
	m.ID = m.User
	return nil
}

func (m *userLoginProfileModel) Update(ctx context.Context, op *lifecycle.Operation,
	before *userLoginProfileModel) error {
	config, ok := lifecycle.Read[userLoginProfileModel](ctx, op.Config, op.Diags)
	if !ok {
		return nil
	}
	in := &iam.UpdateLoginProfileInput{UserName: m.User.ValueStringPointer()}
	sets := m.setsPassword(before)
	// With a new password, the user must choose a password again, even after having done so before.
	if sets || !m.PasswordResetRequired.Equal(before.PasswordResetRequired) {
		in.PasswordResetRequired = aws.Bool(m.PasswordResetRequired.ValueBool())
	}
	if sets {
		password, err := m.password(config.PasswordWO)
		if err != nil {
			return err
		}
		in.Password = &password
	}
	_, err := op.UpdateLoginProfile(ctx, in)
	return err
}

func (m *userLoginProfileModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	_, err := op.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: m.User.ValueStringPointer()})
	return err
}
