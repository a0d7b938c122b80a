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
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
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

// session is what a configured provider hands to its resources, data sources and ephemeral resources.
type session struct {
	store       *accountStore
	planned     *plannedAccount
	defaultTags map[string]string
	now         func() time.Time

	limitsOnce sync.Once
	inForce    engine.Limits
	limitsErr  error
}

// limits are the quotas in force, which are read once: AWS's while there is no store.
func (c *session) limits(ctx context.Context) (engine.Limits, error) {
	c.limitsOnce.Do(func() {
		e, err := c.store.existing(ctx)
		switch {
		case err == nil:
			var out *engine.GetLimitsOutput
			if out, c.limitsErr = e.GetLimits(ctx, nil); c.limitsErr == nil {
				c.inForce = out.Limits
			}
		case errors.Is(err, fs.ErrNotExist):
			c.inForce = engine.DefaultLimits()
		default:
			c.limitsErr = err
		}
	})
	return c.inForce, c.limitsErr
}

// checkPolicySize refuses, at plan, a policy that the account would refuse for its size or its content.
func (c *session) checkPolicySize(ctx context.Context, at path.Path, document policytext.Text, use engine.PolicyUse, diags *diag.Diagnostics) {
	if document.IsUnknown() || document.IsNull() {
		return
	}
	limits, err := c.limits(ctx)
	if err != nil {
		storeError(diags, c.store, err)
		return
	}
	if err := limits.CheckPolicy(document.ValueString(), use); err != nil {
		diags.AddAttributeError(at, "Policy refused by the account", errorText(err)+"\n\niam limits shows the account's limits, and raises them.")
	}
}

// checkCount refuses, at plan, more members than the account allows.
func (c *session) checkCount(ctx context.Context, at path.Path, have int, limit func(engine.Limits) int, diags *diag.Diagnostics) {
	limits, err := c.limits(ctx)
	if err != nil {
		storeError(diags, c.store, err)
		return
	}
	if most := limit(limits); have > most {
		diags.AddAttributeError(at, "Account limit exceeded", fmt.Sprintf("The configuration has %d, and the account allows %d. iam limits shows the account's limits, and raises them.", have, most))
	}
}

// configure reads the provider block. What is known only after apply cannot be worked with: whose account it is decides what
// every plan looks like.
func (m *providerModel) configure(ctx context.Context, p *iamProvider, terraformVersion string, diags *diag.Diagnostics) *session {
	for name, value := range map[string]interface{ IsUnknown() bool }{
		"store": m.Store, "account_id": m.AccountID, "assertions": m.Assertions, "default_tags": m.DefaultTags,
	} {
		if value.IsUnknown() {
			diags.AddAttributeError(path.Root(name), "Unknown provider argument",
				"Which account the provider works on, and how, must be known when Terraform plans. Use a variable, a local or a literal here.")
		}
	}
	c := &session{now: p.now, defaultTags: m.tags(ctx, diags)}
	mode, err := parseCheckMode(orElse(m.Assertions, os.Getenv(assertionsVariable)))
	if err != nil {
		diags.AddAttributeError(path.Root("assertions"), "Invalid value for assertions", err.Error())
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
		diags.AddAttributeError(path.Root("store"), "Invalid store path", err.Error())
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
			diags.AddAttributeError(path.Root("default_tags"), "Unknown provider argument", "Default tags must be known when Terraform plans.")
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

// base gives every resource and data source the session. The session is nil while Terraform only validates.
type base struct{ *session }

func (m *base) take(data any) {
	if c, ok := data.(*session); ok {
		m.session = c
	}
}

// resourceBase, dataSourceBase and ephemeralBase add the Configure method of each kind to base.
type (
	resourceBase   struct{ base }
	dataSourceBase struct{ base }
	ephemeralBase  struct{ base }
)

func (r *resourceBase) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.take(req.ProviderData)
}

func (d *dataSourceBase) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.take(req.ProviderData)
}

func (e *ephemeralBase) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.take(req.ProviderData)
}
