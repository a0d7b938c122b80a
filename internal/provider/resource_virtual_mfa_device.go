package provider

import (
	"context"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
)

func newVirtualMFADeviceResource() resource.Resource { return &virtualMFADeviceResource{} }

type virtualMFADeviceResource struct {
	kept[virtualMFADeviceModel, *virtualMFADeviceModel]
}

var (
	_ resource.ResourceWithConfigure      = (*virtualMFADeviceResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*virtualMFADeviceResource)(nil)
	_ resource.ResourceWithValidateConfig = (*virtualMFADeviceResource)(nil)
	_ resource.ResourceWithImportState    = (*virtualMFADeviceResource)(nil)
	_ resource.ResourceWithIdentity       = (*virtualMFADeviceResource)(nil)
	_ resource.ResourceWithMoveState      = (*virtualMFADeviceResource)(nil)
	_ keptObject                          = (*virtualMFADeviceModel)(nil)
)

type virtualMFADeviceModel struct {
	Name          types.String `tfsdk:"virtual_mfa_device_name"`
	Path          types.String `tfsdk:"path"`
	User          types.String `tfsdk:"user"`
	SecretInState types.Bool   `tfsdk:"secret_in_state"`
	Tags          types.Map    `tfsdk:"tags"`
	recipient

	TagsAll        types.Map    `tfsdk:"tags_all"`
	ID             types.String `tfsdk:"id"`
	ARN            types.String `tfsdk:"arn"`
	Seed           types.String `tfsdk:"base_32_string_seed"`
	QRCode         types.String `tfsdk:"qr_code_png"`
	EncryptedSeed  types.String `tfsdk:"encrypted_seed"`
	KeyFingerprint types.String `tfsdk:"key_fingerprint"`
	EnableDate     types.String `tfsdk:"enable_date"`
}

func (r *virtualMFADeviceResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "iam_virtual_mfa_device"
}

func (r *virtualMFADeviceResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	tags, tagsAll := tagAttributes()
	name, where := nameArgument("device", 128), pathArgument("device")
	name.PlanModifiers, where.PlanModifiers = replaces, replaces
	attributes := map[string]schema.Attribute{
		"virtual_mfa_device_name": name,
		"path":                    where,
		"user": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The name of the user that the device is enabled for. Without it, it is enabled for nobody. Enabling it takes the seed: where that is not in the state, another user gets another device.",
		},
		"secret_in_state": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether `base_32_string_seed` and `qr_code_png` are set, and so lie in clear in the state. Default `false`.",
		},
		"tags":                tags,
		"tags_all":            tagsAll,
		"id":                  idAttribute("The ARN."),
		"arn":                 schema.StringAttribute{Computed: true, MarkdownDescription: "The ARN, which is the device's serial number. It is known when Terraform plans."},
		"base_32_string_seed": sensitive("The seed in base32, if `secret_in_state` says so; else null."),
		"qr_code_png":         sensitive("The QR code of the seed, a PNG image in base64, if `secret_in_state` says so; else null."),
		"encrypted_seed":      keptOnce("The seed in base32, sealed to the recipient: armored for age, base64 for PGP."),
		"key_fingerprint":     keptOnce("The fingerprint of the PGP key."),
		"enable_date":         schema.StringAttribute{Computed: true, MarkdownDescription: "When the device was enabled (RFC 3339); null while it is not."},
	}
	recipientArguments(attributes)
	resp.Schema = schema.Schema{
		MarkdownDescription: "A virtual MFA device (TOTP, RFC 6238), and for whom it is enabled. Its seed is sealed to a recipient, who puts it into an authenticator: unlike with `aws_iam_virtual_mfa_device`, " +
			"it is not in the state unless you ask for it. While it is there, another recipient or user can have the same seed; one that was sealed is told to nobody else, so that these get another device. " +
			"The seed of a device that was imported is not known.",
		Attributes: attributes,
	}
}

func sensitive(description string) schema.StringAttribute {
	out := keptOnce(description)
	out.Sensitive = true
	return out
}

func (r *virtualMFADeviceResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	m, ok := read[virtualMFADeviceModel](ctx, req.Config, &resp.Diagnostics)
	if ok && !m.given() && !m.SecretInState.IsUnknown() && !m.SecretInState.ValueBool() {
		resp.Diagnostics.AddError("Nobody would have the seed", "Seal it to an age_recipient or a pgp_key, or have it in the state with secret_in_state = true: it is told only once.")
	}
}

func (r *virtualMFADeviceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityOf("arn")
}

func (r *virtualMFADeviceResource) MoveState(context.Context) []resource.StateMover {
	return movedFromAWS("aws_iam_virtual_mfa_device")
}

func (r *virtualMFADeviceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importBy(ctx, req, resp, whole, "arn")
}

