package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/seal"
)

func newAccessKeyResource() resource.Resource {
	return lifecycle.New[accessKeyModel](lifecycle.Definition[accessKeyModel]{
		TypeName: "iam_access_key", MovedFrom: "aws_iam_access_key", Schema: accessKeySchema, Plan: planAccessKey,
		Identity: []lifecycle.IdentityAttribute{{Name: "id",
			Description: "The id of the access key, such as `AKIA…`."}},
	})
}

type accessKeyModel struct {
	User             types.String `tfsdk:"user"`
	Status           types.String `tfsdk:"status"`
	RotationTriggers types.Map    `tfsdk:"rotation_triggers"`
	SecretInState    types.Bool   `tfsdk:"secret_in_state"`
	seal.Recipient

	ID              types.String `tfsdk:"id"`
	CreateDate      types.String `tfsdk:"create_date"`
	Secret          types.String `tfsdk:"secret"`
	EncryptedSecret types.String `tfsdk:"encrypted_secret"`
	KeyFingerprint  types.String `tfsdk:"key_fingerprint"`
}

func accessKeySchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"user": schema.StringAttribute{Required: true,
			MarkdownDescription: lifecycle.OwnerDescription("user", "creates a new key")},
		"status": schema.StringAttribute{
			Optional: true, Computed: true,
			Validators: []validator.String{stringvalidator.OneOf(string(iamtypes.StatusTypeActive),
				string(iamtypes.StatusTypeInactive))},
			MarkdownDescription: "`Active` (default) or `Inactive`. Without this argument, an imported key does not change.",
		},
		"rotation_triggers": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplaceIf(triggersReplace, replacingTriggers,
				replacingTriggers)},
			MarkdownDescription: "Any values. Changing this creates a new key, which replaces the present one. " +
				recordedFirst + " For a rotation without downtime use `iam_access_key_rotation`.",
		},
		"secret_in_state": schema.BoolAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Whether `secret` is set. The state then contains the secret in clear text. Default " +
				"`false`. " + recordedFirst,
		},
		"id":          lifecycle.ConstantAttribute("The id of the key, such as `AKIA…`."),
		"create_date": lifecycle.ConstantAttribute("When the key was created (RFC 3339)."),
		"secret": schema.StringAttribute{Computed: true, Sensitive: true,
			MarkdownDescription: "The secret in clear text if `secret_in_state` is `true`, otherwise null."},
		"encrypted_secret": schema.StringAttribute{Computed: true, MarkdownDescription: "The secret, encrypted to the " +
			"public key: armored for age, in base64 for PGP."},
		"key_fingerprint": schema.StringAttribute{Computed: true,
			MarkdownDescription: "The fingerprint of the PGP key."},
	}
	seal.AddArguments(attributes, recordedFirst)
	return schema.Schema{
		MarkdownDescription: "A long-term access key of a user. Unlike `aws_iam_access_key`, its secret is not in the " +
			"state unless `secret_in_state` is `true`: encrypt it to a public key, or read it with the ephemeral " +
			"resource `iam_access_key_secret`. If you change the public key later, the provider encrypts the secret again.\n\n" +
			"An import changes neither the key nor its secret. The first apply that adds `rotation_triggers`, " +
			"`secret_in_state` or a public key only records it in the state; the plan says so. A later change has the usual " +
			"effect.",
		Attributes: attributes,
	}
}

func (m *accessKeyModel) Describe() string {
	return fmt.Sprintf("access key %s of user %q", m.ID.ValueString(), m.User.ValueString())
}

// isImported reports whether the key was imported and secret_in_state was not set since. A key that the
// resource created has a value of secret_in_state.
func (m *accessKeyModel) isImported() bool { return m.SecretInState.IsNull() }

// records reports whether a change adds the first receiver of the secret after an import. The state
// only records it.
func (m *accessKeyModel) records(before *accessKeyModel) bool {
	return before.isImported() && !before.HasRecipient() && before.EncryptedSecret.IsNull() &&
		(m.HasRecipient() || !m.SecretInState.IsNull())
}

