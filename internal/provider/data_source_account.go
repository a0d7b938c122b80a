package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func newAccountDataSource() datasource.DataSource { return &accountDataSource{} }

type accountDataSource struct{ asDataSource }

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

func (d *accountDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_account"
}

func (d *accountDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	numbers := func(description string) schema.Attribute {
		return schema.MapAttribute{ElementType: types.Int64Type, Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The account that the provider works on. Its id is known also before there is a store.",
		Attributes: map[string]schema.Attribute{
			"id":         answer("The id of the account."),
			"account_id": answer("The id of the account."),
			"alias":      answer("The account's alias; null for none."),
			"exists":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there is a store yet. Without one, what follows is null."},
			"store_path": answer("The database file of the account."),
			"store_id":   answer("What tells the store from others, also from those of the same account id."),
			"summary":    numbers("What is in the account, by the names of `GetAccountSummary`, such as `Users`."),
			"limits":     numbers("The quotas in force, by the names of `iam limits`, such as `users`."),
		},
	}
}

func (d *accountDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	id, err := d.store.accountID(ctx)
	if err != nil {
		storeError(&resp.Diagnostics, d.store, err)
		return
	}
	model := accountModel{
		ID: types.StringValue(id), AccountID: types.StringValue(id), Exists: types.BoolValue(false), StorePath: types.StringValue(d.store.options.Path),
		Summary: types.MapNull(types.Int64Type), Limits: types.MapNull(types.Int64Type),
	}
	if e := d.look(ctx, &resp.Diagnostics); e != nil {
		c := e.As(d.store.caller)
		model.Exists, model.StoreID = types.BoolValue(true), types.StringValue(e.StoreID())
		aliases, err := c.ListAccountAliases(ctx, nil)
		if err != nil {
			failed(&resp.Diagnostics, "reading the account's alias", err)
			return
		}
		for _, alias := range aliases.AccountAliases {
			model.Alias = types.StringValue(alias)
		}
		summary, err := c.GetAccountSummary(ctx, nil)
		if err != nil {
			failed(&resp.Diagnostics, "reading the account's summary", err)
			return
		}
		limits, err := c.Limits(ctx)
		if err != nil {
			failed(&resp.Diagnostics, "reading the account's limits", err)
			return
		}
		var inForce map[string]int64
		text, err := json.Marshal(limits)
		if err == nil {
			err = json.Unmarshal(text, &inForce)
		}
		if err != nil {
			failed(&resp.Diagnostics, "reading the account's limits", err)
			return
		}
		model.Summary, model.Limits = numberMap(summary.SummaryMap), numberMap(inForce)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
