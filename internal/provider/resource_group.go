package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
)

func newGroupResource() resource.Resource {
	return lifecycle.New[groupModel](lifecycle.Definition[groupModel]{
		TypeName: "iam_group", MovedFrom: "aws_iam_group", Schema: groupSchema, Plan: planGroup,
		PlanDestroy: planDestroyGroup,
		WhenReplaced: "What belongs to the group follows another name or path. If the group is replaced, as with " +
			"`-replace`, Terraform replaces its policies and memberships with it, if their resources refer to this one.",
		Identity:        []lifecycle.IdentityAttribute{{Name: "name", Description: "The name of the group."}},
		MutableIdentity: true, // a group can be renamed
	})
}

type groupModel struct {
	Name         types.String `tfsdk:"name"`
	Path         types.String `tfsdk:"path"`
	ForceDestroy types.Bool   `tfsdk:"force_destroy"`
	ID           types.String `tfsdk:"id"`
	ARN          types.String `tfsdk:"arn"`
	UniqueID     types.String `tfsdk:"unique_id"`
}

func groupSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A group of users. Changing its name or path keeps the group and its members.",
		Attributes: map[string]schema.Attribute{
			"name": argument.Name("group", 128),
			"path": argument.Path("group"),
			"force_destroy": schema.BoolAttribute{
				Optional: true, Computed: true, Default: booldefault.StaticBool(false),
				MarkdownDescription: "Whether destroying the group also removes its members and its policies, " +
					"including those that are not in this configuration. " +
					"Default `false`: destroying the group then fails and names them. (`aws_iam_group` does not have this " +
					"argument.)",
			},
			"id":        lifecycle.IDAttribute("The name."),
			"arn":       schema.StringAttribute{Computed: true, MarkdownDescription: "The ARN. It is known at plan."},
			"unique_id": lifecycle.ConstantAttribute("The unique id, such as `AGPA…`."),
		},
	}
}

func planDestroyGroup(ctx context.Context, b *lifecycle.Base, state *groupModel, diags *diag.Diagnostics) {
	if !state.ForceDestroy.ValueBool() {
		policyowner.WarnInTheWay(ctx, b, planned.IdentityObject(account.GroupKind, state.Name.ValueString()),
			state.UniqueID.ValueString(), diags)
	}
}

func (m *groupModel) Describe() string { return fmt.Sprintf("group %q", m.Name.ValueString()) }

// planGroup computes the attributes that follow from the arguments.
func planGroup(ctx context.Context, c *lifecycle.Change[groupModel]) {
	c.Plan.ID = c.Plan.Name
	c.Plan.ARN = c.ARNOf(ctx, account.GroupKind, c.Plan.Path, c.Plan.Name, c.Diags)
}

func (m *groupModel) Identity() map[string]any {
	return map[string]any{"name": m.Name.ValueString()}
}

func (m *groupModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{
		Description: m.Describe(), ID: m.UniqueID.ValueString(), Calls: []string{"CreateGroup", "UpdateGroup",
			"DeleteGroup"}, Others: true, Adopts: true,
	}
}

func (m *groupModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	created, err := op.CreateGroup(ctx, &iam.CreateGroupInput{GroupName: m.Name.ValueStringPointer(),
		Path: m.Path.ValueStringPointer()})
	if err != nil {
		return err
	}
	m.UniqueID, m.ARN = types.StringPointerValue(created.Group.GroupId), types.StringPointerValue(created.Group.Arn)
	return nil
}

func (m *groupModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	// Read needs only the group, so one member is enough.
	get := func(name string) (*iam.GetGroupOutput, error) {
		return op.GetGroup(ctx, &iam.GetGroupInput{GroupName: &name, MaxItems: aws.Int32(1)})
	}
	got, err := get(m.Name.ValueString())
	if apierror.IsMissing(err) {
		if name := op.Renamed(ctx, account.GroupKind, m.UniqueID); name != "" {
			got, err = get(name)
		}
	}
	if err == nil {
		m.setFromAPI(got.Group)
	}
	return err
}

// setFromAPI sets the model from an answer of the API.
func (m *groupModel) setFromAPI(group *iamtypes.Group) {
	m.Name, m.ID = types.StringPointerValue(group.GroupName), types.StringPointerValue(group.GroupName)
	m.Path, m.ARN, m.UniqueID = types.StringPointerValue(group.Path), types.StringPointerValue(group.Arn),
		types.StringPointerValue(group.GroupId)
	if m.ForceDestroy.IsNull() { // imported
		m.ForceDestroy = types.BoolValue(false)
	}
}

func (m *groupModel) Update(ctx context.Context, op *lifecycle.Operation, before *groupModel) error {
	if m.Name.Equal(before.Name) && m.Path.Equal(before.Path) {
		return nil
	}
	_, err := op.UpdateGroup(ctx, &iam.UpdateGroupInput{GroupName: before.Name.ValueStringPointer(),
		NewGroupName: m.Name.ValueStringPointer(), NewPath: m.Path.ValueStringPointer()})
	return err
}

func (m *groupModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	if err := policyowner.Groups.RemoveDependents(ctx, op, m.UniqueID.ValueString(), m.Name.ValueString(),
		m.ForceDestroy.ValueBool()); err != nil {
		return err
	}
	_, err := op.DeleteGroup(ctx, &iam.DeleteGroupInput{GroupName: m.Name.ValueStringPointer()})
	return err
}

// membersOf returns the names of a group's users.
func membersOf(ctx context.Context, c accountstore.API, group *string) ([]string, error) {
	return paging.All(ctx, iam.NewGetGroupPaginator(c, &iam.GetGroupInput{GroupName: group}),
		func(page *iam.GetGroupOutput) []string {
			var names []string
			for _, user := range page.Users {
				names = append(names, *user.UserName)
			}
			return names
		})
}

// groupsOf returns the names of a user's groups.
func groupsOf(ctx context.Context, c accountstore.API, user *string) ([]string, error) {
	return paging.All(ctx, iam.NewListGroupsForUserPaginator(c, &iam.ListGroupsForUserInput{UserName: user}),
		func(page *iam.ListGroupsForUserOutput) []string {
			var names []string
			for _, group := range page.Groups {
				names = append(names, *group.GroupName)
			}
			return names
		})
}
