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
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
)

func newAccessKeyResource() resource.Resource { return &accessKeyResource{} }

type accessKeyResource struct {
	kept[accessKeyModel, *accessKeyModel]
}

var (
	_ resource.ResourceWithConfigure   = (*accessKeyResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*accessKeyResource)(nil)
	_ resource.ResourceWithImportState = (*accessKeyResource)(nil)
	_ resource.ResourceWithIdentity    = (*accessKeyResource)(nil)
	_ resource.ResourceWithMoveState   = (*accessKeyResource)(nil)
	_ keptObject                       = (*accessKeyModel)(nil)
)

type accessKeyModel struct {
	User             types.String `tfsdk:"user"`
	Status           types.String `tfsdk:"status"`
	RotationTriggers types.Map    `tfsdk:"rotation_triggers"`
	SecretInState    types.Bool   `tfsdk:"secret_in_state"`
	recipient

	ID              types.String `tfsdk:"id"`
	CreateDate      types.String `tfsdk:"create_date"`
	Secret          types.String `tfsdk:"secret"`
	EncryptedSecret types.String `tfsdk:"encrypted_secret"`
	KeyFingerprint  types.String `tfsdk:"key_fingerprint"`
}

func (r *accessKeyResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "iam_access_key"
}

func (r *accessKeyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	attributes := map[string]schema.Attribute{
		"user": schema.StringAttribute{Required: true, PlanModifiers: replaces, MarkdownDescription: "The name of the user."},
		"status": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(string(iamtypes.StatusTypeActive)),
			Validators:          []validator.String{stringvalidator.OneOf(string(iamtypes.StatusTypeActive), string(iamtypes.StatusTypeInactive))},
			MarkdownDescription: "`Active` (default) or `Inactive`.",
		},
		"rotation_triggers": schema.MapAttribute{
			ElementType: types.StringType, Optional: true, PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
			MarkdownDescription: "Any values: when one changes, another key takes the place of this one. For a rotation without downtime use `iam_access_key_rotation`.",
		},
		"secret_in_state": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether `secret` is set, and so lies in clear in the state. Default `false`.",
		},
		"id":               keptOnce("The key's id, such as `AKIA…`."),
		"create_date":      keptOnce("When the key was made (RFC 3339)."),
		"secret":           schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The secret, in clear, if `secret_in_state` says so; else null."},
		"encrypted_secret": schema.StringAttribute{Computed: true, MarkdownDescription: "The secret, sealed to the recipient: armored for age, base64 for PGP."},
		"key_fingerprint":  schema.StringAttribute{Computed: true, MarkdownDescription: "The fingerprint of the PGP key."},
	}
	recipientArguments(attributes)
	resp.Schema = schema.Schema{
		MarkdownDescription: "A long-term access key of a user. Unlike `aws_iam_access_key`, its secret is not in the state unless you ask for it: seal it to a recipient, or hand it on with the ephemeral resource " +
			"`iam_access_key_secret`. The recipient can be changed later; the secret is then sealed anew.",
		Attributes: attributes,
	}
}

func (r *accessKeyResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityOf("id")
}

func (r *accessKeyResource) MoveState(context.Context) []resource.StateMover {
	return movedFromAWS("aws_iam_access_key")
}

func (r *accessKeyResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importBy(ctx, req, resp, whole, "id")
}

func (m *accessKeyModel) what() string {
	return fmt.Sprintf("access key %s of user %q", m.ID.ValueString(), m.User.ValueString())
}

func (r *accessKeyResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	plan, state, ok := r.planning(ctx, req, &resp.Diagnostics)
	if !ok || plan == nil || state == nil || len(resp.RequiresReplace) > 0 {
		return
	}
	// The secret stays what it was unless somebody else is to have it.
	if plan.equal(state.recipient) && plan.SecretInState.Equal(state.SecretInState) {
		plan.Secret, plan.EncryptedSecret, plan.KeyFingerprint = state.Secret, state.EncryptedSecret, state.KeyFingerprint
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	}
}

