package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func newAccessKeyRotationResource() resource.Resource { return &accessKeyRotationResource{} }

// accessKeyRotationResource is two slots for access keys of a user, and what is due with them. A plan says which step is due,
// if any; an apply takes it. Nothing happens in between: a rotation goes on as often as Terraform is run.
type accessKeyRotationResource struct{ asResource }

var (
	_ resource.ResourceWithConfigure  = (*accessKeyRotationResource)(nil)
	_ resource.ResourceWithModifyPlan = (*accessKeyRotationResource)(nil)
)

type accessKeyRotationModel struct {
	User   types.String `tfsdk:"user"`
	MaxAge types.String `tfsdk:"max_age"`
	Grace  types.String `tfsdk:"grace"`
	Force  types.Bool   `tfsdk:"force"`
	recipient

	Current         types.String `tfsdk:"current_access_key_id"`
	CurrentCreated  types.String `tfsdk:"current_created"`
	CurrentUsed     types.String `tfsdk:"current_last_used"`
	EncryptedSecret types.String `tfsdk:"encrypted_secret"`
	KeyFingerprint  types.String `tfsdk:"key_fingerprint"`
	Previous        types.String `tfsdk:"previous_access_key_id"`
	PreviousStatus  types.String `tfsdk:"previous_status"`
	PreviousUsed    types.String `tfsdk:"previous_last_used"`
	InactiveSince   types.String `tfsdk:"previous_inactive_since"`
	LastStep        types.String `tfsdk:"last_step"`
}

func (r *accessKeyRotationResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "iam_access_key_rotation"
}

func (r *accessKeyRotationResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	tells := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
	}
	attributes := map[string]schema.Attribute{
		"user": schema.StringAttribute{
			Required: true, MarkdownDescription: "The name of the user.", PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"max_age": schema.StringAttribute{Required: true, Validators: []validator.String{isDuration{}}, MarkdownDescription: "How old a key may get before another is made, such as `2160h` for 90 days."},
		"grace": schema.StringAttribute{
			Required: true, Validators: []validator.String{isDuration{}},
			MarkdownDescription: "How long each step waits, such as `72h`: the old key stays active for so long after the new one was made and must not have been used for so long, and then stays inactive for so long before it is deleted.",
		},
		"force": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether an old key is retired although it is still in use, or the new one is not yet. Default `false`.",
		},
		"current_access_key_id":   tells("The id of the key to use."),
		"current_created":         tells("When it was made (RFC 3339)."),
		"current_last_used":       tells("When it was last used (RFC 3339); null for never."),
		"encrypted_secret":        tells("Its secret, sealed to the recipient: armored for age, base64 for PGP."),
		"key_fingerprint":         tells("The fingerprint of the PGP key."),
		"previous_access_key_id":  tells("The id of the key that it takes the place of; null once that is deleted."),
		"previous_status":         tells("`Active` or `Inactive`."),
		"previous_last_used":      tells("When the previous key was last used (RFC 3339); null for never."),
		"previous_inactive_since": tells("Since when the previous key is inactive (RFC 3339)."),
		"last_step":               tells("The step that was taken last, or that a plan is to take."),
	}
	recipientArguments(attributes)
	resp.Schema = schema.Schema{
		MarkdownDescription: "An access key that is replaced when it gets old, without an interruption: a new key is made beside the old one and handed over; once it was seen in use, the old one is made inactive, and later deleted. " +
			"Each run of Terraform takes the step that is due, if one is, and plans nothing otherwise: run it on a schedule.\n\n" +
			"Hand the secret of `current_access_key_id` on with the ephemeral resource `iam_access_key_secret`, or have it sealed to a recipient.",
		Attributes: attributes,
	}
}

// isDuration checks a duration in Go's form.
type isDuration struct{}

func (isDuration) Description(context.Context) string {
	return "must be a duration, such as 72h or 90m"
}
func (v isDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (v isDuration) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if d, err := time.ParseDuration(req.ConfigValue.ValueString()); err != nil || d <= 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Not a duration", fmt.Sprintf("%q %s.", req.ConfigValue.ValueString(), v.Description(ctx)))
	}
}

func (m *accessKeyRotationModel) what() string {
	return fmt.Sprintf("access key rotation of user %q", m.User.ValueString())
}

// The steps of a rotation.
const (
	stepMake   = "make a key"
	stepRetire = "make inactive "
	stepDelete = "delete "
)

