package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/seal"
)

func newAccessKeyRotationResource() resource.Resource {
	return lifecycle.New[accessKeyRotationModel](lifecycle.Definition[accessKeyRotationModel]{
		TypeName: "iam_access_key_rotation", Schema: accessKeyRotationSchema, Plan: planAccessKeyRotation,
		Identity: []lifecycle.IdentityAttribute{{Name: "user", Description: "The name of the user whose keys are " +
			"rotated."}},
	})
}

type accessKeyRotationModel struct {
	User   types.String `tfsdk:"user"`
	MaxAge types.String `tfsdk:"max_age"`
	Grace  types.String `tfsdk:"grace"`
	Force  types.Bool   `tfsdk:"force"`
	seal.Recipient

	Current         types.String `tfsdk:"current_access_key_id"`
	CurrentCreated  types.String `tfsdk:"current_created"`
	CurrentStatus   types.String `tfsdk:"current_status"`
	CurrentUsed     types.String `tfsdk:"current_last_used"`
	EncryptedSecret types.String `tfsdk:"encrypted_secret"`
	KeyFingerprint  types.String `tfsdk:"key_fingerprint"`
	Previous        types.String `tfsdk:"previous_access_key_id"`
	PreviousStatus  types.String `tfsdk:"previous_status"`
	PreviousUsed    types.String `tfsdk:"previous_last_used"`
	InactiveSince   types.String `tfsdk:"previous_inactive_since"`
	LastStep        types.String `tfsdk:"last_step"`
	ID              types.String `tfsdk:"id"`
}

func accessKeyRotationSchema() schema.Schema {
	computedText := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description,
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
	}
	attributes := map[string]schema.Attribute{
		"user": schema.StringAttribute{
			Required: true, MarkdownDescription: lifecycle.OwnerDescription("user", "creates a new rotation with new keys"),
		},
		"max_age": schema.StringAttribute{Required: true, Validators: []validator.String{argument.Duration()},
			MarkdownDescription: "The age at which the current key is replaced, such as `2160h` for 90 days."},
		"grace": schema.StringAttribute{
			Required: true, Validators: []validator.String{argument.Duration()},
			MarkdownDescription: "The waiting time of each step, such as `72h`. The old key becomes inactive when the " +
				"new key is at least this old and the old key was not used for this long. It is deleted after it was " +
				"inactive for this long.",
		},
		"force": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether the old key becomes inactive even if it is still in use or the new key is not " +
				"in use yet. Default `false`.",
		},
		"current_access_key_id": computedText("The id of the current key, which applications use."),
		"current_created":       computedText("When the current key was created (RFC 3339)."),
		"current_status": computedText("The status of the current key: `Active`, or `Inactive` if somebody " +
			"deactivated it. The rotation then waits until the key is active again or is deleted; a deleted key is replaced."),
		"current_last_used": computedText("When the current key was last used (RFC 3339), or null if it was never used."),
		"encrypted_secret": computedText("The secret of the current key, encrypted to the public key: armored for " +
			"age, in base64 for PGP."),
		"key_fingerprint": computedText("The fingerprint of the PGP key."),
		"previous_access_key_id": computedText("The id of the previous key, which the current key replaces, or null " +
			"after it was deleted."),
		"previous_status": computedText("The status of the previous key: `Active` or `Inactive`."),
		"previous_last_used": computedText("When the previous key was last used (RFC 3339), or null if it was " +
			"never used."),
		"previous_inactive_since": computedText("When the previous key became inactive (RFC 3339)."),
		"last_step":               computedText("The last step of the rotation or, in a plan, the next step."),
		"id":                      lifecycle.IDAttribute("The name of the user."),
	}
	seal.AddArguments(attributes)
	return schema.Schema{
		MarkdownDescription: "An access key that is replaced without an interruption when it gets old. The rotation " +
			"creates a new key beside the old one. When the new key is in use, the rotation deactivates the old key, and " +
			"later deletes it. Each run of Terraform takes the step that is due, and plans no change if none is due. Run " +
			"Terraform on a schedule.\n\n" +
			"Read the secret of `current_access_key_id` with the ephemeral resource `iam_access_key_secret`, or encrypt it " +
			"to a public key.\n\nAn import adopts the existing keys of the user: the newest active key becomes the current " +
			"one. It cannot know `max_age` and `grace`, and sets both to `" + importedDuration + "`, so that no step is due. " +
			"The first apply that changes an argument after an import only records it in the state; steps are due from " +
			"the next run on.",
		Attributes: attributes,
	}
}

