package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/tagging"
)

func newUserResource() resource.Resource {
	return lifecycle.New[userModel](lifecycle.Definition[userModel]{
		TypeName: "iam_user", MovedFrom: "aws_iam_user", Schema: userSchema, Plan: planUser,
		PlanDestroy: planDestroyUser,
		WhenReplaced: "What belongs to the user follows another name or path. If the user is replaced, as with " +
			"`-replace`, Terraform replaces its policies, memberships and credentials with it, if their resources refer to " +
			"this one: the new user has new keys and a new password.",
		Identity:        []lifecycle.IdentityAttribute{{Name: "name", Description: "The name of the user."}},
		MutableIdentity: true, // a user can be renamed
	})
}

type userModel struct {
	Name         types.String `tfsdk:"name"`
	Path         types.String `tfsdk:"path"`
	Boundary     types.String `tfsdk:"permissions_boundary"`
	ForceDestroy types.Bool   `tfsdk:"force_destroy"`
	Tags         types.Map    `tfsdk:"tags"`

	TagsAll  types.Map    `tfsdk:"tags_all"`
	ID       types.String `tfsdk:"id"`
	ARN      types.String `tfsdk:"arn"`
	UniqueID types.String `tfsdk:"unique_id"`
}

func userSchema() schema.Schema {
	tags, tagsAll := tagging.Attributes()
	return schema.Schema{
		MarkdownDescription: "A user. Changing its name or path keeps the user, with its unique id, policies, " +
			"memberships and credentials.",
		Attributes: map[string]schema.Attribute{
			"name":                 argument.Name("user", 64),
			"path":                 argument.Path("user"),
			"permissions_boundary": argument.Boundary("user"),
			"force_destroy": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether destroying the user also removes its access keys, password, MFA devices, " +
					"inline policies, attachments and memberships that are not in this configuration. Default `false`: " +
					"destroying the user then fails and names them.",
			},
			"tags":      tags,
			"tags_all":  tagsAll,
			"id":        lifecycle.IDAttribute("The name."),
			"arn":       schema.StringAttribute{Computed: true, MarkdownDescription: "The ARN. It is known at plan."},
			"unique_id": lifecycle.ConstantAttribute("The unique id, such as `AIDA…`."),
		},
	}
}

// planUser computes the attributes that follow from the arguments.
func planUser(ctx context.Context, c *lifecycle.Change[userModel]) {
	c.Plan.ID = c.Plan.Name
	c.Plan.ARN = c.ARNOf(ctx, account.UserKind, c.Plan.Path, c.Plan.Name, c.Diags)
	c.Plan.TagsAll = tagging.WithDefaults(c.Plan.Tags, c.DefaultTags)
}

func planDestroyUser(ctx context.Context, b *lifecycle.Base, state *userModel, diags *diag.Diagnostics) {
	if !state.ForceDestroy.ValueBool() {
		policyowner.WarnInTheWay(ctx, b, planned.IdentityObject(account.UserKind, state.Name.ValueString()),
			state.UniqueID.ValueString(), diags)
	}
}

func (m *userModel) Describe() string { return fmt.Sprintf("user %q", m.Name.ValueString()) }

func (m *userModel) Identity() map[string]any {
	return map[string]any{"name": m.Name.ValueString()}
}

// userCalls lists the operations that change a user itself, but not its credentials, policies and
// memberships.
var userCalls = []string{
	"CreateUser", "UpdateUser", "DeleteUser", "TagUser", "UntagUser", "PutUserPermissionsBoundary",
	"DeleteUserPermissionsBoundary",
}

func (m *userModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{Description: m.Describe(), ID: m.UniqueID.ValueString(), Calls: userCalls, Others: true,
		Adopts: true}
}

func (m *userModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	created, err := op.CreateUser(ctx, &iam.CreateUserInput{
		UserName: m.Name.ValueStringPointer(), Path: m.Path.ValueStringPointer(),
		PermissionsBoundary: m.Boundary.ValueStringPointer(), Tags: tagging.ForAPI(ctx, m.TagsAll, op.Diags),
	})
	if err != nil {
		return err
	}
	m.UniqueID, m.ARN = types.StringPointerValue(created.User.UserId), types.StringPointerValue(created.User.Arn)
	return nil
}

func (m *userModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	got, err := op.GetUser(ctx, &iam.GetUserInput{UserName: m.Name.ValueStringPointer()})
	if apierror.IsMissing(err) {
		if name := op.Renamed(ctx, account.UserKind, m.UniqueID); name != "" {
			got, err = op.GetUser(ctx, &iam.GetUserInput{UserName: &name})
		}
	}
	if err == nil {
		m.setFromAPI(op.Base, got.User)
	}
	return err
}

// setFromAPI sets the model from an answer of the API.
func (m *userModel) setFromAPI(r *lifecycle.Base, user *iamtypes.User) {
	imported := m.UniqueID.IsNull()
	m.Name, m.ID, m.Path = types.StringPointerValue(user.UserName), types.StringPointerValue(user.UserName),
		types.StringPointerValue(user.Path)
	m.ARN, m.UniqueID = types.StringPointerValue(user.Arn), types.StringPointerValue(user.UserId)
	m.Boundary = argument.BoundaryARN(user.PermissionsBoundary)
	tags := tagging.Values(user.Tags)
	m.Tags, m.TagsAll = tagging.WithoutDefaults(m.Tags, imported, tags, r.DefaultTags), tagging.Map(tags)
	if m.ForceDestroy.IsNull() { // imported
		m.ForceDestroy = types.BoolValue(false)
	}
}

func (m *userModel) Update(ctx context.Context, op *lifecycle.Operation, before *userModel) error {
	name := m.Name.ValueStringPointer()
	if !m.Name.Equal(before.Name) || !m.Path.Equal(before.Path) {
		if _, err := op.UpdateUser(ctx, &iam.UpdateUserInput{UserName: before.Name.ValueStringPointer(),
			NewUserName: name, NewPath: m.Path.ValueStringPointer()}); err != nil {
			return err
		}
	}
	switch {
	case m.Boundary.Equal(before.Boundary):
	case m.Boundary.IsNull():
		if _, err := op.DeleteUserPermissionsBoundary(ctx,
			&iam.DeleteUserPermissionsBoundaryInput{UserName: name}); err != nil {
			return err
		}
	default:
		if _, err := op.PutUserPermissionsBoundary(ctx, &iam.PutUserPermissionsBoundaryInput{UserName: name,
			PermissionsBoundary: m.Boundary.ValueStringPointer()}); err != nil {
			return err
		}
	}
	removed, set := tagging.Changes(ctx, before.TagsAll, m.TagsAll, op.Diags)
	if len(removed) > 0 {
		if _, err := op.UntagUser(ctx, &iam.UntagUserInput{UserName: name, TagKeys: removed}); err != nil {
			return err
		}
	}
	if len(set) > 0 {
		if _, err := op.TagUser(ctx, &iam.TagUserInput{UserName: name, Tags: set}); err != nil {
			return err
		}
	}
	return nil
}

func (m *userModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	if err := policyowner.Users.RemoveDependents(ctx, op, m.UniqueID.ValueString(), m.Name.ValueString(),
		m.ForceDestroy.ValueBool()); err != nil {
		return err
	}
	_, err := op.DeleteUser(ctx, &iam.DeleteUserInput{UserName: m.Name.ValueStringPointer()})
	return err
}
