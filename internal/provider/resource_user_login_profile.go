package provider

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
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
				"argument, the provider generates a password and encrypts it to the public key. " + recordedFirst,
		},
		"password_wo_version": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("password_wo"))},
			MarkdownDescription: "Any number. Changing it sets `password_wo` again, because Terraform cannot detect a " +
				"change of a write-only argument. " + recordedFirst,
		},
		"password_length": schema.Int64Attribute{
			Optional: true, Computed: true, Validators: []validator.Int64{int64validator.Between(8, 128)},
			MarkdownDescription: "The length of a generated password. Default 20. Changing it generates a new password. " +
				"Without this argument, it is null unless the provider has generated a password.",
		},
		"password_reset_required": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether the user must choose a new password at the next sign-in. The argument can stay " +
				"`true` after that. Default `false`; without this argument, an imported login profile does not change.",
		},
		"id": lifecycle.IDAttribute("The name of the user."),
		"encrypted_password": schema.StringAttribute{Computed: true, MarkdownDescription: "The generated password, " +
			"encrypted to the public key: armored for age, in base64 for PGP."},
		"key_fingerprint": schema.StringAttribute{Computed: true,
			MarkdownDescription: "The fingerprint of the PGP key."},
	}
	seal.AddArguments(attributes, recordedFirst)
	return schema.Schema{
		MarkdownDescription: "The password of a user: either the write-only `password_wo`, or a generated password " +
			"that is encrypted to a public key. The state never contains a password in clear text.\n\n" +
			"An import does not change the password, which it cannot read. The configuration of an imported login " +
			"profile needs neither `password_wo` nor a public key. The first apply that adds one of them only records it " +
			"in the state; the plan says so. A later change of `password_wo_version` or of the public key sets a new password.",
		Attributes: attributes,
	}
}

// recordedFirst ends the descriptions of the arguments that an import does not act on.
const recordedFirst = "After an import, the first value is only recorded."

func validateUserLoginProfile(_ context.Context, m *userLoginProfileModel, diags *diag.Diagnostics) {
	if !m.PasswordWO.IsNull() && m.HasRecipient() {
		diags.AddError("Conflicting passwords", "The configuration sets a password and also a recipient of a "+
			"generated password. Set either password_wo, or age_recipient or pgp_key.")
	}
}

func (m *userLoginProfileModel) Describe() string {
	return fmt.Sprintf("login profile of user %q", m.User.ValueString())
}

// hasSource reports whether the arguments contain a source of the password: password_wo with its
// version, or the recipient of a generated password.
func (m *userLoginProfileModel) hasSource() bool {
	return !m.PasswordWOVersion.IsNull() || m.HasRecipient()
}

// isImported reports whether the state describes a password that this resource has not set. Such a
// state comes from an import, or from a configuration that no longer has a source of the password.
func (m *userLoginProfileModel) isImported() bool {
	return !m.hasSource() && m.EncryptedPassword.IsNull()
}

// setsPassword reports whether a change sets another password. The first source after an import does
// not: the state then only records it.
func (m *userLoginProfileModel) setsPassword(before *userLoginProfileModel) bool {
	if before.isImported() || !m.hasSource() {
		return false
	}
	return !m.PasswordWOVersion.IsNull() && !m.PasswordWOVersion.Equal(before.PasswordWOVersion) ||
		m.HasRecipient() && (!m.Recipient.Equal(before.Recipient) ||
			!before.EncryptedPassword.IsNull() && !m.PasswordLength.Equal(before.PasswordLength))
}

