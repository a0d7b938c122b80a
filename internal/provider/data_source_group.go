package provider

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/paging"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
)

func newGroupDataSource() datasource.DataSource { return &groupDataSource{} }

type groupDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*groupDataSource)(nil)

type groupDataModel struct {
	GroupName types.String `tfsdk:"group_name"`
	ID        types.String `tfsdk:"id"`
	ARN       types.String `tfsdk:"arn"`
	GroupID   types.String `tfsdk:"group_id"`
	Path      types.String `tfsdk:"path"`
	Users     types.List   `tfsdk:"users"`
	Attached  types.List   `tfsdk:"attached_policy_arns"`
	Inline    types.List   `tfsdk:"inline_policy_names"`
}

var memberType = computed.RowType("arn", "user_id", "user_name", "path")

type memberRow struct {
	ARN      types.String `tfsdk:"arn"`
	UserID   types.String `tfsdk:"user_id"`
	UserName types.String `tfsdk:"user_name"`
	Path     types.String `tfsdk:"path"`
}

func (d *groupDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_group"
}

func (d *groupDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads an existing group, with its users and policies.",
		Attributes: map[string]schema.Attribute{
			"group_name": schema.StringAttribute{Required: true, MarkdownDescription: "The name of the group."},
			"id":         computed.String("The unique id of the group, such as `AGPA…`."),
			"arn":        computed.String("The ARN of the group."),
			"group_id":   computed.String("The unique id of the group, such as `AGPA…`."),
			"path":       computed.String("The path of the group."),
			"users": computed.Rows("The users in the group, by name.", map[string]string{
				"arn":       "The user's ARN.",
				"user_id":   "The user's unique id.",
				"user_name": "The user's name.",
				"path":      "The user's path.",
			}),
			"attached_policy_arns": computed.Strings("The ARNs of the attached managed policies."),
			"inline_policy_names":  computed.Strings("The names of the inline policies."),
		},
	}
}

func (d *groupDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[groupDataModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	name := model.GroupName.ValueStringPointer()
	object := fmt.Sprintf("group %q", *name)
	c, ok := d.OpenExisting(ctx, object, &resp.Diagnostics)
	if !ok {
		return
	}
	var group *iamtypes.Group
	pages := iam.NewGetGroupPaginator(c, &iam.GetGroupInput{GroupName: name})
	members, err := paging.All(ctx, pages, func(page *iam.GetGroupOutput) []memberRow {
		group = page.Group
		var out []memberRow
		for _, user := range page.Users {
			out = append(out, memberRow{
				types.StringPointerValue(user.Arn), types.StringPointerValue(user.UserId),
				types.StringPointerValue(user.UserName), types.StringPointerValue(user.Path),
			})
		}
		return out
	})
	if err == nil {
		model.Attached, model.Inline, err = policyowner.Groups.Policies(ctx, c, name)
	}
	if err != nil {
		lifecycle.AddReadError(&resp.Diagnostics, object, err)
		return
	}
	model.Users = computed.RowList(ctx, memberType, members, &resp.Diagnostics)
	model.GroupName = types.StringPointerValue(group.GroupName)
	model.ID = types.StringPointerValue(group.GroupId)
	model.GroupID = types.StringPointerValue(group.GroupId)
	model.ARN, model.Path = types.StringPointerValue(group.Arn), types.StringPointerValue(group.Path)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
