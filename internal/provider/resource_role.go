package provider

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/tagging"
)

func newRoleResource() resource.Resource {
	return lifecycle.New[roleModel](lifecycle.Definition[roleModel]{
		TypeName: "iam_role", MovedFrom: "aws_iam_role", Schema: roleSchema, Plan: planRole,
		PlanDestroy: planDestroyRole,
		WhenReplaced: "If the role is replaced, Terraform replaces its policies with it, if their resources refer to this " +
			"one: it detaches them, replaces the role, and attaches them again. Sessions of the old role end.",
		Identity: []lifecycle.IdentityAttribute{{Name: "name", Description: "The name of the role."}},
	})
}

type roleModel struct {
	Name        types.String    `tfsdk:"name"`
	NamePrefix  types.String    `tfsdk:"name_prefix"`
	Path        types.String    `tfsdk:"path"`
	Trust       policytext.Text `tfsdk:"assume_role_policy"`
	Description types.String    `tfsdk:"description"`
	MaxDuration types.Int64     `tfsdk:"max_session_duration"`
	Boundary    types.String    `tfsdk:"permissions_boundary"`
	ForceDetach types.Bool      `tfsdk:"force_detach_policies"`
	Tags        types.Map       `tfsdk:"tags"`

	TagsAll    types.Map    `tfsdk:"tags_all"`
	ID         types.String `tfsdk:"id"`
	ARN        types.String `tfsdk:"arn"`
	UniqueID   types.String `tfsdk:"unique_id"`
	CreateDate types.String `tfsdk:"create_date"`
}

func roleSchema() schema.Schema {
	tags, tagsAll := tagging.Attributes()
	name, namePrefix := argument.NameOrPrefix("role", 64, "path")
	return schema.Schema{
		MarkdownDescription: "A role. The API cannot rename a role or move it to another path, so a changed name " +
			"or path creates a new role.\n\n" +
			"The arguments `inline_policy` and `managed_policy_arns` of `aws_iam_role` do not exist here. " +
			"Use `iam_role_policies_exclusive` and `iam_role_policy_attachments_exclusive` instead.",
		Attributes: map[string]schema.Attribute{
			"name":        name,
			"name_prefix": namePrefix,
			"path":        argument.Replacing(argument.Path("role"), "role"),
			"assume_role_policy": policytext.Argument("The trust policy, which says who may assume the role, as JSON",
				policy.Trust),
			"description": schema.StringAttribute{
				Optional: true, Computed: true, MarkdownDescription: "The purpose of the role, in up to 1,000 characters.",
				Validators:    []validator.String{stringvalidator.LengthAtMost(1000)},
				PlanModifiers: []planmodifier.String{lifecycle.KeepEmptyText()},
			},
			"max_session_duration": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(3600),
				Validators:          []validator.Int64{int64validator.Between(3600, 43200)},
				MarkdownDescription: "The maximum duration of a session of the role, in seconds: 3,600 to 43,200. Default 3,600.",
			},
			"permissions_boundary": argument.Boundary("role"),
			"force_detach_policies": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether destroying the role also removes its policies, inline and " +
					"attached, that are not in this configuration. " +
					"Default `false`: destroying the role then fails and names them.",
			},
			"tags":        tags,
			"tags_all":    tagsAll,
			"id":          lifecycle.IDAttribute("The name."),
			"arn":         schema.StringAttribute{Computed: true, MarkdownDescription: "The ARN. It is known at plan."},
			"unique_id":   lifecycle.ConstantAttribute("The unique id, such as `AROA…`."),
			"create_date": lifecycle.ConstantAttribute("When the role was created (RFC 3339)."),
		},
	}
}

func planDestroyRole(ctx context.Context, b *lifecycle.Base, state *roleModel, diags *diag.Diagnostics) {
	if !state.ForceDetach.ValueBool() {
		policyowner.WarnInTheWay(ctx, b, planned.IdentityObject(account.RoleKind, state.Name.ValueString()),
			state.UniqueID.ValueString(), diags)
	}
}

func (m *roleModel) Describe() string { return fmt.Sprintf("role %q", m.Name.ValueString()) }

// planRole computes the attributes that follow from the arguments, and checks the trust policy's
// size.
func planRole(ctx context.Context, c *lifecycle.Change[roleModel]) {
	c.Plan.ID = c.Plan.Name
	c.Plan.ARN = c.ARNOf(ctx, account.RoleKind, c.Plan.Path, c.Plan.Name, c.Diags)
	c.Plan.TagsAll = tagging.WithDefaults(c.Plan.Tags, c.DefaultTags)
	c.CheckPolicy(ctx, path.Root("assume_role_policy"), c.Plan.Trust, engine.TrustPolicy, c.Diags)
	if c.State != nil && !c.State.ForceDetach.ValueBool() &&
		(!c.Plan.Path.Equal(c.State.Path) || !c.Plan.Name.Equal(c.State.Name)) {
		policyowner.WarnInTheWay(ctx, c.Base, planned.IdentityObject(account.RoleKind, c.State.Name.ValueString()),
			c.State.UniqueID.ValueString(), c.Diags)
	}
	if c.State != nil && len(c.Replace) == 0 {
		c.Plan.Trust = c.KeepGonePrincipals(ctx, c.State.Trust, c.Plan.Trust, c.Diags)
		c.NoteSameAccess(path.Root("assume_role_policy"), "the trust policy of "+c.State.Describe(), c.State.Trust,
			c.Plan.Trust, c.Diags)
	}
}

