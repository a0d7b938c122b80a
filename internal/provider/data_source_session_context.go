package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newSessionContextDataSource() datasource.DataSource { return &sessionContextDataSource{} }

type sessionContextDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*sessionContextDataSource)(nil)

type sessionContextModel struct {
	ARN         types.String `tfsdk:"arn"`
	ID          types.String `tfsdk:"id"`
	IssuerARN   types.String `tfsdk:"issuer_arn"`
	IssuerID    types.String `tfsdk:"issuer_id"`
	IssuerName  types.String `tfsdk:"issuer_name"`
	SessionName types.String `tfsdk:"session_name"`
}

func (d *sessionContextDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = "iam_session_context"
}

func (d *sessionContextDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the role of an assumed-role session. The ARN of a session contains no path, so it " +
			"does not determine the ARN of the role. For any other ARN, the issuer is the ARN itself.",
		Attributes: map[string]schema.Attribute{
			"arn": schema.StringAttribute{Required: true, MarkdownDescription: "The ARN of a session, or any " +
				"other ARN."},
			"id":           computed.String("The value of `arn`."),
			"issuer_arn":   computed.String("The ARN of the role, or `arn` if it is not a session."),
			"issuer_id":    computed.String("The unique id of the role, or empty if `arn` is not a session."),
			"issuer_name":  computed.String("The name of the role, or empty if `arn` is not a session."),
			"session_name": computed.String("The name of the session, or empty if `arn` is not a session."),
		},
	}
}

func (d *sessionContextDataSource) Read(
	ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse,
) {
	model, ok := lifecycle.Read[sessionContextModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	arn := model.ARN.ValueString()
	model.ID, model.IssuerARN = model.ARN, model.ARN
	model.IssuerID = types.StringValue("")
	model.IssuerName = types.StringValue("")
	model.SessionName = types.StringValue("")
	p, err := authz.ParsePrincipal(arn)
	if err != nil && !strings.HasPrefix(arn, "arn:") {
		resp.Diagnostics.AddAttributeError(path.Root("arn"), fmt.Sprintf("Invalid ARN %q", arn),
			apierror.UpperFirst(err.Error())+".")
		return
	}
	if err == nil && p.Kind == authz.RoleSession {
		object := "the role of session " + arn
		c, ok := d.OpenExisting(ctx, object, &resp.Diagnostics)
		if !ok {
			return
		}
		name := p.Name()
		got, err := c.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			lifecycle.AddReadError(&resp.Diagnostics, object, err)
			return
		}
		model.IssuerARN = types.StringPointerValue(got.Role.Arn)
		model.IssuerID = types.StringPointerValue(got.Role.RoleId)
		model.IssuerName = types.StringPointerValue(got.Role.RoleName)
		model.SessionName = types.StringValue(arn[strings.LastIndex(arn, "/")+1:])
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