// due is the step that is due, empty for none, and why a step that it is time for has to wait.
func (m *accessKeyRotationModel) due(now time.Time) (step, waits string) {
	maxAge, _ := time.ParseDuration(m.MaxAge.ValueString()) // checked by the schema
	grace, _ := time.ParseDuration(m.Grace.ValueString())
	since := func(text types.String) time.Duration {
		at, err := time.Parse(time.RFC3339, text.ValueString())
		if err != nil {
			return 0
		}
		return now.Sub(at)
	}
	previous := m.Previous.ValueString()
	switch {
	case m.Current.IsNull():
		return stepMake, ""
	case m.Previous.IsNull():
		if since(m.CurrentCreated) >= maxAge {
			return stepMake, ""
		}
		return "", ""
	case m.PreviousStatus.ValueString() == string(iamtypes.StatusTypeActive):
		switch {
		case since(m.CurrentCreated) < grace:
			return "", ""
		case m.Force.ValueBool():
		case m.CurrentUsed.IsNull():
			return "", fmt.Sprintf("The new key %s was never used, so that the old key %s stays active. Hand the new one over, or retire the old one with force = true.", m.Current.ValueString(), previous)
		case !m.PreviousUsed.IsNull() && since(m.PreviousUsed) < grace:
			return "", fmt.Sprintf("The old key %s was last used at %s, less than %s ago, so that it stays active. Find who uses it (iam audit list), or retire it with force = true.", previous, m.PreviousUsed.ValueString(), grace)
		}
		return stepRetire + previous, ""
	case since(m.InactiveSince) >= grace:
		return stepDelete + previous, ""
	}
	return "", ""
}

