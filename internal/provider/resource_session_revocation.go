package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/mapplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func newSessionRevocationResource() resource.Resource { return &sessionRevocationResource{} }

// sessionRevocationResource ends sessions when it is made. There is nothing to read or to undo.
type sessionRevocationResource struct{ asResource }

var (
	_ resource.ResourceWithConfigure  = (*sessionRevocationResource)(nil)
	_ resource.ResourceWithModifyPlan = (*sessionRevocationResource)(nil)
)

type sessionRevocationModel struct {
	User      types.String `tfsdk:"user"`
	Role      types.String `tfsdk:"role"`
	AccessKey types.String `tfsdk:"access_key"`
	Triggers  types.Map    `tfsdk:"triggers"`
	RevokedAt types.String `tfsdk:"revoked_at"`
}

func (r *sessionRevocationResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "iam_session_revocation"
}

func (r *sessionRevocationResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	of := func(description string) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: description, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators: []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("user"), path.MatchRoot("role"), path.MatchRoot("access_key"))},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Ends all sessions of a user, a role or an access key that were begun until now, at once, as for somebody who leaves. Sessions that are begun later are not touched: take away what they are begun " +
			"with as well. Destroying it does nothing.",
		Attributes: map[string]schema.Attribute{
			"user":       of("The name of the user whose sessions end, those of roles that were assumed with them among them."),
			"role":       of("The name of the role whose sessions end."),
			"access_key": of("The id of the access key, long-term (`AKIA…`) or of one session (`ASIA…`), of which the sessions end."),
			"triggers": schema.MapAttribute{
				ElementType: types.StringType, Optional: true, PlanModifiers: []planmodifier.Map{mapplanmodifier.RequiresReplace()},
				MarkdownDescription: "Any values: when one changes, sessions are ended again.",
			},
			"revoked_at": keptOnce("When it was done (RFC 3339)."),
		},
	}
}

func (r *sessionRevocationResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured != nil && !req.State.Raw.IsNull() && !req.Plan.Raw.IsNull() {
		r.home(ctx, "session revocation", req.Private, &resp.Diagnostics)
	}
}

func (r *sessionRevocationResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.applying()
	plan, ok := read[sessionRevocationModel](ctx, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	e, err := r.store.toCreate(ctx)
	if err != nil {
		storeError(&resp.Diagnostics, r.store, err)
		return
	}
	c := e.As(r.store.caller)
	switch {
	case !plan.User.IsNull():
		err = c.RevokeUserSessions(ctx, plan.User.ValueString())
	case !plan.Role.IsNull():
		err = c.RevokeRoleSessions(ctx, plan.Role.ValueString())
	default:
		err = c.RevokeAccessKeySessions(ctx, plan.AccessKey.ValueString())
	}
	if err != nil {
		failed(&resp.Diagnostics, "ending sessions", err)
		return
	}
	plan.RevokedAt = types.StringValue(r.now().UTC().Format(time.RFC3339))
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	r.settled(ctx, "", resp.Private, &resp.Diagnostics)
}

func (r *sessionRevocationResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {
	r.planned.reading()
}

// Update has nothing to do: whatever changes ends sessions again.
func (r *sessionRevocationResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {
}

func (r *sessionRevocationResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {
	r.planned.applying()
}
