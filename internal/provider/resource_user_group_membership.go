package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newUserGroupMembershipResource() resource.Resource { return &userGroupMembershipResource{} }

// userGroupMembershipResource is some groups that a user is in. Others are left alone.
type userGroupMembershipResource struct{ asResource }

var (
	_ resource.ResourceWithConfigure   = (*userGroupMembershipResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*userGroupMembershipResource)(nil)
	_ resource.ResourceWithImportState = (*userGroupMembershipResource)(nil)
	_ resource.ResourceWithIdentity    = (*userGroupMembershipResource)(nil)
	_ resource.ResourceWithMoveState   = (*userGroupMembershipResource)(nil)
)

type userGroupMembershipModel struct {
	User   types.String `tfsdk:"user"`
	Groups types.Set    `tfsdk:"groups"`
	ID     types.String `tfsdk:"id"`
}

func (r *userGroupMembershipResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "iam_user_group_membership"
	resp.ResourceBehavior.MutableIdentity = true // the groups may change
}

func (r *userGroupMembershipResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Puts a user in some groups. Other groups of the user are left alone, so that several of these may serve one user; `iam_group_memberships_exclusive` owns all users of a group.",
		Attributes: map[string]schema.Attribute{
			"user": schema.StringAttribute{
				Required: true, MarkdownDescription: "The name of the user.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"groups": schema.SetAttribute{
				ElementType: types.StringType, Required: true, Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
				MarkdownDescription: "The names of the groups.",
			},
			"id": idAttribute("The name of the user and those of the groups, with slashes between."),
		},
	}
}

// IdentitySchema has all groups, as no other part of it tells one membership of a user from another.
func (r *userGroupMembershipResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	schema := identityOf("user")
	schema.Attributes["groups"] = identityschema.ListAttribute{ElementType: types.StringType, RequiredForImport: true, Description: "The argument groups."}
	resp.IdentitySchema = schema
}

func (r *userGroupMembershipResource) MoveState(context.Context) []resource.StateMover {
	return movedFromAWS("aws_iam_user_group_membership")
}

func (r *userGroupMembershipResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var user string
	var groups []string
	if req.ID != "" {
		parts := strings.Split(req.ID, "/")
		if len(parts) < 2 || slices.Contains(parts, "") {
			resp.Diagnostics.AddError("The id cannot be imported", fmt.Sprintf("%q is not of the form user/group/group…", req.ID))
			return
		}
		user, groups = parts[0], parts[1:]
	} else {
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("user"), &user)...)
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("groups"), &groups)...)
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user"), user)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("groups"), groups)...)
}

func (m *userGroupMembershipModel) what() string {
	return fmt.Sprintf("group membership of user %q", m.User.ValueString())
}

// names are the groups that are known, sorted; unknown says that there are further ones.
func (m *userGroupMembershipModel) names() (names []string, unknown bool) {
	unknown = m.Groups.IsUnknown()
	for _, element := range m.Groups.Elements() {
		text, ok := element.(types.String)
		if !ok || text.IsUnknown() {
			unknown = true
			continue
		}
		names = append(names, text.ValueString())
	}
	slices.Sort(names)
	return names, unknown
}

func (m *userGroupMembershipModel) id() types.String {
	names, unknown := m.names()
	if unknown || m.User.IsUnknown() {
		return types.StringUnknown()
	}
	return types.StringValue(strings.Join(append([]string{m.User.ValueString()}, names...), "/"))
}