func (m *accessKeyRotationModel) Describe() string {
	return fmt.Sprintf("access key rotation of user %q", m.User.ValueString())
}

// The steps of a rotation.
const (
	stepCreate     = "make a key"
	stepDeactivate = "make inactive "
	stepDelete     = "delete "
	stepAdopt      = "adopt the existing keys" // the first change after an import
)

// importedDuration is the value of max_age and grace after an import: a hundred years.
const importedDuration = "876000h"

// nextStep returns the step that is due, or "" for none. If something other than time delays the
// next step, obstacle describes it.
func (m *accessKeyRotationModel) nextStep(now time.Time) (step, obstacle string) {
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
		return stepCreate, ""
	case m.CurrentStatus.ValueString() == string(iamtypes.StatusTypeInactive):
		return "", fmt.Sprintf("The current key %[1]s was deactivated outside Terraform. Activate it again, or delete "+
			"it (iam api DeleteAccessKey UserName=%[2]s AccessKeyId=%[1]s); the rotation then creates a new key.",
			m.Current.ValueString(), m.User.ValueString())
	case m.Previous.IsNull():
		if since(m.CurrentCreated) >= maxAge {
			return stepCreate, ""
		}
		return "", ""
	case m.PreviousStatus.ValueString() == string(iamtypes.StatusTypeActive):
		switch {
		case since(m.CurrentCreated) < grace:
			return "", ""
		case m.Force.ValueBool():
		case m.CurrentUsed.IsNull():
			return "", fmt.Sprintf("The new key %s was never used, so the old key %s stays active. Give the new key to "+
				"the applications, or deactivate the old key with force = true.", m.Current.ValueString(), previous)
		case !m.PreviousUsed.IsNull() && since(m.PreviousUsed) < grace:
			return "", fmt.Sprintf("The old key %s was last used at %s, less than %s ago, so it stays active. Find the "+
				"applications that use it (iam audit list), or deactivate it with force = true.", previous,
				m.PreviousUsed.ValueString(), grace)
		}
		return stepDeactivate + previous, ""
	case since(m.InactiveSince) >= grace:
		return stepDelete + previous, ""
	}
	return "", ""
}

// planAccessKeyRotation plans the step that is due.
func planAccessKeyRotation(_ context.Context, c *lifecycle.Change[accessKeyRotationModel]) {
	plan, state := c.Plan, c.State
	plan.ID = plan.User
	if state == nil || len(c.Replace) > 0 {
		plan.LastStep = types.StringValue(stepCreate)
		return
	}
	recipientChanges := !plan.Recipient.Equal(state.Recipient)
	if state.LastStep.IsNull() {
		plan.planAdoption(c)
		return
	}
	state.MaxAge, state.Grace, state.Force = plan.MaxAge, plan.Grace, plan.Force
	if plan.MaxAge.IsUnknown() || plan.Grace.IsUnknown() || plan.Force.IsUnknown() {
		plan.setStepsUnknown() // the next step depends on these arguments
		return
	}
	step, obstacle := state.nextStep(c.Now())
	if obstacle != "" {
		c.Diags.AddWarning(apierror.UpperFirst(state.Describe())+" has to wait", obstacle)
	}
	unknown, null := types.StringUnknown(), types.StringNull()
	switch {
	case step == stepCreate:
		if !state.Current.IsNull() { // without a current key, the previous key stays and is deactivated later
			plan.Previous, plan.PreviousStatus, plan.PreviousUsed = state.Current, state.CurrentStatus,
				state.CurrentUsed
		}
		plan.Current, plan.CurrentCreated, plan.EncryptedSecret, plan.KeyFingerprint = unknown, unknown, unknown,
			unknown
		plan.CurrentStatus, plan.CurrentUsed = types.StringValue(string(iamtypes.StatusTypeActive)), null
	case strings.HasPrefix(step, stepDeactivate):
		plan.PreviousStatus, plan.InactiveSince = types.StringValue(string(iamtypes.StatusTypeInactive)), unknown
	case strings.HasPrefix(step, stepDelete):
		plan.Previous, plan.PreviousStatus, plan.PreviousUsed, plan.InactiveSince = null, null, null, null
	}
	if step != "" {
		plan.LastStep = types.StringValue(step)
	}
	if recipientChanges {
		plan.EncryptedSecret, plan.KeyFingerprint = unknown, unknown
	}
}

