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
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/credential"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/seal"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/tagging"
)

func newVirtualMFADeviceResource() resource.Resource {
	return lifecycle.New[virtualMFADeviceModel](lifecycle.Definition[virtualMFADeviceModel]{
		TypeName: "iam_virtual_mfa_device", MovedFrom: "aws_iam_virtual_mfa_device",
		MovesBetweenOwners: true,
		ChangesByCode: map[string]string{
			"user":          needsSeedChange + "; a renamed user changes only this name",
			"age_recipient": needsSeedChange, "pgp_key": needsSeedChange, "secret_in_state": needsSeedChange,
		},
		Schema: virtualMFADeviceSchema, Plan: planVirtualMFADevice,
		Identity: []lifecycle.IdentityAttribute{{Name: "arn", Description: "The ARN of the device, which is its " +
			"serial number."}},
	})
}

const needsSeedChange = "in place if the seed is in the state, otherwise it replaces the device"

type virtualMFADeviceModel struct {
	Name          types.String `tfsdk:"virtual_mfa_device_name"`
	Path          types.String `tfsdk:"path"`
	User          types.String `tfsdk:"user"`
	SecretInState types.Bool   `tfsdk:"secret_in_state"`
	Tags          types.Map    `tfsdk:"tags"`
	seal.Recipient

	TagsAll        types.Map    `tfsdk:"tags_all"`
	ID             types.String `tfsdk:"id"`
	ARN            types.String `tfsdk:"arn"`
	Seed           types.String `tfsdk:"base_32_string_seed"`
	QRCode         types.String `tfsdk:"qr_code_png"`
	EncryptedSeed  types.String `tfsdk:"encrypted_seed"`
	KeyFingerprint types.String `tfsdk:"key_fingerprint"`
	EnableDate     types.String `tfsdk:"enable_date"`
}

func virtualMFADeviceSchema() schema.Schema {
	tags, tagsAll := tagging.Attributes()
	attributes := map[string]schema.Attribute{
		"virtual_mfa_device_name": argument.Replacing(argument.Name("device", 128), "device"),
		"path":                    argument.Replacing(argument.Path("device"), "device"),
		"user": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The name of the user for whom the device is enabled. Without this argument, the device " +
				"is not enabled. Enabling needs the seed: if the seed is not in the state, changing the user creates a new " +
				"device.",
		},
		"secret_in_state": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether `base_32_string_seed` and `qr_code_png` are set. The state " +
				"then contains the seed in clear text. Default `false`. " + withoutSeed,
		},
		"tags":     tags,
		"tags_all": tagsAll,
		"id":       lifecycle.IDAttribute("The ARN."),
		"arn": schema.StringAttribute{Computed: true, MarkdownDescription: "The ARN, which is also the serial number " +
			"of the device. It is known at plan."},
		"base_32_string_seed": sensitive("The seed in base32, if `secret_in_state` is `true`, otherwise null."),
		"qr_code_png": sensitive("The QR code of the seed, a PNG image in base64, if `secret_in_state` " +
			"is `true`, otherwise null."),
		"encrypted_seed": lifecycle.ConstantAttribute("The seed in base32, encrypted to the public key: armored for " +
			"age, in base64 for PGP."),
		"key_fingerprint": lifecycle.ConstantAttribute("The fingerprint of the PGP key."),
		"enable_date": schema.StringAttribute{Computed: true, MarkdownDescription: "When the device was enabled (RFC " +
			"3339), or null if it is not enabled."},
	}
	seal.AddArguments(attributes, withoutSeed)
	return schema.Schema{
		MarkdownDescription: "A virtual MFA device (TOTP, RFC 6238), and the user for whom it is enabled. The " +
			"provider encrypts the seed to a public key; its owner decrypts the seed and adds it to an authenticator. " +
			"Unlike with `aws_iam_virtual_mfa_device`, the state contains the seed only if `secret_in_state` is `true`. " +
			"Without the seed in the state, the provider cannot encrypt the seed again or enable the device for another " +
			"user, so changing the recipient or the user creates a new device.\n\n" +
			"An import cannot read the seed. The configuration of an imported device needs no recipient. The first apply " +
			"that adds one only records it in the state, and the device stays in use; the plan says so. A later change of " +
			"the recipient creates a new device.",
		Attributes: attributes,
	}
}

