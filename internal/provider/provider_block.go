package provider

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
)

// masterKeyVariable is the environment variable with the key that encrypts secrets.
const masterKeyVariable = "IAM_MASTER_KEY" // #nosec G101 -- the variable's name

// defaultStore is the default path of the store. The iam command has the same default.
var defaultStore = filepath.Join(".iam", "iam.db")

// providerModel is the model of the provider block.
type providerModel struct {
	Store       types.String `tfsdk:"store"`
	AccountID   types.String `tfsdk:"account_id"`
	Assertions  types.String `tfsdk:"assertions"`
	Undecided   types.String `tfsdk:"undecided"`
	DefaultTags types.List   `tfsdk:"default_tags"`
	PlanChecks  types.List   `tfsdk:"plan_checks"`
}

type defaultTagsModel struct {
	Tags types.Map `tfsdk:"tags"`
}

func (p *iamProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages users, groups, roles, policies and credentials as code, and decides access " +
			"questions while Terraform plans. The `iam` provider contains an IAM service and an evaluator for IAM " +
			"policies: an account is a file, and needs no server and no network. The provider works without any " +
			"configuration.",
		Attributes: map[string]schema.Attribute{
			"store": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The path of the account's database file, relative to the directory of the run. " +
					"Default: the environment variable `" + accountstore.PathVariable + "`, otherwise `.iam/iam.db`. " +
					"The provider creates the file when it first creates an object in it; planning never creates or changes it.",
			},
			"account_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The id of the account, 12 digits, which is part of every ARN. The provider creates a " +
					"store with this id, and refuses a store with another id. Default: the id of the existing store, " +
					"or `" + engine.DefaultAccountID + "` for a new one.",
			},
			"assertions": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The effect of a plan that violates an `iam_access_assertion`: `error` fails the plan, " +
					"`warn` adds a warning, `off` skips the checks. Default: the environment variable " +
					"`" + planaccount.ModeVariable + "`, otherwise `error`. The account refuses a change that violates a stored " +
					"assertion in every case.",
			},
			"undecided": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The effect of a plan that cannot decide an `iam_access_assertion` or a check of " +
					"`plan_checks`, because a value is known only after apply: `warn` adds a warning, `error` fails the plan. " +
					"Default `warn`. The account decides about assertions during apply.",
			},
		},
		Blocks: map[string]schema.Block{
			"plan_checks": planChecksBlock(),
			"default_tags": schema.ListNestedBlock{
				MarkdownDescription: "Tags for all resources that support tags. A tag of the resource with the same key " +
					"takes precedence.",
				Validators: []validator.List{listvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"tags": schema.MapAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "The " +
						"default tags, by key."},
				}},
			},
		},
	}
}

func (p *iamProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	c := model.configure(ctx, p, req.TerraformVersion, &resp.Diagnostics)
	if c == nil {
		return
	}
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData, resp.ListResourceData = c, c, c, c
}

// configure returns the session for the provider block. It refuses unknown values, because every plan
// depends on the account.
func (m *providerModel) configure(ctx context.Context, p *iamProvider, terraformVersion string,
	diags *diag.Diagnostics) *lifecycle.Session {
	for name, value := range map[string]interface{ IsUnknown() bool }{
		"store": m.Store, "account_id": m.AccountID, "assertions": m.Assertions, "undecided": m.Undecided,
		"default_tags": m.DefaultTags, "plan_checks": m.PlanChecks,
	} {
		if value.IsUnknown() {
			diags.AddAttributeError(path.Root(name), "Unknown provider argument",
				fmt.Sprintf("The argument %s is known only after apply, but the provider needs it to plan. "+
					"Set it to a variable, a local or a literal.", name))
		}
	}
	defaultTags := m.tags(ctx, diags)
	mode, err := planaccount.ParseMode(cmp.Or(m.Assertions.ValueString(), os.Getenv(planaccount.ModeVariable)))
	if err != nil {
		diags.AddAttributeError(path.Root("assertions"), "Invalid value for assertions", err.Error())
	}
	undecided, err := planaccount.ParseUndecided(m.Undecided.ValueString())
	if err != nil {
		diags.AddAttributeError(path.Root("undecided"), "Invalid value for undecided", err.Error())
	}
	checks := m.planChecks(ctx, p.now(), diags)
	if diags.HasError() {
		return nil
	}
	store, err := p.stores.StoreFor(engine.Options{
		Path:      cmp.Or(m.Store.ValueString(), os.Getenv(accountstore.PathVariable), defaultStore),
		AccountID: m.AccountID.ValueString(),
		MasterKey: os.Getenv(masterKeyVariable),
		Now:       p.now,
	}, terraformVersion)
	if err != nil {
		diags.AddAttributeError(path.Root("store"), "Invalid store path", err.Error())
		return nil
	}
	planned := planaccount.New(store, planaccount.Options{Mode: mode, Undecided: undecided, Checks: checks,
		Exchange: p.openExchange(store.Path())})
	return lifecycle.NewSession(store, planned, defaultTags, p.now)
}

// tags returns the default tags.
func (m *providerModel) tags(ctx context.Context, diags *diag.Diagnostics) map[string]string {
	var blocks []defaultTagsModel
	diags.Append(m.DefaultTags.ElementsAs(ctx, &blocks, false)...)
	tags := map[string]string{}
	for _, block := range blocks {
		if block.Tags.IsUnknown() {
			diags.AddAttributeError(path.Root("default_tags"), "Unknown provider argument", "The default tags are known only "+
				"after apply, but the provider needs them to plan.")
			continue
		}
		diags.Append(block.Tags.ElementsAs(ctx, &tags, false)...)
	}
	return tags
}