// planAdoption plans the first change after an import. It records the arguments, and takes no step.
func (m *accessKeyRotationModel) planAdoption(c *lifecycle.Change[accessKeyRotationModel]) {
	state := c.State
	adopted := *state
	adopted.MaxAge, adopted.Grace, adopted.Force, adopted.Recipient = m.MaxAge, m.Grace, m.Force, m.Recipient
	if adopted != *state {
		adopted.LastStep = types.StringValue(stepAdopt)
	}
	*m = adopted
	if c.Planned.Applying() {
		return
	}
	never := types.StringValue(importedDuration)
	switch step, _ := adopted.nextStep(c.Now()); {
	case m.MaxAge.Equal(never) && m.Grace.Equal(never):
		c.Diags.AddWarning(apierror.UpperFirst(state.Describe())+" takes no step until you set max_age and grace",
			"The account does not contain these arguments, so the import set both to "+importedDuration+".")
	case step != "":
		c.Diags.AddWarning(apierror.UpperFirst(state.Describe())+" only adopts the existing keys now",
			"The next run of Terraform takes the step that is due: "+step+".")
	}
}

// setStepsUnknown plans unknown values for the attributes that a step may change.
func (m *accessKeyRotationModel) setStepsUnknown() {
	for _, attribute := range []*types.String{
		&m.Current, &m.CurrentCreated, &m.CurrentStatus, &m.CurrentUsed, &m.EncryptedSecret, &m.KeyFingerprint,
		&m.Previous, &m.PreviousStatus, &m.PreviousUsed, &m.InactiveSince, &m.LastStep,
	} {
		*attribute = types.StringUnknown()
	}
}

func (m *accessKeyRotationModel) Identity() map[string]any {
	return map[string]any{"user": m.User.ValueString()}
}

func (m *accessKeyRotationModel) AuditSubject(ctx context.Context, op *lifecycle.Operation) lifecycle.AuditSubject {
	ids := []string{m.Current.ValueString(), m.Previous.ValueString()} // Read forgets deleted keys
	return lifecycle.AuditSubject{
		Description: m.Describe(), ID: policyowner.Users.AuditID(ctx, op, m.User.ValueString()),
		Calls: []string{"UpdateAccessKey",
			"DeleteAccessKey"},
		About: func(event audit.Event) bool {
			id, _ := event.RequestParameters["accessKeyId"].(string)
			return id != "" && slices.Contains(ids, id)
		},
	}
}

// createKey creates a key. The old key stays.
func (m *accessKeyRotationModel) createKey(ctx context.Context, c accountstore.API) error {
	created, err := c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: m.User.ValueStringPointer()})
	var limitExceeded *iamtypes.LimitExceededException
	if errors.As(err, &limitExceeded) {
		return fmt.Errorf("%w: a rotation needs both of the access keys that a user may have, but the user has a key that "+
			"this rotation does not manage; delete that key", err)
	}
	if err != nil {
		return err
	}
	m.Current, m.CurrentCreated = types.StringPointerValue(created.AccessKey.AccessKeyId),
		types.StringValue(created.AccessKey.CreateDate.Format(time.RFC3339))
	m.CurrentStatus, m.CurrentUsed = types.StringValue(string(created.AccessKey.Status)), types.StringNull()
	if m.EncryptedSecret, m.KeyFingerprint, err = m.Seal([]byte(*created.AccessKey.SecretAccessKey)); err != nil {
		// Nobody received the secret, so the key is useless. It would also block the next attempt.
		return errors.Join(err, apierror.UnlessMissing(m.deleteKey(ctx, c, m.Current)))
	}
	return nil
}