// deliversAgain reports whether a change gives the secret to another receiver.
func (m *accessKeyModel) deliversAgain(before *accessKeyModel) bool {
	return !m.records(before) && (!m.Recipient.Equal(before.Recipient) || !m.SecretInState.Equal(before.SecretInState))
}

const replacingTriggers = "A change replaces the key. The first value after an import does not."

// triggersReplace requires a replacement if the triggers change. The state of an imported key has
// none, so it records the first ones.
func triggersReplace(ctx context.Context, req planmodifier.MapRequest,
	resp *mapplanmodifier.RequiresReplaceIfFuncResponse) {
	var secretInState types.Bool
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("secret_in_state"), &secretInState)...)
	imported := (&accessKeyModel{SecretInState: secretInState}).isImported()
	resp.RequiresReplace = !imported || !req.StateValue.IsNull()
}

// planDelivery plans the attributes of the secret for another receiver.
func (m *accessKeyModel) planDelivery() {
	m.Secret, m.EncryptedSecret, m.KeyFingerprint = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	if !m.SecretInState.IsUnknown() && !m.SecretInState.ValueBool() {
		m.Secret = types.StringNull()
	}
	if !m.HasRecipient() {
		m.EncryptedSecret = types.StringNull()
	}
	if m.PGPKey.IsNull() {
		m.KeyFingerprint = types.StringNull()
	}
}

// planAccessKey plans the defaults. It plans no change of the secret unless its receiver changes.
func planAccessKey(ctx context.Context, c *lifecycle.Change[accessKeyModel]) {
	plan, state := c.Plan, c.State
	if len(c.Replace) > 0 {
		state = nil
	}
	config, ok := lifecycle.Read[accessKeyModel](ctx, c.Config, c.Diags)
	if !ok {
		return
	}
	imported := state != nil && state.isImported() && config.SecretInState.IsNull()
	if config.SecretInState.IsNull() {
		if plan.SecretInState = types.BoolValue(false); imported {
			plan.SecretInState = types.BoolNull()
		}
	}
	if config.Status.IsNull() {
		if plan.Status = types.StringValue(string(iamtypes.StatusTypeActive)); imported {
			plan.Status = state.Status
		}
	}
	if state == nil {
		return
	}
	plan.Secret, plan.EncryptedSecret, plan.KeyFingerprint = state.Secret, state.EncryptedSecret, state.KeyFingerprint
	if plan.deliversAgain(state) {
		plan.planDelivery()
	}
	if !c.Planned.Applying() && (plan.records(state) ||
		state.isImported() && !plan.RotationTriggers.Equal(state.RotationTriggers)) {
		c.Diags.AddWarning(apierror.UpperFirst(state.Describe())+" does not change", "The key was imported. Terraform "+
			"only records rotation_triggers, secret_in_state, age_recipient and pgp_key in the state, and neither replaces "+
			"the key nor encrypts its secret. A later change of these arguments has the usual effect.")
	}
}

// deliverSecret sets the secret in the model: in clear text, encrypted or not at all, as the
// arguments require.
func (m *accessKeyModel) deliverSecret(secret string) (err error) {
	m.Secret = types.StringNull()
	if m.SecretInState.ValueBool() {
		m.Secret = types.StringValue(secret)
	}
	m.EncryptedSecret, m.KeyFingerprint, err = m.Seal([]byte(secret))
	return err
}

// accessKey returns one access key of a user.
func accessKey(ctx context.Context, c accountstore.API, user, id string) (*iamtypes.AccessKeyMetadata, error) {
	keys, err := accessKeysOf(ctx, c, user)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if strings.EqualFold(aws.ToString(key.AccessKeyId), id) {
			return &key, nil
		}
	}
	return nil, &iamtypes.NoSuchEntityException{Message: aws.String("The user " + user + " has no access key " + id + ".")}
}