func (m *virtualMFADeviceModel) what() string {
	return fmt.Sprintf("virtual MFA device %q", m.ARN.ValueString())
}

func (r *virtualMFADeviceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	plan, state, ok := r.planning(ctx, req, &resp.Diagnostics)
	if !ok || plan == nil {
		return
	}
	plan.TagsAll = r.tagsAll(plan.Tags)
	plan.ARN = types.StringUnknown()
	if !plan.Path.IsUnknown() && !plan.Name.IsUnknown() {
		id, err := r.store.accountID(ctx)
		if err != nil {
			storeError(&resp.Diagnostics, r.store, err)
			return
		}
		plan.ARN = types.StringValue("arn:aws:iam::" + id + ":mfa" + plan.Path.ValueString() + plan.Name.ValueString())
	}
	plan.ID = plan.ARN
	if plan.User.IsNull() {
		plan.EnableDate = types.StringNull()
	}
	if state != nil {
		resp.RequiresReplace = append(resp.RequiresReplace, plan.needsSeed(state)...)
		if len(resp.RequiresReplace) == 0 {
			plan.handsOn(state)
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// handedOver reports whether the seed goes to the same recipients.
func (m *virtualMFADeviceModel) handedOver(before *virtualMFADeviceModel) bool {
	return m.equal(before.recipient) && m.SecretInState.ValueBool() == before.SecretInState.ValueBool()
}

// needsSeed says which arguments cannot be had without a seed that is not at hand. A seed that nobody was given, as of an
// import, is no reason: its device is somebody's, and stays.
func (m *virtualMFADeviceModel) needsSeed(before *virtualMFADeviceModel) (arguments path.Paths) {
	if !before.Seed.IsNull() {
		return nil
	}
	if !m.User.IsNull() && !m.User.Equal(before.User) {
		arguments = append(arguments, path.Root("user"))
	}
	if !before.EncryptedSeed.IsNull() && !m.handedOver(before) {
		for name, same := range map[string]bool{
			"age_recipient": m.AgeRecipient.Equal(before.AgeRecipient), "pgp_key": m.PGPKey.Equal(before.PGPKey), "secret_in_state": m.SecretInState.Equal(before.SecretInState),
		} {
			if !same {
				arguments = append(arguments, path.Root(name))
			}
		}
	}
	return arguments
}

// handsOn plans who gets the seed of a device that stays, and for whom it is enabled.
func (m *virtualMFADeviceModel) handsOn(before *virtualMFADeviceModel) {
	switch {
	case m.User.Equal(before.User):
		m.EnableDate = before.EnableDate
	case !m.User.IsNull():
		m.EnableDate = types.StringUnknown()
	}
	if before.Seed.IsNull() || m.handedOver(before) {
		return
	}
	m.EncryptedSeed, m.KeyFingerprint = types.StringUnknown(), types.StringUnknown()
	if !m.SecretInState.ValueBool() && !m.SecretInState.IsUnknown() {
		m.Seed, m.QRCode = types.StringNull(), types.StringNull()
	}
}

// findDevice finds a virtual device. The API answers about one that nobody uses only in a list.
func findDevice(ctx context.Context, c api, serial string) (*iamtypes.VirtualMFADevice, error) {
	devices, err := allOf(ctx, iam.NewListVirtualMFADevicesPaginator(c, &iam.ListVirtualMFADevicesInput{}),
		func(page *iam.ListVirtualMFADevicesOutput) []iamtypes.VirtualMFADevice { return page.VirtualMFADevices })
	if err != nil {
		return nil, err
	}
	for _, d := range devices {
		if *d.SerialNumber == serial {
			return &d, nil
		}
	}
	return nil, &iamtypes.NoSuchEntityException{Message: aws.String("There is no virtual MFA device " + serial + ".")}
}

func (m *virtualMFADeviceModel) identity() map[string]string {
	return map[string]string{"arn": m.ARN.ValueString()}
}

func (m *virtualMFADeviceModel) concerns(context.Context, *keeper) concerning {
	return concerning{
		what: m.what(), subject: m.ARN.ValueString(),
		own: []string{"CreateVirtualMFADevice", "EnableMFADevice", "DeactivateMFADevice", "ResyncMFADevice", "DeleteVirtualMFADevice", "TagMFADevice", "UntagMFADevice"},
	}
}

func (m *virtualMFADeviceModel) create(ctx context.Context, k *keeper) error {
	made, err := k.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{
		VirtualMFADeviceName: m.Name.ValueStringPointer(), Path: m.Path.ValueStringPointer(), Tags: apiTags(ctx, m.TagsAll, k.diags),
	})
	if err != nil {
		return err
	}
	m.ARN, m.ID = types.StringPointerValue(made.VirtualMFADevice.SerialNumber), types.StringPointerValue(made.VirtualMFADevice.SerialNumber)
	if err := m.handOver(ctx, k, made.VirtualMFADevice); err != nil {
		// A device whose seed nobody has would be in the way.
		return errors.Join(err, unlessMissing(m.remove(ctx, k)))
	}
	return nil
}

// handOver gives the seed to whom it is for, and enables the device for its user.
func (m *virtualMFADeviceModel) handOver(ctx context.Context, k *keeper, made *iamtypes.VirtualMFADevice) (err error) {
	m.Seed, m.QRCode, m.EnableDate = types.StringNull(), types.StringNull(), types.StringNull()
	if m.SecretInState.ValueBool() {
		m.Seed = types.StringValue(string(made.Base32StringSeed))
		m.QRCode = types.StringValue(base64.StdEncoding.EncodeToString(made.QRCodePNG))
	}
	if m.EncryptedSeed, m.KeyFingerprint, err = m.seal(made.Base32StringSeed); err != nil || m.User.IsNull() {
		return err
	}
	return m.enable(ctx, k, string(made.Base32StringSeed))
}

// enable enables the device for its user with two codes of the seed.
func (m *virtualMFADeviceModel) enable(ctx context.Context, k *keeper, inBase32 string) error {
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(inBase32, "="))
	if err != nil {
		return errors.New("the seed cannot be read") // the error would show it
	}
	now := k.now()
	_, err = k.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
		UserName: m.User.ValueStringPointer(), SerialNumber: m.ARN.ValueStringPointer(),
		AuthenticationCode1: aws.String(credential.Code(seed, now.Add(-30*time.Second))), AuthenticationCode2: aws.String(credential.Code(seed, now)),
	})
	if err != nil {
		return err
	}
	got, err := findDevice(ctx, k, m.ARN.ValueString())
	if err == nil && got.EnableDate != nil {
		m.EnableDate = types.StringValue(got.EnableDate.Format(time.RFC3339))
	}
	return err
}