// withoutSeed ends the descriptions of the arguments whose change needs the seed.
const withoutSeed = "If the seed is not in the state, changing this creates a new device; the first value after an " +
	"import is only recorded."

// sensitive returns a computed, sensitive string attribute that never changes.
func sensitive(description string) schema.StringAttribute {
	out := lifecycle.ConstantAttribute(description)
	out.Sensitive = true
	return out
}

func (m *virtualMFADeviceModel) Describe() string {
	return fmt.Sprintf("virtual MFA device %q", m.ARN.ValueString())
}

// planVirtualMFADevice computes the ARN and plans the delivery of the seed. It replaces the device
// if the change needs a seed that is not in the state.
func planVirtualMFADevice(ctx context.Context, c *lifecycle.Change[virtualMFADeviceModel]) {
	plan, state := c.Plan, c.State
	plan.TagsAll = tagging.WithDefaults(plan.Tags, c.DefaultTags)
	plan.ARN = types.StringUnknown()
	if !plan.Path.IsUnknown() && !plan.Name.IsUnknown() {
		id, err := c.Store.AccountID(ctx)
		if err != nil {
			c.Store.AddError(c.Diags, err)
			return
		}
		plan.ARN = types.StringValue("arn:aws:iam::" + id + ":mfa" + plan.Path.ValueString() + plan.Name.ValueString())
	}
	plan.ID = plan.ARN
	if plan.User.IsNull() {
		plan.EnableDate = types.StringNull()
	}
	if state != nil {
		c.Replace = append(c.Replace, plan.needsSeed(state)...)
	}
	creates := state == nil || len(c.Replace) > 0
	if !plan.hasReceiver() && (creates || !state.Seed.IsNull()) {
		c.Diags.AddError("Seed without a recipient", "The seed of a virtual MFA device is returned only once, when "+
			"it is created, and nobody would receive it. Set age_recipient or pgp_key to encrypt it, or store it in the "+
			"state with secret_in_state = true.")
		return
	}
	if creates {
		return
	}
	plan.planDelivery(state)
	if state.isImported() && plan.hasReceiver() && !c.Planned.Applying() {
		c.Diags.AddWarning(apierror.UpperFirst(state.Describe())+" keeps its seed", "The provider does not know the seed of "+
			"an imported device, so it cannot encrypt the seed or store it. Terraform only records the arguments in the "+
			"state. A later change of age_recipient, pgp_key or secret_in_state creates a new device.")
	}
}

// hasReceiver reports whether anybody receives the seed: the recipient of the encrypted seed, or the
// state.
func (m *virtualMFADeviceModel) hasReceiver() bool {
	return m.HasRecipient() || m.SecretInState.IsUnknown() || m.SecretInState.ValueBool()
}

// isImported reports whether the state describes a device whose seed this resource has not delivered
// and whose receiver it has not recorded. A device that the resource created has a receiver.
func (m *virtualMFADeviceModel) isImported() bool {
	return !m.hasReceiver() && m.Seed.IsNull() && m.EncryptedSeed.IsNull()
}

// sameRecipients reports whether the change keeps the recipients of the seed.
func (m *virtualMFADeviceModel) sameRecipients(before *virtualMFADeviceModel) bool {
	return m.Recipient.Equal(before.Recipient) && m.SecretInState.ValueBool() == before.SecretInState.ValueBool()
}

// needsSeed returns the changed arguments that need the seed, if the state does not contain it. The
// first receiver after an import does not need it, because the state only records this receiver; nor
// does a configuration without a receiver.
func (m *virtualMFADeviceModel) needsSeed(before *virtualMFADeviceModel) (arguments path.Paths) {
	if !before.Seed.IsNull() {
		return nil
	}
	if !m.User.IsNull() && !m.User.Equal(before.User) {
		arguments = append(arguments, path.Root("user"))
	}
	if !before.isImported() && m.hasReceiver() && !m.sameRecipients(before) {
		for name, same := range map[string]bool{
			"age_recipient": m.AgeRecipient.Equal(before.AgeRecipient), "pgp_key": m.PGPKey.Equal(before.PGPKey),
			"secret_in_state": m.SecretInState.Equal(before.SecretInState),
		} {
			if !same {
				arguments = append(arguments, path.Root(name))
			}
		}
	}
	return arguments
}