func (m *accessKeyRotationModel) deleteKey(ctx context.Context, c accountstore.API, id types.String) error {
	_, err := c.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{UserName: m.User.ValueStringPointer(),
		AccessKeyId: id.ValueStringPointer()})
	return err
}

func (m *accessKeyRotationModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	null := types.StringNull()
	m.Previous, m.PreviousStatus, m.PreviousUsed, m.InactiveSince = null, null, null, null
	m.LastStep, m.ID = types.StringValue(stepCreate), m.User
	if err := op.DeleteLeftBehindKeys(ctx, m.User.ValueString()); err != nil {
		return err
	}
	return m.createKey(ctx, op)
}

func (m *accessKeyRotationModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	m.ID = m.User
	keys, err := accessKeysOf(ctx, op, m.User.ValueString())
	if err != nil {
		return err
	}
	if m.MaxAge.IsNull() { // imported
		m.adopt(keys)
	}
	if err := m.refreshKeys(ctx, op, keys); err != nil {
		return err
	}
	if m.Current.IsNull() && m.Previous.IsNull() {
		return &iamtypes.NoSuchEntityException{Message: aws.String("The user " + m.User.ValueString() +
			" has no access key of the rotation.")}
	}
	return nil
}

// adopt sets the keys of an import. The current key is the newest active key or, if no key is
// active, the newest key.
func (m *accessKeyRotationModel) adopt(keys []iamtypes.AccessKeyMetadata) {
	m.MaxAge, m.Grace, m.Force = types.StringValue(importedDuration), types.StringValue(importedDuration),
		types.BoolValue(false)
	keys = slices.SortedFunc(slices.Values(keys), func(a, b iamtypes.AccessKeyMetadata) int {
		inactive := func(key iamtypes.AccessKeyMetadata) int {
			if key.Status == iamtypes.StatusTypeActive {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(inactive(a), inactive(b)), b.CreateDate.Compare(*a.CreateDate))
	})
	for i, slot := range []*types.String{&m.Current, &m.Previous} {
		if i < len(keys) {
			*slot = types.StringPointerValue(keys[i].AccessKeyId)
		}
	}
}

// refreshKeys sets the attributes of the current and the previous key from the keys of the user.
func (m *accessKeyRotationModel) refreshKeys(ctx context.Context, op *lifecycle.Operation,
	keys []iamtypes.AccessKeyMetadata) error {
	null := types.StringNull()
	find := func(id types.String) (key *iamtypes.AccessKeyMetadata, used types.String, err error) {
		at := slices.IndexFunc(keys,
			func(key iamtypes.AccessKeyMetadata) bool { return *key.AccessKeyId == id.ValueString() })
		if at < 0 {
			return nil, null, nil
		}
		last, err := op.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: keys[at].AccessKeyId})
		if err == nil && last.AccessKeyLastUsed.LastUsedDate != nil {
			used = types.StringValue(last.AccessKeyLastUsed.LastUsedDate.Format(time.RFC3339))
		}
		return &keys[at], used, err
	}
	current, used, err := find(m.Current)
	if err != nil {
		return err
	}
	if m.CurrentUsed = used; current == nil {
		m.Current, m.CurrentCreated, m.CurrentStatus, m.EncryptedSecret, m.KeyFingerprint = null, null, null, null, null
	} else {
		m.CurrentCreated, m.CurrentStatus = types.StringValue(current.CreateDate.Format(time.RFC3339)),
			types.StringValue(string(current.Status))
	}
	previous, used, err := find(m.Previous)
	if err != nil {
		return err
	}
	m.PreviousUsed = used
	switch {
	case previous == nil:
		m.Previous, m.PreviousStatus, m.InactiveSince = null, null, null
		return nil
	case previous.Status == iamtypes.StatusTypeActive:
		m.InactiveSince = null
	case m.InactiveSince.IsNull(): // deactivated outside Terraform
		m.InactiveSince, err = m.inactiveSince(ctx, op)
	}
	m.PreviousStatus = types.StringValue(string(previous.Status))
	return err
}

