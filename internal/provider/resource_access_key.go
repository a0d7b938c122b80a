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
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
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
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(iamtypes.StatusTypeActive)),
			Validators: []validator.String{stringvalidator.OneOf(string(iamtypes.StatusTypeActive),
				string(iamtypes.StatusTypeInactive))},
			MarkdownDescription: "`Active` (default) or `Inactive`.",
		},
		"rotation_triggers": schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
			MarkdownDescription: "Any values. Changing this creates a new key, which replaces the present one. For a " +
				"rotation without downtime use `iam_access_key_rotation`.",
		},
		"secret_in_state": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether `secret` is set. The state then contains the secret in clear text. Default `false`.",
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
	seal.AddArguments(attributes)
	return schema.Schema{
		MarkdownDescription: "A long-term access key of a user. Unlike `aws_iam_access_key`, its secret is not in the " +
			"state unless `secret_in_state` is `true`: encrypt it to a public key, or read it with the ephemeral " +
			"resource `iam_access_key_secret`. If you change the public key later, the provider encrypts the secret again.",
		Attributes: attributes,
	}
}

func (m *accessKeyModel) Describe() string {
	return fmt.Sprintf("access key %s of user %q", m.ID.ValueString(), m.User.ValueString())
}

// planAccessKey plans no change of the secret unless its recipient changes.
func planAccessKey(_ context.Context, c *lifecycle.Change[accessKeyModel]) {
	plan, state := c.Plan, c.State
	if state == nil || len(c.Replace) > 0 {
		return
	}
	if plan.Recipient.Equal(state.Recipient) && plan.SecretInState.Equal(state.SecretInState) {
		plan.Secret, plan.EncryptedSecret, plan.KeyFingerprint = state.Secret, state.EncryptedSecret,
			state.KeyFingerprint
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
		m.User, m.SecretInState = types.StringPointerValue(used.UserName), types.BoolValue(false)
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
	if m.Recipient.Equal(before.Recipient) && m.SecretInState.Equal(before.SecretInState) {
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
