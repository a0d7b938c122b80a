package provider

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/tagging"
)

func newRoleDataSource() datasource.DataSource { return &roleDataSource{} }

type roleDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*roleDataSource)(nil)

type roleDataModel struct {
	Name        types.String `tfsdk:"name"`
	ID          types.String `tfsdk:"id"`
	ARN         types.String `tfsdk:"arn"`
	UniqueID    types.String `tfsdk:"unique_id"`
	Path        types.String `tfsdk:"path"`
	Trust       types.String `tfsdk:"assume_role_policy"`
	Description types.String `tfsdk:"description"`
	MaxDuration types.Int64  `tfsdk:"max_session_duration"`
	Boundary    types.String `tfsdk:"permissions_boundary"`
	CreateDate  types.String `tfsdk:"create_date"`
	LastUsed    types.String `tfsdk:"last_used"`
	RoleUsed    types.List   `tfsdk:"role_last_used"`
	Attached    types.List   `tfsdk:"attached_policy_arns"`
	Inline      types.List   `tfsdk:"inline_policy_names"`
	Tags        types.Map    `tfsdk:"tags"`
}

var roleUseType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"last_used_date": types.StringType, "region": types.StringType,
}}

func (d *roleDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_role"
}

func (d *roleDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an existing role, with its trust policy and its permissions policies.",
		Attributes: map[string]schema.Attribute{
			"name":               schema.StringAttribute{Required: true, MarkdownDescription: "The name of the role."},
			"id":                 computed.String("The name of the role."),
			"arn":                computed.String("The ARN of the role."),
			"unique_id":          computed.String("The unique id of the role, such as `AROA…`."),
			"path":               computed.String("The path of the role."),
			"assume_role_policy": computed.String("The trust policy, as JSON."),
			"description":        computed.String("The description of the role."),
			"max_session_duration": schema.Int64Attribute{Computed: true, MarkdownDescription: "The maximum duration of " +
				"a session, in seconds."},
			"permissions_boundary": computed.String("The ARN of the permissions boundary, or null."),
			"create_date":          computed.String("When the role was created (RFC 3339)."),
			"last_used":            computed.String("When the role was last used (RFC 3339), or null if it was never used."),
			"role_last_used": schema.ListNestedAttribute{Computed: true,
				MarkdownDescription: "The last use of the role, as in the AWS provider. It is empty if the role was never used.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"last_used_date": computed.String("When the role was last used (RFC 3339)."),
					"region":         computed.String("The region of the last use."),
				}}},
			"attached_policy_arns": computed.Strings("The ARNs of the attached managed policies."),
			"inline_policy_names":  computed.Strings("The names of the inline policies."),
			"tags":                 computed.Tags(),
		},
	}
}

func (d *roleDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[roleDataModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	name := model.Name.ValueStringPointer()
	object := fmt.Sprintf("role %q", *name)
	c, ok := d.OpenExisting(ctx, object, &resp.Diagnostics)
	if !ok {
		return
	}
	got, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: name})
	if err != nil {
		lifecycle.AddReadError(&resp.Diagnostics, object, err)
		return
	}
	role := got.Role
	trust, err := url.PathUnescape(*role.AssumeRolePolicyDocument)
	if err == nil {
		model.Attached, model.Inline, err = policyowner.Roles.Policies(ctx, c, name)
	}
	if err != nil {
		lifecycle.AddReadError(&resp.Diagnostics, object, err)
		return
	}
	model.Name = types.StringPointerValue(role.RoleName)
	model.ID = types.StringPointerValue(role.RoleName)
	model.UniqueID = types.StringPointerValue(role.RoleId)
	model.ARN = types.StringPointerValue(role.Arn)
	model.Path = types.StringPointerValue(role.Path)
	model.Trust = types.StringValue(trust)
	model.Description = types.StringPointerValue(role.Description)
	model.MaxDuration = types.Int64Value(int64(aws.ToInt32(role.MaxSessionDuration)))
	model.Boundary = argument.BoundaryARN(role.PermissionsBoundary)
	model.CreateDate = types.StringValue(role.CreateDate.Format(time.RFC3339))
	uses := []attr.Value{}
	if role.RoleLastUsed != nil && role.RoleLastUsed.LastUsedDate != nil {
		model.LastUsed = types.StringValue(role.RoleLastUsed.LastUsedDate.Format(time.RFC3339))
		uses = append(uses, types.ObjectValueMust(roleUseType.AttrTypes, map[string]attr.Value{
			"last_used_date": model.LastUsed, "region": types.StringPointerValue(role.RoleLastUsed.Region),
		}))
	}
	model.RoleUsed = types.ListValueMust(roleUseType, uses)
	model.Tags = tagging.Map(tagging.Values(role.Tags))
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