func (m *virtualMFADeviceModel) read(ctx context.Context, k *keeper) error {
	got, err := findDevice(ctx, k, m.ARN.ValueString())
	if err != nil {
		return err
	}
	_, name, _ := strings.Cut(m.ARN.ValueString(), ":mfa")
	cut := strings.LastIndex(name, "/") + 1
	m.Path, m.Name, m.ID = types.StringValue(name[:cut]), types.StringValue(name[cut:]), m.ARN
	m.User, m.EnableDate = types.StringNull(), types.StringNull()
	if got.User != nil && got.EnableDate != nil {
		m.User, m.EnableDate = types.StringPointerValue(got.User.UserName), types.StringValue(got.EnableDate.Format(time.RFC3339))
	}
	listed, err := k.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: m.ARN.ValueStringPointer(), MaxItems: aws.Int32(1000)})
	if err != nil {
		return err
	}
	tags := tagValues(listed.Tags)
	m.Tags, m.TagsAll = k.ownTags(m.Tags, tags), mapOf(tags)
	return nil
}

func (m *virtualMFADeviceModel) update(ctx context.Context, k *keeper, before *virtualMFADeviceModel) error {
	serial := before.ARN.ValueStringPointer()
	gone, set := tagChanges(ctx, before.TagsAll, m.TagsAll, k.diags)
	if len(gone) > 0 {
		if _, err := k.UntagMFADevice(ctx, &iam.UntagMFADeviceInput{SerialNumber: serial, TagKeys: gone}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := k.TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: serial, Tags: set}); err != nil {
			return err
		}
	}
	if !before.Seed.IsNull() && !m.handedOver(before) {
		var err error
		if m.Seed, m.QRCode = before.Seed, before.QRCode; !m.SecretInState.ValueBool() {
			m.Seed, m.QRCode = types.StringNull(), types.StringNull()
		}
		if m.EncryptedSeed, m.KeyFingerprint, err = m.seal([]byte(before.Seed.ValueString())); err != nil {
			return err
		}
	}
	if m.User.Equal(before.User) {
		return nil
	}
	if err := before.deactivate(ctx, k); err != nil || m.User.IsNull() {
		return err
	}
	return m.enable(ctx, k, before.Seed.ValueString())
}

// deactivate takes the device from its user, if it has one.
func (m *virtualMFADeviceModel) deactivate(ctx context.Context, k *keeper) error {
	if m.User.IsNull() {
		return nil
	}
	_, err := k.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: m.User.ValueStringPointer(), SerialNumber: m.ARN.ValueStringPointer()})
	return unlessMissing(err)
}

// remove deletes the device, after it was deactivated.
func (m *virtualMFADeviceModel) remove(ctx context.Context, k *keeper) error {
	if err := m.deactivate(ctx, k); err != nil {
		return err
	}
	_, err := k.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: m.ARN.ValueStringPointer()})
	return err
}
