package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newCallerIdentityDataSource() datasource.DataSource { return &callerIdentityDataSource{} }

type callerIdentityDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*callerIdentityDataSource)(nil)

type callerIdentityModel struct {
	ID        types.String `tfsdk:"id"`
	AccountID types.String `tfsdk:"account_id"`
	ARN       types.String `tfsdk:"arn"`
	UserID    types.String `tfsdk:"user_id"`
}

func (d *callerIdentityDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = "iam_caller_identity"
}

func (d *callerIdentityDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Describes the provider's own caller and its account. Both are known even before the " +
			"store exists.",
		Attributes: map[string]schema.Attribute{
			"id":         computed.String("The id of the account."),
			"account_id": computed.String("The id of the account."),
			"arn": computed.String("The ARN of the caller. It is the account root, because access to the store's files " +
				"grants all access."),
			"user_id": computed.String("The unique id of the caller. For the account root it is the account id."),
		},
	}
}

func (d *callerIdentityDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	id, err := d.Store.AccountID(ctx)
	if err != nil {
		d.Store.AddError(&resp.Diagnostics, err)
		return
	}
	model := callerIdentityModel{
		ID:        types.StringValue(id),
		AccountID: types.StringValue(id),
		ARN:       types.StringValue("arn:aws:iam::" + id + ":root"),
		UserID:    types.StringValue(id),
	}
	if e := d.OpenIfExists(ctx, &resp.Diagnostics); e != nil {
		got, err := e.GetCallerIdentity(ctx, nil)
		if err != nil {
			apierror.Add(&resp.Diagnostics, "reading the caller identity", err)
			return
		}
		model.ARN, model.UserID = types.StringPointerValue(got.Arn), types.StringPointerValue(got.UserId)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