// planUserLoginProfile plans the defaults and the encrypted password. The encrypted password changes
// only if the change sets another password.
func planUserLoginProfile(ctx context.Context, c *lifecycle.Change[userLoginProfileModel]) {
	plan, state := c.Plan, c.State
	if len(c.Replace) > 0 {
		state = nil
	}
	plan.ID = plan.User
	config, ok := lifecycle.Read[userLoginProfileModel](ctx, c.Config, c.Diags)
	if !ok {
		return
	}
	if state == nil && !plan.hasSource() {
		c.Diags.AddError("Password without a recipient", "The provider would generate a password that nobody "+
			"receives. Set password_wo, or set age_recipient or pgp_key so that the provider can encrypt the generated "+
			"password.")
		return
	}
	imported := state != nil && state.isImported()
	if config.PasswordResetRequired.IsNull() {
		plan.PasswordResetRequired = types.BoolValue(imported && !plan.hasSource() &&
			state.PasswordResetRequired.ValueBool())
	}
	if config.PasswordLength.IsNull() {
		plan.PasswordLength = types.Int64Null()
		if plan.HasRecipient() && (state == nil || !state.EncryptedPassword.IsNull() || plan.setsPassword(state)) {
			plan.PasswordLength = types.Int64Value(defaultPasswordLength)
		}
	}
	switch {
	case state != nil && !plan.setsPassword(state):
		plan.EncryptedPassword, plan.KeyFingerprint = state.EncryptedPassword, state.KeyFingerprint
		if imported && plan.hasSource() && !c.Planned.Applying() {
			c.Diags.AddWarning(apierror.UpperFirst(plan.Describe())+" keeps its password",
				"The resource did not set the present password, which was probably imported. Terraform only records the "+
					"arguments in the state. A later change of password_wo_version, age_recipient or pgp_key sets a new password.")
		}
		return
	case plan.HasRecipient():
		plan.EncryptedPassword, plan.KeyFingerprint = types.StringUnknown(), types.StringUnknown()
		if plan.PGPKey.IsNull() {
			plan.KeyFingerprint = types.StringNull()
		}
	default:
		plan.EncryptedPassword, plan.KeyFingerprint = types.StringNull(), types.StringNull()
	}
	c.CheckPassword(ctx, "password_wo", plan.User, c.Config, c.Diags)
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
			"UpdateLoginProfile", "DeleteLoginProfile", "ChangePassword"},
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

// Recover sets the password of a login profile again. Nobody has received it, unless it was configured.
func (m *userLoginProfileModel) Recover(ctx context.Context, op *lifecycle.Operation) (made bool, err error) {
	config, ok := lifecycle.Read[userLoginProfileModel](ctx, op.Config, op.Diags)
	if !ok {
		return false, nil
	}
	password, err := m.password(config.PasswordWO)
	if err != nil {
		return false, err
	}
	m.ID = m.User
	in := &iam.UpdateLoginProfileInput{UserName: m.User.ValueStringPointer(), Password: &password,
		PasswordResetRequired: m.PasswordResetRequired.ValueBoolPointer()}
	_, err = op.UpdateLoginProfile(ctx, in)
	var refused *iamtypes.PasswordPolicyViolationException
	if errors.As(err, &refused) && !m.HasRecipient() {
		// The password policy forbids the present password again, and the configured one is the present one.
		in.Password = nil
		_, err = op.UpdateLoginProfile(ctx, in)
	}
	return false, err
}

// Read does not change password_reset_required: a user who has chosen a new password is not a
// difference.
func (m *userLoginProfileModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	got, err := op.GetLoginProfile(ctx, &iam.GetLoginProfileInput{UserName: m.User.ValueStringPointer()})
	if err != nil {
		return err
	}
	if m.PasswordResetRequired.IsNull() { // imported
		m.PasswordResetRequired = types.BoolValue(got.LoginProfile.PasswordResetRequired)
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
	recordsSource := before.isImported() && m.hasSource()
	// With a new password, the user must choose a password again, even after having done so before.
	if sets || !recordsSource && !m.PasswordResetRequired.Equal(before.PasswordResetRequired) {
		in.PasswordResetRequired = aws.Bool(m.PasswordResetRequired.ValueBool())
	}
	if sets {
		password, err := m.password(config.PasswordWO)
		if err != nil {
			return err
		}
		in.Password = &password
	} else {
		m.EncryptedPassword, m.KeyFingerprint = before.EncryptedPassword, before.KeyFingerprint
	}
	if in.Password == nil && in.PasswordResetRequired == nil {
		return nil
	}
	_, err := op.UpdateLoginProfile(ctx, in)
	return err
}

func (m *userLoginProfileModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	_, err := op.DeleteLoginProfile(ctx, &iam.DeleteLoginProfileInput{UserName: m.User.ValueStringPointer()})
	return err
}
