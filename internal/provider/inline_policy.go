package provider

import (
	"context"
	"fmt"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// inlinePolicy is a policy that belongs to one user, group or role.
type inlinePolicy struct{ hanging }

var (
	_ resource.ResourceWithConfigure   = (*inlinePolicy)(nil)
	_ resource.ResourceWithModifyPlan  = (*inlinePolicy)(nil)
	_ resource.ResourceWithImportState = (*inlinePolicy)(nil)
	_ resource.ResourceWithIdentity    = (*inlinePolicy)(nil)
	_ resource.ResourceWithMoveState   = (*inlinePolicy)(nil)
)

func newInlinePolicy(of holder) resource.Resource { return &inlinePolicy{hanging{of: of}} }

func (r *inlinePolicy) typeName() string { return "iam_" + r.of.name + "_policy" }

func (r *inlinePolicy) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName()
}

func (r *inlinePolicy) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	name := nameArgument("policy", 128)
	name.PlanModifiers = replaces
	name.MarkdownDescription = fmt.Sprintf("The name of the policy, which is one of the %s's own.", r.of.name)
	resp.Schema = schema.Schema{
		MarkdownDescription: fmt.Sprintf("An inline policy: one that belongs to a %s and goes with it.", r.of.name),
		Attributes: map[string]schema.Attribute{
			r.of.name: schema.StringAttribute{Required: true, PlanModifiers: replaces, MarkdownDescription: fmt.Sprintf("The name of the %s.", r.of.name)},
			"name":    name,
			"policy":  policyArgument("The policy document as JSON", policy.Identity),
			"id":      idAttribute(fmt.Sprintf("The name of the %s and that of the policy, with a colon between.", r.of.name)),
		},
	}
}

func (r *inlinePolicy) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityOf(r.of.name, "name")
}

func (r *inlinePolicy) MoveState(context.Context) []resource.StateMover {
	return movedFromAWS("aws_" + r.typeName())
}

func (r *inlinePolicy) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importBy(ctx, req, resp, splitAt(":", r.of.name+":policy"), r.of.name, "name")
}

func (r *inlinePolicy) what(holder, name types.String) string {
	return fmt.Sprintf("inline policy %q of %s %q", name.ValueString(), r.of.name, holder.ValueString())
}

func (r *inlinePolicy) concerns(ctx context.Context, c api, holder, name types.String) concerning {
	calls := []string{"Put" + r.of.title + "Policy", "Delete" + r.of.title + "Policy"}
	return r.callsNaming(ctx, c, r.what(holder, name), holder.ValueString(), calls, "policyName", name.ValueString())
}

func inlineID(holder, name types.String) types.String {
	if holder.IsUnknown() || name.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(holder.ValueString() + ":" + name.ValueString())
}

func (r *inlinePolicy) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil {
		return
	}
	diags := &resp.Diagnostics
	var edits []account.Edit
	key := r.typeName() + " "
	if exists := !req.State.Raw.IsNull(); exists {
		holder, name := textOf(ctx, req.State, r.of.name, diags), textOf(ctx, req.State, "name", diags)
		if _, ok := r.home(ctx, r.what(holder, name), req.Private, diags); !ok {
			return
		}
		key += inlineID(holder, name).ValueString()
		edits = append(edits, account.RemoveInline{Kind: r.of.kind, Name: holder.ValueString(), Policy: name.ValueString()})
	}
	if req.Plan.Raw.IsNull() {
		diags.Append(r.planned.remove(key, edits...)...)
		return
	}
	holder, name := textOf(ctx, req.Plan, r.of.name, diags), textOf(ctx, req.Plan, "name", diags)
	var document policyText
	diags.Append(req.Plan.GetAttribute(ctx, path.Root("policy"), &document)...)
	r.fits(ctx, path.Root("policy"), document, r.of.use, diags)
	id := inlineID(holder, name)
	put(ctx, &resp.Plan, "id", id, diags)
	exists := len(edits) > 0
	if !exists {
		key += "new " + id.String()
	}
	inline := account.InlinePolicy{Name: name.ValueString(), Document: document.document()}
	if name.IsUnknown() {
		inline.Name = "known-after-apply"
	}
	// One that stays as it is is removed and put; one that is replaced is not what it was.
	edits = append(edits, account.PutInline{Kind: r.of.kind, Name: holder.ValueString(), UnknownName: holder.IsUnknown(), Policy: inline})
	diags.Append(r.planned.put(key, exists, edits...)...)
}