// inactiveSince returns the time when the previous key became inactive, according to the audit
// trail.
func (m *accessKeyRotationModel) inactiveSince(ctx context.Context, op *lifecycle.Operation) (since types.String,
	err error) {
	since = types.StringValue(op.Now().UTC().Format(time.RFC3339)) // if the audit trail does not show it
	changes, _, err := accountstore.Changes(ctx, op, policyowner.Users.AuditID(ctx, op, m.User.ValueString()), 0)
	for _, event := range changes {
		if event.EventName == "UpdateAccessKey" && event.RequestParameters["accessKeyId"] == m.Previous.ValueString() &&
			event.RequestParameters["status"] == string(iamtypes.StatusTypeInactive) {
			since = types.StringValue(event.EventTime.UTC().Format(time.RFC3339))
		}
	}
	return since, err
}

func (m *accessKeyRotationModel) Update(ctx context.Context, op *lifecycle.Operation,
	before *accessKeyRotationModel) error {
	step := ""
	if m.Current.IsUnknown() || !m.PreviousStatus.Equal(before.PreviousStatus) {
		step = m.LastStep.ValueString()
	}
	if step == stepCreate {
		if err := op.DeleteLeftBehindKeys(ctx, m.User.ValueString(), before.Current, before.Previous); err != nil {
			return err
		}
		return m.createKey(ctx, op)
	}
	if step != "" {
		if err := m.retireKey(ctx, op, *before, step); err != nil {
			return err
		}
	}
	if m.Recipient.Equal(before.Recipient) || before.LastStep.IsNull() {
		return nil
	}
	secret, err := accountstore.Secret(ctx, op, m.User.ValueString(), m.Current.ValueString())
	if err == nil {
		m.EncryptedSecret, m.KeyFingerprint, err = m.Seal([]byte(secret))
	}
	return err
}

// retireKey deactivates or deletes the previous key. It fails if the key was used or changed after
// the plan.
func (m *accessKeyRotationModel) retireKey(ctx context.Context, op *lifecycle.Operation, now accessKeyRotationModel,
	step string) error {
	old := now.Previous
	keys, err := accessKeysOf(ctx, op, m.User.ValueString())
	if err == nil {
		now.MaxAge, now.Grace, now.Force = m.MaxAge, m.Grace, m.Force
		err = now.refreshKeys(ctx, op, keys)
	}
	if err != nil {
		return err
	}
	deletes := strings.HasPrefix(step, stepDelete)
	if deletes && now.Previous.IsNull() {
		return nil
	}
	switch due, obstacle := now.nextStep(op.Now()); {
	case obstacle != "":
		return errors.New("the planned step, " + step + ", is no longer due: " + obstacle)
	case due != step:
		return errors.New("the planned step, " + step +
			", is no longer due, because the keys were changed outside Terraform: plan again")
	case deletes:
		return apierror.UnlessMissing(m.deleteKey(ctx, op, old))
	}
	m.InactiveSince = types.StringValue(op.Now().UTC().Format(time.RFC3339))
	_, err = op.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: m.User.ValueStringPointer(),
		AccessKeyId: old.ValueStringPointer(), Status: iamtypes.StatusTypeInactive})
	return err
}

func (m *accessKeyRotationModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	for _, id := range []types.String{m.Previous, m.Current} {
		if id.IsNull() {
			continue
		}
		if err := apierror.UnlessMissing(m.deleteKey(ctx, op, id)); err != nil {
			return err
		}
	}
	return nil
}
