package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/tagging"
)

func newUserDataSource() datasource.DataSource { return &userDataSource{} }

type userDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*userDataSource)(nil)

type userDataModel struct {
	UserName types.String `tfsdk:"user_name"`
	ID       types.String `tfsdk:"id"`
	ARN      types.String `tfsdk:"arn"`
	UserID   types.String `tfsdk:"user_id"`
	Path     types.String `tfsdk:"path"`
	Boundary types.String `tfsdk:"permissions_boundary"`
	Groups   types.List   `tfsdk:"groups"`
	Attached types.List   `tfsdk:"attached_policy_arns"`
	Inline   types.List   `tfsdk:"inline_policy_names"`
	Tags     types.Map    `tfsdk:"tags"`
}

func (d *userDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_user"
}

func (d *userDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an existing user, with its groups and policies.",
		Attributes: map[string]schema.Attribute{
			"user_name":            schema.StringAttribute{Required: true, MarkdownDescription: "The name of the user."},
			"id":                   computed.String("The unique id of the user, such as `AIDA…`."),
			"arn":                  computed.String("The ARN of the user."),
			"user_id":              computed.String("The unique id of the user, such as `AIDA…`."),
			"path":                 computed.String("The path of the user."),
			"permissions_boundary": computed.String("The ARN of the permissions boundary, or null."),
			"groups":               computed.Strings("The names of the user's groups."),
			"attached_policy_arns": computed.Strings("The ARNs of the attached managed policies."),
			"inline_policy_names":  computed.Strings("The names of the inline policies."),
			"tags":                 computed.Tags(),
		},
	}
}

func (d *userDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[userDataModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	name := model.UserName.ValueStringPointer()
	object := fmt.Sprintf("user %q", *name)
	c, ok := d.OpenExisting(ctx, object, &resp.Diagnostics)
	if !ok {
		return
	}
	got, err := c.GetUser(ctx, &iam.GetUserInput{UserName: name})
	if err != nil {
		lifecycle.AddReadError(&resp.Diagnostics, object, err)
		return
	}
	inGroups, err := groupsOf(ctx, c, name)
	if err == nil {
		model.Groups = computed.StringList(inGroups)
		model.Attached, model.Inline, err = policyowner.Users.Policies(ctx, c, name)
	}
	if err != nil {
		lifecycle.AddReadError(&resp.Diagnostics, object, err)
		return
	}
	model.UserName = types.StringPointerValue(got.User.UserName)
	model.ID = types.StringPointerValue(got.User.UserId)
	model.UserID = types.StringPointerValue(got.User.UserId)
	model.ARN, model.Path = types.StringPointerValue(got.User.Arn), types.StringPointerValue(got.User.Path)
	model.Boundary, model.Tags = argument.BoundaryARN(got.User.PermissionsBoundary),
		tagging.Map(tagging.Values(got.User.Tags))
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