func (r *userGroupMembershipResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil {
		return
	}
	plan, state := planned[userGroupMembershipModel](ctx, req, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	var edits []account.Edit
	var key string
	if state != nil {
		if _, ok := r.home(ctx, state.what(), req.Private, &resp.Diagnostics); !ok {
			return
		}
		names, _ := state.names()
		edits = append(edits, account.Leave{User: state.User.ValueString(), Groups: names})
		key = "iam_user_group_membership " + state.ID.ValueString()
	}
	if plan == nil {
		resp.Diagnostics.Append(r.planned.remove(key, edits...)...)
		return
	}
	plan.ID = plan.id()
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
	names, unknown := plan.names()
	r.atMost(ctx, path.Root("groups"), len(names), func(l engine.Limits) int { return l.GroupsPerUser }, &resp.Diagnostics)
	if state == nil {
		key = "iam_user_group_membership new " + plan.User.String() + plan.Groups.String()
	}
	edits = append(edits, account.Join{User: plan.User.ValueString(), UnknownUser: plan.User.IsUnknown(), Groups: names, UnknownGroups: unknown})
	resp.Diagnostics.Append(r.planned.put(key, state != nil, edits...)...)
}

func (r *userGroupMembershipResource) change(ctx context.Context, c api, m *userGroupMembershipModel, gone []string) error {
	names, _ := m.names()
	for _, group := range names {
		if _, err := c.AddUserToGroup(ctx, &iam.AddUserToGroupInput{UserName: m.User.ValueStringPointer(), GroupName: &group}); err != nil {
			return err
		}
	}
	for _, group := range gone {
		if slices.Contains(names, group) {
			continue
		}
		if _, err := c.RemoveUserFromGroup(ctx, &iam.RemoveUserFromGroupInput{UserName: m.User.ValueStringPointer(), GroupName: &group}); err != nil && !isMissing(err) {
			return err
		}
	}
	return nil
}

func (r *userGroupMembershipResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.applying()
	plan, ok := read[userGroupMembershipModel](ctx, req.Plan, &resp.Diagnostics)
	if !ok {
		return
	}
	c, ok := r.toCreate(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	if err := r.change(ctx, c, &plan, nil); err != nil {
		failed(&resp.Diagnostics, "setting the "+plan.what(), err)
		return
	}
	plan.ID = plan.id()
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	r.identify(ctx, &plan, resp.Identity, &resp.Diagnostics)
	r.settled(ctx, plan.User.ValueString(), resp.Private, &resp.Diagnostics)
}

func (r *userGroupMembershipResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.planned.reading()
	state, ok := read[userGroupMembershipModel](ctx, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	c, ok := r.existing(ctx, state.what(), req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	r.identify(ctx, &state, resp.Identity, &resp.Diagnostics) // also for one that is gone
	is, err := groupsOf(ctx, c, state.User.ValueStringPointer())
	if unlessMissing(err) != nil {
		failed(&resp.Diagnostics, "reading the "+state.what(), err)
		return
	}
	before, _ := state.names()
	var names []string
	for _, group := range before {
		if slices.ContainsFunc(is, func(other string) bool { return strings.EqualFold(other, group) }) {
			names = append(names, group)
		}
	}
	if _, known := readProvenance(ctx, req.Private, &resp.Diagnostics); !known {
		r.settled(ctx, state.User.ValueString(), resp.Private, &resp.Diagnostics)
	} else if len(names) < len(before) && err == nil {
		if id, err := users.uniqueID(ctx, c, state.User.ValueStringPointer()); err == nil {
			r.drift(ctx, concerning{what: state.what(), subject: *id, own: []string{"RemoveUserFromGroup"}, about: func(event audit.Event) bool {
				group, _ := event.RequestParameters["groupName"].(string)
				return slices.ContainsFunc(before, func(other string) bool { return strings.EqualFold(other, group) })
			}}, req.Private, resp.Private, &resp.Diagnostics)
		}
	}
	if len(names) == 0 {
		resp.State.RemoveResource(ctx)
		return
	}
	groups, diags := types.SetValueFrom(ctx, types.StringType, names)
	resp.Diagnostics.Append(diags...)
	state.Groups = groups
	state.ID = state.id()
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	r.identify(ctx, &state, resp.Identity, &resp.Diagnostics)
}

func (r *userGroupMembershipResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.planned.applying()
	plan, ok1 := read[userGroupMembershipModel](ctx, req.Plan, &resp.Diagnostics)
	state, ok2 := read[userGroupMembershipModel](ctx, req.State, &resp.Diagnostics)
	if !ok1 || !ok2 {
		return
	}
	c, ok := r.existing(ctx, state.what(), req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	gone, _ := state.names()
	if err := r.change(ctx, c, &plan, gone); err != nil {
		failed(&resp.Diagnostics, "setting the "+plan.what(), err)
		return
	}
	plan.ID = plan.id()
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
	r.identify(ctx, &plan, resp.Identity, &resp.Diagnostics)
	r.settled(ctx, plan.User.ValueString(), resp.Private, &resp.Diagnostics)
}

func (r *userGroupMembershipResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.planned.applying()
	state, ok := read[userGroupMembershipModel](ctx, req.State, &resp.Diagnostics)
	if !ok {
		return
	}
	c, ok := r.existing(ctx, state.what(), req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	gone, _ := state.names()
	state.Groups = types.SetNull(types.StringType)
	if err := r.change(ctx, c, &state, gone); err != nil {
		failed(&resp.Diagnostics, "ending the "+state.what(), err)
	}
}

// identify writes the identity: the user and the groups.
func (r *userGroupMembershipResource) identify(ctx context.Context, m *userGroupMembershipModel, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if identity == nil {
		return
	}
	r.setIdentity(ctx, identity, map[string]string{"user": m.User.ValueString()}, diags)
	names, _ := m.names()
	diags.Append(identity.SetAttribute(ctx, path.Root("groups"), names)...)
}
