package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newAccessKeysDataSource() datasource.DataSource { return &accessKeysDataSource{} }

type accessKeysDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*accessKeysDataSource)(nil)

type accessKeysModel struct {
	User types.String `tfsdk:"user"`
	ID   types.String `tfsdk:"id"`
	Keys types.List   `tfsdk:"access_keys"`
}

var accessKeyType = computed.RowType("access_key_id", "status", "create_date", "last_used", "last_used_service")

type accessKeyRow struct {
	ID         types.String `tfsdk:"access_key_id"`
	Status     types.String `tfsdk:"status"`
	CreateDate types.String `tfsdk:"create_date"`
	LastUsed   types.String `tfsdk:"last_used"`
	Service    types.String `tfsdk:"last_used_service"`
}

func (d *accessKeysDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = "iam_access_keys"
}

func (d *accessKeysDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the long-term access keys of a user, with the time of their last use. It does not " +
			"return secrets.",
		Attributes: map[string]schema.Attribute{
			"user": schema.StringAttribute{Required: true, MarkdownDescription: "The name of the user."},
			"id":   computed.String("The name of the user."),
			"access_keys": computed.Rows("The keys, oldest first.", map[string]string{
				"access_key_id":     "The id, such as `AKIA…`.",
				"status":            "`Active` or `Inactive`.",
				"create_date":       "When the key was created (RFC 3339).",
				"last_used":         "When the key was last used (RFC 3339), or null if it was never used.",
				"last_used_service": "The service of the last use.",
			}),
		},
	}
}

func (d *accessKeysDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[accessKeysModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	object := fmt.Sprintf("user %q", model.User.ValueString())
	c, ok := d.OpenExisting(ctx, object, &resp.Diagnostics)
	if !ok {
		return
	}
	keys, err := accessKeysOf(ctx, c, model.User.ValueString())
	if err != nil {
		lifecycle.AddReadError(&resp.Diagnostics, object, err)
		return
	}
	var out []accessKeyRow
	for _, key := range keys {
		row := accessKeyRow{
			ID:         types.StringPointerValue(key.AccessKeyId),
			Status:     types.StringValue(string(key.Status)),
			CreateDate: types.StringValue(key.CreateDate.Format(time.RFC3339)),
		}
		used, err := c.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: key.AccessKeyId})
		if err != nil {
			apierror.Add(&resp.Diagnostics, "reading the last use of access key "+*key.AccessKeyId, err)
			return
		}
		if at := used.AccessKeyLastUsed.LastUsedDate; at != nil {
			row.LastUsed = types.StringValue(at.Format(time.RFC3339))
			row.Service = types.StringPointerValue(used.AccessKeyLastUsed.ServiceName)
		}
		out = append(out, row)
	}
	model.ID, model.Keys = model.User, computed.RowList(ctx, accessKeyType, out, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