// planDelivery plans the attributes of the seed and the enable date of a device that is not
// replaced.
func (m *virtualMFADeviceModel) planDelivery(before *virtualMFADeviceModel) {
	switch {
	case m.User.Equal(before.User):
		m.EnableDate = before.EnableDate
	case !m.User.IsNull():
		m.EnableDate = types.StringUnknown()
	}
	m.Seed, m.QRCode, m.EncryptedSeed, m.KeyFingerprint = before.Seed, before.QRCode, before.EncryptedSeed,
		before.KeyFingerprint
	if before.Seed.IsNull() || m.sameRecipients(before) {
		return
	}
	m.EncryptedSeed, m.KeyFingerprint = types.StringUnknown(), types.StringUnknown()
	if !m.SecretInState.ValueBool() && !m.SecretInState.IsUnknown() {
		m.Seed, m.QRCode = types.StringNull(), types.StringNull()
	} else if m.SecretInState.IsUnknown() {
		m.Seed, m.QRCode = types.StringUnknown(), types.StringUnknown()
	}
}

// findDevice returns a virtual MFA device. The API returns a device without a user only in lists.
func findDevice(ctx context.Context, c accountstore.API, serial string) (*iamtypes.VirtualMFADevice, error) {
	devices, err := paging.All(ctx, iam.NewListVirtualMFADevicesPaginator(c, &iam.ListVirtualMFADevicesInput{}),
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

func (m *virtualMFADeviceModel) Identity() map[string]any {
	return map[string]any{"arn": m.ARN.ValueString()}
}

func (m *virtualMFADeviceModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{
		Description: m.Describe(), ID: m.ARN.ValueString(),
		Calls: []string{"CreateVirtualMFADevice", "EnableMFADevice", "DeactivateMFADevice", "ResyncMFADevice",
			"DeleteVirtualMFADevice", "TagMFADevice", "UntagMFADevice"},
	}
}

func (m *virtualMFADeviceModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	created, err := op.CreateVirtualMFADevice(ctx, &iam.CreateVirtualMFADeviceInput{
		VirtualMFADeviceName: m.Name.ValueStringPointer(), Path: m.Path.ValueStringPointer(),
		Tags: tagging.ForAPI(ctx, m.TagsAll, op.Diags),
	})
	if err != nil {
		return err
	}
	m.ARN, m.ID = types.StringPointerValue(created.VirtualMFADevice.SerialNumber),
		types.StringPointerValue(created.VirtualMFADevice.SerialNumber)
	if err := m.deliverSeed(ctx, op, created.VirtualMFADevice); err != nil {
		// Nobody received the seed, so the device is useless.
		return errors.Join(err, apierror.UnlessMissing(m.Remove(ctx, op)))
	}
	return nil
}

// Recover replaces a device by a new one with the same name. Nobody has received the seed of the present one.
func (m *virtualMFADeviceModel) Recover(ctx context.Context, op *lifecycle.Operation) (made bool, err error) {
	present := *m
	if err := present.Read(ctx, op); err != nil {
		return false, err
	}
	if err := present.Remove(ctx, op); err != nil {
		return false, err
	}
	return true, m.Create(ctx, op)
}

// deliverSeed sets the seed in the model, in clear text, encrypted or not at all, as the arguments
// require. It then enables the device for its user.
func (m *virtualMFADeviceModel) deliverSeed(ctx context.Context, op *lifecycle.Operation,
	created *iamtypes.VirtualMFADevice) (err error) {
	m.Seed, m.QRCode, m.EnableDate = types.StringNull(), types.StringNull(), types.StringNull()
	if m.SecretInState.ValueBool() {
		m.Seed = types.StringValue(string(created.Base32StringSeed))
		m.QRCode = types.StringValue(base64.StdEncoding.EncodeToString(created.QRCodePNG))
	}
	if m.EncryptedSeed, m.KeyFingerprint, err = m.Seal(created.Base32StringSeed); err != nil || m.User.IsNull() {
		return err
	}
	return m.enable(ctx, op, string(created.Base32StringSeed))
}

// enable enables the device for its user with two consecutive codes.
func (m *virtualMFADeviceModel) enable(ctx context.Context, op *lifecycle.Operation, seedBase32 string) error {
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(seedBase32, "="))
	if err != nil {
		return errors.New("the seed is not valid base32") // err could contain the seed
	}
	now := op.Now()
	_, err = op.EnableMFADevice(ctx, &iam.EnableMFADeviceInput{
		UserName: m.User.ValueStringPointer(), SerialNumber: m.ARN.ValueStringPointer(),
		AuthenticationCode1: aws.String(credential.Code(seed,
			now.Add(-30*time.Second))), AuthenticationCode2: aws.String(credential.Code(seed, now)),
	})
	if err != nil {
		return err
	}
	got, err := findDevice(ctx, op, m.ARN.ValueString())
	if err == nil && got.EnableDate != nil {
		m.EnableDate = types.StringValue(got.EnableDate.Format(time.RFC3339))
	}
	return err
}

func (m *virtualMFADeviceModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	got, err := findDevice(ctx, op, m.ARN.ValueString())
	if err != nil {
		return err
	}
	imported := m.ID.IsNull()
	_, name, _ := strings.Cut(m.ARN.ValueString(), ":mfa")
	cut := strings.LastIndex(name, "/") + 1
	m.Path, m.Name, m.ID = types.StringValue(name[:cut]), types.StringValue(name[cut:]), m.ARN
	m.User, m.EnableDate = types.StringNull(), types.StringNull()
	if got.User != nil && got.EnableDate != nil {
		m.User, m.EnableDate = types.StringPointerValue(got.User.UserName),
			types.StringValue(got.EnableDate.Format(time.RFC3339))
	}
	listed, err := op.ListMFADeviceTags(ctx, &iam.ListMFADeviceTagsInput{SerialNumber: m.ARN.ValueStringPointer(),
		MaxItems: aws.Int32(1000)})
	if err != nil {
		return err
	}
	tags := tagging.Values(listed.Tags)
	m.Tags, m.TagsAll = tagging.WithoutDefaults(m.Tags, imported, tags, op.DefaultTags), tagging.Map(tags)
	return nil
}

func (m *virtualMFADeviceModel) Update(ctx context.Context, op *lifecycle.Operation,
	before *virtualMFADeviceModel) error {
	serial := before.ARN.ValueStringPointer()
	removed, set := tagging.Changes(ctx, before.TagsAll, m.TagsAll, op.Diags)
	if len(removed) > 0 {
		if _, err := op.UntagMFADevice(ctx, &iam.UntagMFADeviceInput{SerialNumber: serial, TagKeys: removed}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := op.TagMFADevice(ctx, &iam.TagMFADeviceInput{SerialNumber: serial, Tags: set}); err != nil {
			return err
		}
	}
	if !before.Seed.IsNull() && !m.sameRecipients(before) {
		var err error
		if m.Seed, m.QRCode = before.Seed, before.QRCode; !m.SecretInState.ValueBool() {
			m.Seed, m.QRCode = types.StringNull(), types.StringNull()
		}
		if m.EncryptedSeed, m.KeyFingerprint, err = m.Seal([]byte(before.Seed.ValueString())); err != nil {
			return err
		}
	}
	if m.User.Equal(before.User) {
		return nil
	}
	if err := before.deactivate(ctx, op); err != nil || m.User.IsNull() {
		return err
	}
	return m.enable(ctx, op, before.Seed.ValueString())
}

// deactivate deactivates the device if it has a user.
func (m *virtualMFADeviceModel) deactivate(ctx context.Context, op *lifecycle.Operation) error {
	if m.User.IsNull() {
		return nil
	}
	_, err := op.DeactivateMFADevice(ctx, &iam.DeactivateMFADeviceInput{UserName: m.User.ValueStringPointer(),
		SerialNumber: m.ARN.ValueStringPointer()})
	return apierror.UnlessMissing(err)
}

// Remove deactivates and deletes the device.
func (m *virtualMFADeviceModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	if err := m.deactivate(ctx, op); err != nil {
		return err
	}
	_, err := op.DeleteVirtualMFADevice(ctx, &iam.DeleteVirtualMFADeviceInput{SerialNumber: m.ARN.ValueStringPointer()})
	return err
}
