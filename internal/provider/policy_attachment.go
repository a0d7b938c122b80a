package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// policyAttachment is one managed policy attached to one user, group or role, and says nothing of other attachments.
type policyAttachment struct{ hanging }

var (
	_ resource.ResourceWithConfigure   = (*policyAttachment)(nil)
	_ resource.ResourceWithModifyPlan  = (*policyAttachment)(nil)
	_ resource.ResourceWithImportState = (*policyAttachment)(nil)
	_ resource.ResourceWithIdentity    = (*policyAttachment)(nil)
	_ resource.ResourceWithMoveState   = (*policyAttachment)(nil)
)

func newPolicyAttachment(of holder) resource.Resource {
	return &policyAttachment{hanging{of: of}}
}

func (r *policyAttachment) typeName() string { return "iam_" + r.of.name + "_policy_attachment" }

func (r *policyAttachment) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName()
}

func (r *policyAttachment) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	resp.Schema = schema.Schema{
		MarkdownDescription: fmt.Sprintf("Attaches one managed policy to a %s. Other attachments are left alone; `iam_%[1]s_policy_attachments_exclusive` owns them all.", r.of.name),
		Attributes: map[string]schema.Attribute{
			r.of.name:    schema.StringAttribute{Required: true, PlanModifiers: replaces, MarkdownDescription: fmt.Sprintf("The name of the %s.", r.of.name)},
			"policy_arn": schema.StringAttribute{Required: true, PlanModifiers: replaces, Validators: policyARNIs(), MarkdownDescription: "The ARN of the policy."},
			"id":         idAttribute(fmt.Sprintf("The name of the %s and the policy's ARN, with a slash between.", r.of.name)),
		},
	}
}

func (r *policyAttachment) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityOf(r.of.name, "policy_arn")
}

func (r *policyAttachment) MoveState(context.Context) []resource.StateMover {
	return movedFromAWS("aws_" + r.typeName())
}

func (r *policyAttachment) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importBy(ctx, req, resp, splitAt("/", r.of.name+"/arn:aws:iam::123456789012:policy/name"), r.of.name, "policy_arn")
}

func (r *policyAttachment) what(name, arn types.String) string {
	return fmt.Sprintf("attachment of %s to %s %q", arn.ValueString(), r.of.name, name.ValueString())
}

func (r *policyAttachment) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil {
		return
	}
	diags := &resp.Diagnostics
	var edits []account.Edit
	key := r.typeName() + " "
	if exists := !req.State.Raw.IsNull(); exists {
		name, arn := textOf(ctx, req.State, r.of.name, diags), textOf(ctx, req.State, "policy_arn", diags)
		if _, ok := r.home(ctx, r.what(name, arn), req.Private, diags); !ok {
			return
		}
		key += attachmentID(name, arn).ValueString()
		edits = append(edits, account.Detach{Kind: r.of.kind, Name: name.ValueString(), ARNs: []string{arn.ValueString()}})
	}
	if req.Plan.Raw.IsNull() {
		diags.Append(r.planned.remove(key, edits...)...)
		return
	}
	name, arn := textOf(ctx, req.Plan, r.of.name, diags), textOf(ctx, req.Plan, "policy_arn", diags)
	id := attachmentID(name, arn)
	put(ctx, &resp.Plan, "id", id, diags)
	exists := len(edits) > 0
	if !exists {
		key += "new " + id.String()
	}
	edit := account.Attach{Kind: r.of.kind, Name: name.ValueString(), UnknownName: name.IsUnknown(), UnknownARN: arn.IsUnknown()}
	if !arn.IsUnknown() {
		edit.ARNs = []string{arn.ValueString()}
	}
	// One that stays as it is is detached and attached; one that is replaced is not what it was.
	diags.Append(r.planned.put(key, exists, append(edits, edit)...)...)
}

func attachmentID(name, arn types.String) types.String {
	if name.IsUnknown() || arn.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(name.ValueString() + "/" + arn.ValueString())
}

func (r *policyAttachment) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	name, arn := textOf(ctx, req.Plan, r.of.name, diags), textOf(ctx, req.Plan, "policy_arn", diags)
	c, ok := r.toCreate(ctx, diags)
	if !ok || diags.HasError() {
		return
	}
	if err := r.of.attach(ctx, c, name.ValueStringPointer(), arn.ValueStringPointer()); err != nil {
		failed(diags, "making the "+r.what(name, arn), err)
		return
	}
	resp.State.Raw = req.Plan.Raw
	put(ctx, &resp.State, "id", attachmentID(name, arn), diags)
	r.setIdentity(ctx, resp.Identity, map[string]string{r.of.name: name.ValueString(), "policy_arn": arn.ValueString()}, diags)
	r.settled(ctx, arn.ValueString(), resp.Private, diags)
}

func (r *policyAttachment) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.planned.reading()
	diags := &resp.Diagnostics
	name, arn := textOf(ctx, req.State, r.of.name, diags), textOf(ctx, req.State, "policy_arn", diags)
	what := r.what(name, arn)
	c, ok := r.existing(ctx, what, req.Private, diags)
	if !ok || diags.HasError() {
		return
	}
	r.setIdentity(ctx, resp.Identity, map[string]string{r.of.name: name.ValueString(), "policy_arn": arn.ValueString()}, diags) // also for one that is gone
	attached, err := r.of.attached(ctx, c, name.ValueStringPointer())
	if unlessMissing(err) != nil {
		failed(diags, "reading the "+what, err)
		return
	}
	if !slices.Contains(attached, arn.ValueString()) {
		r.drift(ctx, r.callsNaming(ctx, c, what, name.ValueString(), []string{"Detach" + r.of.title + "Policy"}, "policyArn", arn.ValueString()), req.Private, resp.Private, diags)
		resp.State.RemoveResource(ctx)
		return
	}
	put(ctx, &resp.State, "id", attachmentID(name, arn), diags)
	if _, known := readProvenance(ctx, req.Private, diags); !known {
		r.settled(ctx, arn.ValueString(), resp.Private, diags)
	}
}

// Update has nothing to do: another argument makes another attachment.
func (r *policyAttachment) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {
}

func (r *policyAttachment) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	name, arn := textOf(ctx, req.State, r.of.name, diags), textOf(ctx, req.State, "policy_arn", diags)
	c, ok := r.existing(ctx, r.what(name, arn), req.Private, diags)
	if !ok || diags.HasError() {
		return
	}
	if err := r.of.detach(ctx, c, name.ValueStringPointer(), arn.ValueStringPointer()); err != nil && !isMissing(err) {
		failed(diags, "ending the "+r.what(name, arn), err)
	}
}