// accessKeysOf returns all access keys of a user.
func accessKeysOf(ctx context.Context, c accountstore.API, user string) ([]iamtypes.AccessKeyMetadata, error) {
	return paging.All(ctx, iam.NewListAccessKeysPaginator(c, &iam.ListAccessKeysInput{UserName: &user}),
		func(page *iam.ListAccessKeysOutput) []iamtypes.AccessKeyMetadata { return page.AccessKeyMetadata })
}

func (m *accessKeyModel) Identity() map[string]any {
	return map[string]any{"id": m.ID.ValueString()}
}

func (m *accessKeyModel) AuditSubject(ctx context.Context, op *lifecycle.Operation) lifecycle.AuditSubject {
	if m.User.IsNull() { // imported
		return lifecycle.AuditSubject{}
	}
	return lifecycle.AuditSubject{
		Description: m.Describe(), ID: policyowner.Users.AuditID(ctx, op, m.User.ValueString()),
		Calls: []string{"UpdateAccessKey",
			"DeleteAccessKey"},
		About: func(event audit.Event) bool { return event.RequestParameters["accessKeyId"] == m.ID.ValueString() },
	}
}

func (m *accessKeyModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	user := m.User.ValueStringPointer()
	if err := op.DeleteLeftBehindKeys(ctx, *user); err != nil {
		return err
	}
	created, err := op.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: user})
	if err != nil {
		return err
	}
	m.ID, m.CreateDate = types.StringPointerValue(created.AccessKey.AccessKeyId),
		types.StringValue(created.AccessKey.CreateDate.Format(time.RFC3339))
	err = m.deliverSecret(*created.AccessKey.SecretAccessKey)
	if err == nil && m.Status.ValueString() != string(iamtypes.StatusTypeActive) {
		err = m.setStatus(ctx, op)
	}
	if err != nil { // nobody received the secret, so the key is useless
		return errors.Join(err, apierror.UnlessMissing(m.Remove(ctx, op)))
	}
	return nil
}

func (m *accessKeyModel) setStatus(ctx context.Context, op *lifecycle.Operation) error {
	_, err := op.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{
		UserName: m.User.ValueStringPointer(), AccessKeyId: m.ID.ValueStringPointer(),
		Status: iamtypes.StatusType(m.Status.ValueString()),
	})
	return err
}

func (m *accessKeyModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	if m.User.IsNull() { // imported
		used, err := op.GetAccessKeyLastUsed(ctx,
			&iam.GetAccessKeyLastUsedInput{AccessKeyId: m.ID.ValueStringPointer()})
		if err != nil {
			return fmt.Errorf("finding the user of the key: %w", err)
		}
		m.User = types.StringPointerValue(used.UserName)
	}
	key, err := accessKey(ctx, op, m.User.ValueString(), m.ID.ValueString())
	if err == nil {
		m.Status, m.CreateDate = types.StringValue(string(key.Status)),
			types.StringValue(key.CreateDate.Format(time.RFC3339))
	}
	return err
}

func (m *accessKeyModel) Update(ctx context.Context, op *lifecycle.Operation, before *accessKeyModel) error {
	if !m.Status.Equal(before.Status) {
		if err := m.setStatus(ctx, op); err != nil {
			return err
		}
	}
	if !m.deliversAgain(before) {
		m.Secret, m.EncryptedSecret, m.KeyFingerprint = before.Secret, before.EncryptedSecret, before.KeyFingerprint
		return nil
	}
	secret, err := accountstore.Secret(ctx, op, m.User.ValueString(), m.ID.ValueString())
	if err != nil {
		return err
	}
	return m.deliverSecret(secret)
}

func (m *accessKeyModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	_, err := op.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: m.User.ValueStringPointer(),
		AccessKeyId: m.ID.ValueStringPointer()})
	return err
}