// roleCalls lists the operations that change a role itself, but not its policies.
var roleCalls = []string{
	"CreateRole", "UpdateRole", "UpdateRoleDescription", "UpdateAssumeRolePolicy", "DeleteRole", "TagRole", "UntagRole",
	"PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary",
}

func (m *roleModel) Identity() map[string]any {
	return map[string]any{"name": m.Name.ValueString()}
}

func (m *roleModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{Description: m.Describe(), ID: m.UniqueID.ValueString(), Calls: roleCalls, Others: true,
		Adopts: true}
}

func (m *roleModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	m.Name, m.NamePrefix = argument.GenerateName(m.Name, m.NamePrefix)
	m.ID = m.Name
	created, err := op.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: m.Name.ValueStringPointer(), Path: m.Path.ValueStringPointer(),
		AssumeRolePolicyDocument: m.Trust.ValueStringPointer(),
		Description:              m.Description.ValueStringPointer(),
		MaxSessionDuration:       lifecycle.Int32Of(m.MaxDuration),
		PermissionsBoundary:      m.Boundary.ValueStringPointer(), Tags: tagging.ForAPI(ctx, m.TagsAll, op.Diags),
	})
	if err != nil {
		return err
	}
	m.UniqueID, m.ARN = types.StringPointerValue(created.Role.RoleId), types.StringPointerValue(created.Role.Arn)
	m.CreateDate = types.StringValue(created.Role.CreateDate.Format(time.RFC3339))
	return nil
}

func (m *roleModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	got, err := op.GetRole(ctx, &iam.GetRoleInput{RoleName: m.Name.ValueStringPointer()})
	if err != nil {
		return err
	}
	return m.setFromAPI(op.Base, got.Role)
}

// setFromAPI sets the model from an answer of the API.
func (m *roleModel) setFromAPI(r *lifecycle.Base, role *iamtypes.Role) error {
	trust, err := url.PathUnescape(*role.AssumeRolePolicyDocument)
	if err != nil {
		return err
	}
	imported := m.UniqueID.IsNull()
	m.Name, m.ID, m.Path = types.StringPointerValue(role.RoleName), types.StringPointerValue(role.RoleName),
		types.StringPointerValue(role.Path)
	m.NamePrefix = argument.PrefixOf(m.Name)
	m.ARN, m.UniqueID = types.StringPointerValue(role.Arn), types.StringPointerValue(role.RoleId)
	m.CreateDate = types.StringValue(role.CreateDate.Format(time.RFC3339))
	m.Trust, m.Description = m.Trust.KeepIfEqual(trust), lifecycle.OptionalText(m.Description, imported, role.Description)
	m.MaxDuration = types.Int64Value(int64(aws.ToInt32(role.MaxSessionDuration)))
	m.Boundary = argument.BoundaryARN(role.PermissionsBoundary)
	tags := tagging.Values(role.Tags)
	m.Tags, m.TagsAll = tagging.WithoutDefaults(m.Tags, imported, tags, r.DefaultTags), tagging.Map(tags)
	if m.ForceDetach.IsNull() { // imported
		m.ForceDetach = types.BoolValue(false)
	}
	return nil
}

func (m *roleModel) Update(ctx context.Context, op *lifecycle.Operation, before *roleModel) error {
	name := m.Name.ValueStringPointer()
	// Change the boundary first, because it limits the rest.
	switch {
	case m.Boundary.Equal(before.Boundary):
	case m.Boundary.IsNull():
		if _, err := op.DeleteRolePermissionsBoundary(ctx,
			&iam.DeleteRolePermissionsBoundaryInput{RoleName: name}); err != nil {
			return err
		}
	default:
		if _, err := op.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: name,
			PermissionsBoundary: m.Boundary.ValueStringPointer()}); err != nil {
			return err
		}
	}
	if !m.Trust.Equal(before.Trust) {
		if _, err := op.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: name,
			PolicyDocument: m.Trust.ValueStringPointer()}); err != nil {
			return err
		}
	}
	if !m.Description.Equal(before.Description) || !m.MaxDuration.Equal(before.MaxDuration) {
		_, err := op.UpdateRole(ctx, &iam.UpdateRoleInput{
			RoleName: name, Description: aws.String(m.Description.ValueString()),
			MaxSessionDuration: lifecycle.Int32Of(m.MaxDuration),
		})
		if err != nil {
			return err
		}
	}
	removed, set := tagging.Changes(ctx, before.TagsAll, m.TagsAll, op.Diags)
	if len(removed) > 0 {
		if _, err := op.UntagRole(ctx, &iam.UntagRoleInput{RoleName: name, TagKeys: removed}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := op.TagRole(ctx, &iam.TagRoleInput{RoleName: name, Tags: set}); err != nil {
			return err
		}
	}
	return nil
}

func (m *roleModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	if err := policyowner.Roles.RemoveDependents(ctx, op, m.UniqueID.ValueString(), m.Name.ValueString(),
		m.ForceDetach.ValueBool()); err != nil {
		return err
	}
	_, err := op.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: m.Name.ValueStringPointer()})
	return err
}
