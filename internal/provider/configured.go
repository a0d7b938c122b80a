package provider

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// What the environment says where the provider block is silent.
const (
	storeVariable      = "IAM_STORE"
	masterKeyVariable  = "IAM_MASTER_KEY" // #nosec G101 -- the variable's name
	assertionsVariable = "IAM_ASSERTIONS"
)

// defaultStore is where the iam command keeps its account too.
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

// configured is what a configured provider hands to everything in it.
type configured struct {
	store       *accountStore
	planned     *plannedAccount
	defaultTags map[string]string
	now         func() time.Time

	limitsOnce sync.Once
	inForce    engine.Limits
	limitsErr  error
}

// limits are the quotas in force, which are read once: AWS's while there is no store.
func (c *configured) limits(ctx context.Context) (engine.Limits, error) {
	c.limitsOnce.Do(func() {
		e, err := c.store.existing(ctx)
		switch {
		case err == nil:
			c.inForce, c.limitsErr = e.As(c.store.caller).Limits(ctx)
		case errors.Is(err, fs.ErrNotExist):
			c.inForce = engine.DefaultLimits()
		default:
			c.limitsErr = err
		}
	})
	return c.inForce, c.limitsErr
}

// fits refuses, while Terraform plans, a policy that the account would refuse for its size, or for what it says.
func (c *configured) fits(ctx context.Context, at path.Path, document policyText, use engine.PolicyUse, diags *diag.Diagnostics) {
	if document.IsUnknown() || document.IsNull() {
		return
	}
	limits, err := c.limits(ctx)
	if err != nil {
		storeError(diags, c.store, err)
		return
	}
	if err := limits.CheckPolicy(document.ValueString(), use); err != nil {
		diags.AddAttributeError(at, "The account does not take this policy", errorText(err)+"\n\niam limits shows the account's limits, and raises them.")
	}
}

// atMost refuses, while Terraform plans, more of something than the account may have.
func (c *configured) atMost(ctx context.Context, at path.Path, have int, limit func(engine.Limits) int, diags *diag.Diagnostics) {
	limits, err := c.limits(ctx)
	if err != nil {
		storeError(diags, c.store, err)
		return
	}
	if most := limit(limits); have > most {
		diags.AddAttributeError(at, "More than the account allows", fmt.Sprintf("These are %d, and the account allows %d. iam limits shows the account's limits, and raises them.", have, most))
	}
}

// configure reads the provider block. What is known only after apply cannot be worked with: whose account it is decides what
// every plan looks like.
func (m *providerModel) configure(ctx context.Context, p *iamProvider, terraformVersion string, diags *diag.Diagnostics) *configured {
	for name, value := range map[string]interface{ IsUnknown() bool }{
		"store": m.Store, "account_id": m.AccountID, "assertions": m.Assertions, "default_tags": m.DefaultTags,
	} {
		if value.IsUnknown() {
			diags.AddAttributeError(path.Root(name), "Known only after apply",
				"Which account the provider works on, and how, must be known when Terraform plans. Use a variable, a local or a literal here.")
		}
	}
	c := &configured{now: p.now, defaultTags: m.tags(ctx, diags)}
	mode, err := assertionsMode(orElse(m.Assertions, os.Getenv(assertionsVariable)))
	if err != nil {
		diags.AddAttributeError(path.Root("assertions"), "No such way to treat assertions", err.Error())
	}
	if diags.HasError() {
		return nil
	}
	c.store, err = p.storeOf(engine.Options{
		Path:      orElse(m.Store, os.Getenv(storeVariable), defaultStore),
		AccountID: m.AccountID.ValueString(),
		MasterKey: os.Getenv(masterKeyVariable),
		Now:       p.now,
	}, terraformVersion)
	if err != nil {
		diags.AddAttributeError(path.Root("store"), "No such store", err.Error())
		return nil
	}
	c.planned = newPlannedAccount(c.store, mode)
	return c
}

func (m *providerModel) tags(ctx context.Context, diags *diag.Diagnostics) map[string]string {
	var found []defaultTagsModel
	diags.Append(m.DefaultTags.ElementsAs(ctx, &found, false)...)
	tags := map[string]string{}
	for _, block := range found {
		if block.Tags.IsUnknown() {
			diags.AddAttributeError(path.Root("default_tags"), "Known only after apply", "Default tags must be known when Terraform plans.")
			continue
		}
		diags.Append(block.Tags.ElementsAs(ctx, &tags, false)...)
	}
	return tags
}

// orElse is the first text that there is.
func orElse(value types.String, others ...string) string {
	if text := value.ValueString(); text != "" {
		return text
	}
	for _, other := range others {
		if other != "" {
			return other
		}
	}
	return ""
}

// managed is what every resource and data source has in common. It is nil inside while Terraform only validates.
type managed struct{ *configured }

func (m *managed) take(data any) {
	if c, ok := data.(*configured); ok {
		m.configured = c
	}
}

// asResource, asDataSource and asEphemeral are managed with the Configure method of each kind.
type (
	asResource   struct{ managed }
	asDataSource struct{ managed }
	asEphemeral  struct{ managed }
)

func (r *asResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.take(req.ProviderData)
}

func (d *asDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.take(req.ProviderData)
}

func (e *asEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.take(req.ProviderData)
}