func (r *inlinePolicy) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	holder, name := textOf(ctx, req.Plan, r.of.name, diags), textOf(ctx, req.Plan, "name", diags)
	c, ok := r.toCreate(ctx, diags)
	if !ok || diags.HasError() {
		return
	}
	var document policyText
	diags.Append(req.Plan.GetAttribute(ctx, path.Root("policy"), &document)...)
	// Putting a policy overwrites one of that name, which would be somebody else's.
	switch _, err := r.of.inline(ctx, c, holder.ValueStringPointer(), name.ValueStringPointer()); {
	case err == nil:
		diags.AddAttributeError(path.Root("name"), "The policy exists", fmt.Sprintf("There is an %s already. Import it with the id %s, or choose another name.",
			r.what(holder, name), inlineID(holder, name).ValueString()))
		return
	case unlessMissing(err) != nil:
		failed(diags, "creating the "+r.what(holder, name), err)
		return
	}
	if err := r.of.putInline(ctx, c, holder.ValueStringPointer(), name.ValueStringPointer(), document.ValueStringPointer()); err != nil {
		failed(diags, "creating the "+r.what(holder, name), err)
		return
	}
	resp.State.Raw = req.Plan.Raw
	put(ctx, &resp.State, "id", inlineID(holder, name), diags)
	r.setIdentity(ctx, resp.Identity, map[string]string{r.of.name: holder.ValueString(), "name": name.ValueString()}, diags)
	r.settled(ctx, holder.ValueString(), resp.Private, diags)
}

func (r *inlinePolicy) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.planned.reading()
	diags := &resp.Diagnostics
	holder, name := textOf(ctx, req.State, r.of.name, diags), textOf(ctx, req.State, "name", diags)
	what := r.what(holder, name)
	c, ok := r.existing(ctx, what, req.Private, diags)
	if !ok || diags.HasError() {
		return
	}
	r.setIdentity(ctx, resp.Identity, map[string]string{r.of.name: holder.ValueString(), "name": name.ValueString()}, diags) // also for one that is gone
	r.drift(ctx, r.concerns(ctx, c, holder, name), req.Private, resp.Private, diags)
	encoded, err := r.of.inline(ctx, c, holder.ValueStringPointer(), name.ValueStringPointer())
	switch {
	case isMissing(err):
		resp.State.RemoveResource(ctx)
		return
	case err != nil:
		failed(diags, "reading the "+what, err)
		return
	}
	text, err := url.PathUnescape(*encoded)
	if err != nil {
		failed(diags, "reading the "+what, err)
		return
	}
	var document policyText
	diags.Append(req.State.GetAttribute(ctx, path.Root("policy"), &document)...)
	put(ctx, &resp.State, "policy", document.read(text), diags)
	put(ctx, &resp.State, "id", inlineID(holder, name), diags)
}

func (r *inlinePolicy) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	holder, name := textOf(ctx, req.Plan, r.of.name, diags), textOf(ctx, req.Plan, "name", diags)
	c, ok := r.existing(ctx, r.what(holder, name), req.Private, diags)
	if !ok || diags.HasError() {
		return
	}
	var document policyText
	diags.Append(req.Plan.GetAttribute(ctx, path.Root("policy"), &document)...)
	r.drift(ctx, r.concerns(ctx, c, holder, name), req.Private, resp.Private, diags) // between the plan and now
	if err := r.of.putInline(ctx, c, holder.ValueStringPointer(), name.ValueStringPointer(), document.ValueStringPointer()); err != nil {
		failed(diags, "changing the "+r.what(holder, name), err)
		return
	}
	resp.State.Raw = req.Plan.Raw
	r.setIdentity(ctx, resp.Identity, map[string]string{r.of.name: holder.ValueString(), "name": name.ValueString()}, diags)
	r.settled(ctx, holder.ValueString(), resp.Private, diags)
}

func (r *inlinePolicy) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.planned.applying()
	diags := &resp.Diagnostics
	holder, name := textOf(ctx, req.State, r.of.name, diags), textOf(ctx, req.State, "name", diags)
	c, ok := r.existing(ctx, r.what(holder, name), req.Private, diags)
	if !ok || diags.HasError() {
		return
	}
	if err := r.of.deleteInline(ctx, c, holder.ValueStringPointer(), name.ValueStringPointer()); err != nil && !isMissing(err) {
		failed(diags, "deleting the "+r.what(holder, name), err)
	}
}