func (r *accessKeyRotationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil || req.Plan.Raw.IsNull() {
		return
	}
	plan, state := planned[accessKeyRotationModel](ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if state == nil || len(resp.RequiresReplace) > 0 {
		plan.LastStep = types.StringValue(stepMake)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
		return
	}
	if _, ok := r.home(ctx, state.what(), req.Private, &resp.Diagnostics); !ok {
		return
	}
	reseals := !plan.equal(state.recipient)
	state.MaxAge, state.Grace, state.Force = plan.MaxAge, plan.Grace, plan.Force
	step, waits := state.due(r.now())
	if waits != "" {
		resp.Diagnostics.AddWarning("The "+state.what()+" has to wait", waits)
	}
	unknown := types.StringUnknown()
	switch {
	case step == stepMake:
		plan.Current, plan.CurrentCreated, plan.EncryptedSecret, plan.KeyFingerprint = unknown, unknown, unknown, unknown
		plan.CurrentUsed = types.StringNull()
		plan.Previous, plan.PreviousUsed, plan.PreviousStatus = state.Current, state.CurrentUsed, types.StringNull()
		if !state.Current.IsNull() {
			plan.PreviousStatus = types.StringValue(string(iamtypes.StatusTypeActive))
		}
	case strings.HasPrefix(step, stepRetire):
		plan.PreviousStatus, plan.InactiveSince = types.StringValue(string(iamtypes.StatusTypeInactive)), unknown
	case strings.HasPrefix(step, stepDelete):
		plan.Previous, plan.PreviousStatus, plan.PreviousUsed, plan.InactiveSince = types.StringNull(), types.StringNull(), types.StringNull(), types.StringNull()
	}
	if step != "" {
		plan.LastStep = types.StringValue(step)
	}
	if reseals {
		plan.EncryptedSecret, plan.KeyFingerprint = unknown, unknown
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// makeKey makes a key, the old one staying beside it.
func (m *accessKeyRotationModel) makeKey(ctx context.Context, c api) error {
	made, err := c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: m.User.ValueStringPointer()})
	var full *iamtypes.LimitExceededException
	if errors.As(err, &full) {
		return fmt.Errorf("%w: a rotation needs both keys that a user may have, and there is another one that is not of this rotation", err)
	}
	if err != nil {
		return err
	}
	m.Current, m.CurrentCreated = types.StringPointerValue(made.AccessKey.AccessKeyId), types.StringValue(made.AccessKey.CreateDate.Format(time.RFC3339))
	m.CurrentUsed = types.StringNull()
	m.EncryptedSecret, m.KeyFingerprint, err = m.seal([]byte(*made.AccessKey.SecretAccessKey))
	return err
}

func (r *accessKeyRotationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.applying()
	plan, ok := read[accessKeyRotationModel](ctx, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	c, ok := r.toCreate(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	if err := plan.makeKey(ctx, c); err != nil {
		failed(&resp.Diagnostics, "beginning the "+plan.what(), err)
		return
	}
	plan.Previous, plan.PreviousStatus, plan.PreviousUsed, plan.InactiveSince = types.StringNull(), types.StringNull(), types.StringNull(), types.StringNull()
	plan.LastStep = types.StringValue(stepMake)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	r.settled(ctx, plan.User.ValueString(), resp.Private, &resp.Diagnostics)
}

func (r *accessKeyRotationResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.planned.reading()
	state, ok := read[accessKeyRotationModel](ctx, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	c, ok := r.existing(ctx, state.what(), req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	state.look(ctx, c, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if state.Current.IsNull() && state.Previous.IsNull() {
		resp.State.RemoveResource(ctx)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// look finds out what became of the two keys.
func (m *accessKeyRotationModel) look(ctx context.Context, c api, diags *diag.Diagnostics) {
	null := types.StringNull()
	find := func(id types.String) (key *iamtypes.AccessKeyMetadata, used types.String) {
		if id.IsNull() {
			return nil, null
		}
		key, err := accessKey(ctx, c, m.User.ValueString(), id.ValueString())
		if isMissing(err) {
			return nil, null
		}
		if err == nil {
			var last *iam.GetAccessKeyLastUsedOutput
			if last, err = c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: key.AccessKeyId}); err == nil && last.AccessKeyLastUsed.LastUsedDate != nil {
				used = types.StringValue(last.AccessKeyLastUsed.LastUsedDate.Format(time.RFC3339))
			}
		}
		if err != nil {
			failed(diags, "reading the "+m.what(), err)
		}
		return key, used
	}
	current, used := find(m.Current)
	m.CurrentUsed = used
	if current == nil {
		m.Current, m.CurrentCreated, m.EncryptedSecret, m.KeyFingerprint = null, null, null, null
	}
	previous, used := find(m.Previous)
	m.PreviousUsed = used
	if previous == nil {
		m.Previous, m.PreviousStatus, m.InactiveSince = null, null, null
		return
	}
	m.PreviousStatus = types.StringValue(string(previous.Status))
}

func (r *accessKeyRotationResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.planned.applying()
	plan, ok1 := read[accessKeyRotationModel](ctx, req.Plan, &resp.Diagnostics)
	state, ok2 := read[accessKeyRotationModel](ctx, req.State, &resp.Diagnostics)
	if !ok1 || !ok2 {
		return
	}
	e, ok := r.home(ctx, state.what(), req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	c := e.As(r.store.caller)
	user := plan.User.ValueStringPointer()
	step := ""
	if plan.Current.IsUnknown() || !plan.PreviousStatus.Equal(state.PreviousStatus) {
		step = plan.LastStep.ValueString()
	}
	var err error
	switch {
	case step == stepMake:
		err = plan.makeKey(ctx, c)
	case strings.HasPrefix(step, stepRetire):
		_, err = c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: user, AccessKeyId: state.Previous.ValueStringPointer(), Status: iamtypes.StatusTypeInactive})
		plan.InactiveSince = types.StringValue(r.now().UTC().Format(time.RFC3339))
	case strings.HasPrefix(step, stepDelete):
		_, err = c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: user, AccessKeyId: state.Previous.ValueStringPointer()})
		err = unlessMissing(err)
	}
	if err == nil && step != stepMake && !plan.equal(state.recipient) {
		var secret string
		if secret, err = c.RevealAccessKey(ctx, *user, plan.Current.ValueString()); err == nil {
			plan.EncryptedSecret, plan.KeyFingerprint, err = plan.seal([]byte(secret))
		}
	}
	if err != nil {
		failed(&resp.Diagnostics, "taking a step of the "+state.what(), err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	r.settled(ctx, plan.User.ValueString(), resp.Private, &resp.Diagnostics)
}

func (r *accessKeyRotationResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.planned.applying()
	state, ok := read[accessKeyRotationModel](ctx, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	c, ok := r.existing(ctx, state.what(), req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	for _, id := range []types.String{state.Previous, state.Current} {
		if id.IsNull() {
			continue
		}
		if _, err := c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: state.User.ValueStringPointer(), AccessKeyId: id.ValueStringPointer()}); err != nil && !isMissing(err) {
			failed(&resp.Diagnostics, "ending the "+state.what(), err)
		}
	}
}