// hand gives the secret to whom it is for.
func (m *accessKeyModel) hand(secret string) (err error) {
	m.Secret = types.StringNull()
	if m.SecretInState.ValueBool() {
		m.Secret = types.StringValue(secret)
	}
	m.EncryptedSecret, m.KeyFingerprint, err = m.seal([]byte(secret))
	return err
}

// accessKey finds a user's key.
func accessKey(ctx context.Context, c api, user, id string) (*iamtypes.AccessKeyMetadata, error) {
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

func accessKeysOf(ctx context.Context, c api, user string) ([]iamtypes.AccessKeyMetadata, error) {
	return allOf(ctx, iam.NewListAccessKeysPaginator(c, &iam.ListAccessKeysInput{UserName: &user}),
		func(page *iam.ListAccessKeysOutput) []iamtypes.AccessKeyMetadata { return page.AccessKeyMetadata })
}

func (m *accessKeyModel) identity() map[string]string {
	return map[string]string{"id": m.ID.ValueString()}
}

func (m *accessKeyModel) concerns(ctx context.Context, k *keeper) concerning {
	if m.User.IsNull() { // imported
		return concerning{}
	}
	return concerning{
		what: m.what(), subject: users.subject(ctx, k, m.User.ValueString()), own: []string{"UpdateAccessKey", "DeleteAccessKey"},
		about: func(event audit.Event) bool { return event.RequestParameters["accessKeyId"] == m.ID.ValueString() },
	}
}

func (m *accessKeyModel) create(ctx context.Context, k *keeper) error {
	user := m.User.ValueStringPointer()
	made, err := k.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: user})
	if err != nil {
		return err
	}
	m.ID, m.CreateDate = types.StringPointerValue(made.AccessKey.AccessKeyId), types.StringValue(made.AccessKey.CreateDate.Format(time.RFC3339))
	err = m.hand(*made.AccessKey.SecretAccessKey)
	if err == nil && m.Status.ValueString() != string(iamtypes.StatusTypeActive) {
		err = m.setStatus(ctx, k)
	}
	if err != nil { // a key that nobody has the secret of would be in the way
		return errors.Join(err, unlessMissing(m.remove(ctx, k)))
	}
	return nil
}

func (m *accessKeyModel) setStatus(ctx context.Context, k *keeper) error {
	_, err := k.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{
		UserName: m.User.ValueStringPointer(), AccessKeyId: m.ID.ValueStringPointer(), Status: iamtypes.StatusType(m.Status.ValueString()),
	})
	return err
}

func (m *accessKeyModel) read(ctx context.Context, k *keeper) error {
	if m.User.IsNull() { // imported
		used, err := k.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: m.ID.ValueStringPointer()})
		if err != nil {
			return fmt.Errorf("finding whose it is: %w", err)
		}
		m.User, m.SecretInState = types.StringPointerValue(used.UserName), types.BoolValue(false)
	}
	key, err := accessKey(ctx, k, m.User.ValueString(), m.ID.ValueString())
	if err == nil {
		m.Status, m.CreateDate = types.StringValue(string(key.Status)), types.StringValue(key.CreateDate.Format(time.RFC3339))
	}
	return err
}

func (m *accessKeyModel) update(ctx context.Context, k *keeper, before *accessKeyModel) error {
	if !m.Status.Equal(before.Status) {
		if err := m.setStatus(ctx, k); err != nil {
			return err
		}
	}
	if m.equal(before.recipient) && m.SecretInState.Equal(before.SecretInState) {
		return nil
	}
	secret, err := k.engine.As(k.store.caller).RevealAccessKey(ctx, m.User.ValueString(), m.ID.ValueString())
	if err != nil {
		return err
	}
	return m.hand(secret)
}

func (m *accessKeyModel) remove(ctx context.Context, k *keeper) error {
	_, err := k.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: m.User.ValueStringPointer(), AccessKeyId: m.ID.ValueStringPointer()})
	return err
}
