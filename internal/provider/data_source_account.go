package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newAccountDataSource() datasource.DataSource { return &accountDataSource{} }

type accountDataSource struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*accountDataSource)(nil)

type accountModel struct {
	ID        types.String `tfsdk:"id"`
	AccountID types.String `tfsdk:"account_id"`
	Alias     types.String `tfsdk:"alias"`
	Exists    types.Bool   `tfsdk:"exists"`
	StorePath types.String `tfsdk:"store_path"`
	StoreID   types.String `tfsdk:"store_id"`
	Summary   types.Map    `tfsdk:"summary"`
	Limits    types.Map    `tfsdk:"limits"`
}

func (d *accountDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = "iam_account"
}

func (d *accountDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	numbers := func(description string) schema.Attribute {
		return schema.MapAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Describes the account that the provider manages. The id is known even before the store exists.",
		Attributes: map[string]schema.Attribute{
			"id":         computed.String("The id of the account."),
			"account_id": computed.String("The id of the account."),
			"alias":      computed.String("The alias of the account, or null."),
			"exists": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the store exists. If it " +
				"does not, `alias`, `store_id`, `summary` and `limits` are null."},
			"store_path": computed.String("The path of the database file."),
			"store_id":   computed.String("The id of the store. It distinguishes stores that have the same account id."),
			"summary":    numbers("The number of objects in the account, by the keys of `GetAccountSummary`, such as `Users`."),
			"limits":     numbers("The limits of the account, by the names that `iam limits` uses, such as `users`."),
		},
	}
}

func (d *accountDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	id, err := d.Store.AccountID(ctx)
	if err != nil {
		d.Store.AddError(&resp.Diagnostics, err)
		return
	}
	model := accountModel{
		ID:        types.StringValue(id),
		AccountID: types.StringValue(id),
		Exists:    types.BoolValue(false),
		StorePath: types.StringValue(d.Store.Path()),
		Summary:   types.MapNull(types.Int64Type), Limits: types.MapNull(types.Int64Type),
	}
	if c := d.OpenIfExists(ctx, &resp.Diagnostics); c != nil {
		storeID, err := accountstore.StoreID(ctx, c)
		if err != nil {
			d.Store.AddError(&resp.Diagnostics, err)
			return
		}
		model.Exists, model.StoreID = types.BoolValue(true), types.StringValue(storeID)
		aliases, err := c.ListAccountAliases(ctx, nil)
		if err != nil {
			apierror.Add(&resp.Diagnostics, "reading the account's alias", err)
			return
		}
		for _, alias := range aliases.AccountAliases {
			model.Alias = types.StringValue(alias)
		}
		summary, err := c.GetAccountSummary(ctx, nil)
		if err != nil {
			apierror.Add(&resp.Diagnostics, "reading the account's summary", err)
			return
		}
		limits, err := c.GetLimits(ctx, nil)
		if err != nil {
			apierror.Add(&resp.Diagnostics, "reading the account's limits", err)
			return
		}
		var inForce map[string]int64
		text, err := json.Marshal(limits.Limits)
		if err == nil {
			err = json.Unmarshal(text, &inForce)
		}
		if err != nil {
			apierror.Add(&resp.Diagnostics, "reading the account's limits", err)
			return
		}
		model.Summary, model.Limits = computed.NumberMap(summary.SummaryMap), computed.NumberMap(inForce)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
