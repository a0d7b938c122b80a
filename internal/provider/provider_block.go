package provider

import (
	"cmp"
	"context"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
)

// masterKeyVariable is the environment variable of the key that encrypts secrets.
const masterKeyVariable = "IAM_MASTER_KEY" // #nosec G101 -- the variable's name

// defaultStore is the default of the iam command, too.
var defaultStore = filepath.Join(".iam", "iam.db")

// providerModel is the provider block.
type providerModel struct {
	Store       types.String `tfsdk:"store"`
	AccountID   types.String `tfsdk:"account_id"`
	Assertions  types.String `tfsdk:"assertions"`
	DefaultTags types.List   `tfsdk:"default_tags"`
}

type defaultTagsModel struct {
	Tags types.Map `tfsdk:"tags"`
}

// configure reads the provider block. It refuses unknown values, since every plan depends on which
// account it is for.
func (m *providerModel) configure(ctx context.Context, p *iamProvider, terraformVersion string,
	diags *diag.Diagnostics) *lifecycle.Session {
	for name, value := range map[string]interface{ IsUnknown() bool }{
		"store": m.Store, "account_id": m.AccountID, "assertions": m.Assertions, "default_tags": m.DefaultTags,
	} {
		if value.IsUnknown() {
			diags.AddAttributeError(path.Root(name), "Unknown provider argument",
				"Which account the provider works on, and how, must be known when Terraform plans. Use a "+
					"variable, a local or a literal here.")
		}
	}
	defaultTags := m.tags(ctx, diags)
	mode, err := planaccount.ParseMode(cmp.Or(m.Assertions.ValueString(), os.Getenv(planaccount.ModeVariable)))
	if err != nil {
		diags.AddAttributeError(path.Root("assertions"), "Invalid value for assertions", err.Error())
	}
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
	return lifecycle.NewSession(store, planaccount.New(store, mode), defaultTags, p.now)
}

func (m *providerModel) tags(ctx context.Context, diags *diag.Diagnostics) map[string]string {
	var found []defaultTagsModel
	diags.Append(m.DefaultTags.ElementsAs(ctx, &found, false)...)
	tags := map[string]string{}
	for _, block := range found {
		if block.Tags.IsUnknown() {
			diags.AddAttributeError(path.Root("default_tags"), "Unknown provider argument", "Default tags must "+
				"be known when Terraform plans.")
			continue
		}
		diags.Append(block.Tags.ElementsAs(ctx, &tags, false)...)
	}
	return tags
}
