package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
)

// Session is the state that a configured provider shares with its resources, data sources and
// ephemeral resources.
type Session struct {
	Store       *accountstore.Store
	Planned     *planaccount.Account
	DefaultTags map[string]string
	Now         func() time.Time

	limitsOnce    sync.Once
	accountLimits engine.Limits
	limitsErr     error

	endedRuns sync.Map // the id of a run -> whether it ended in good order
}

// limits returns the limits of the account. It reads them once. Without a store, it returns the
// default limits, which are AWS's.
func (s *Session) limits(ctx context.Context) (engine.Limits, error) {
	s.limitsOnce.Do(func() {
		e, err := s.Store.Existing(ctx)
		switch {
		case err == nil:
			var out *engine.GetLimitsOutput
			if out, s.limitsErr = e.GetLimits(ctx, nil); s.limitsErr == nil {
				s.accountLimits = out.Limits
			}
		case errors.Is(err, fs.ErrNotExist):
			s.accountLimits = engine.DefaultLimits()
		default:
			s.limitsErr = err
		}
	})
	return s.accountLimits, s.limitsErr
}

// CheckPolicy adds an error, at plan, for a policy that the account would refuse because of its size or content, and
// the warnings about the policy. The warnings do not appear again in apply.
func (s *Session) CheckPolicy(ctx context.Context, at path.Path, document policytext.Text, use engine.PolicyUse,
	diags *diag.Diagnostics) {
	if document.IsUnknown() || document.IsNull() {
		return
	}
	limits, err := s.limits(ctx)
	if err != nil {
		s.Store.AddError(diags, err)
		return
	}
	doc, err := document.Document()
	if err == nil {
		err = limits.CheckPolicy(doc, use)
	}
	if err != nil {
		diags.AddAttributeError(at, "Policy refused by the account", apierror.Text(err)+"\n\niam limits shows "+
			"the account's limits, and raises them.")
		return
	}
	if !s.Planned.Applying() {
		document.AddWarnings(at, diags)
	}
}

// CheckCount adds an error, at plan, for more members than the account allows.
func (s *Session) CheckCount(ctx context.Context, at path.Path, count int, limit func(engine.Limits) int,
	diags *diag.Diagnostics) {
	limits, err := s.limits(ctx)
	if err != nil {
		s.Store.AddError(diags, err)
		return
	}
	if most := limit(limits); count > most {
		diags.AddAttributeError(at, "Account limit exceeded", fmt.Sprintf("The configuration has %d, and the "+
			"account allows %d. iam limits shows the account's limits, and raises them.", count, most))
	}
}

// NewSession returns a session for one configured provider.
func NewSession(store *accountstore.Store, planned *planaccount.Account, defaultTags map[string]string,
	now func() time.Time) *Session {
	return &Session{Store: store, Planned: planned, DefaultTags: defaultTags, Now: now}
}

// Base gives every resource and data source the session. The session is nil while Terraform only
// validates.
type Base struct{ *Session }

// take stores the session, which the framework passes as the provider data.
func (m *Base) take(data any) {
	if c, ok := data.(*Session); ok {
		m.Session = c
	}
}

type (
	// ResourceBase is the base of a resource.
	ResourceBase struct{ Base }
	// DataSourceBase is the base of a data source.
	DataSourceBase struct{ Base }
	// EphemeralBase is the base of an ephemeral resource.
	EphemeralBase struct{ Base }
)

// Configure stores the session.
func (r *ResourceBase) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.take(req.ProviderData)
}

// Configure stores the session.
func (d *DataSourceBase) Configure(_ context.Context, req datasource.ConfigureRequest,
	_ *datasource.ConfigureResponse) {
	d.take(req.ProviderData)
}

// Configure stores the session.
func (e *EphemeralBase) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.take(req.ProviderData)
}

// ARNOf returns the ARN of an object. It is unknown while the path or the name is unknown. ARNOf
// needs no store, so the first plan already knows all ARNs.
func (m *Base) ARNOf(ctx context.Context, kind account.Kind, path, name types.String,
	diags *diag.Diagnostics) types.String {
	if path.IsUnknown() || name.IsUnknown() {
		return types.StringUnknown()
	}
	id, err := m.Store.AccountID(ctx)
	if err != nil {
		m.Store.AddError(diags, err)
		return types.StringUnknown()
	}
	return types.StringValue(account.New(id).ARN(kind, path.ValueString(), name.ValueString()))
}

// Renamed returns the current name of an object that does not exist under the name in the state, or
// "" if the object was deleted.
func (m *Base) Renamed(ctx context.Context, kind account.Kind, uniqueID types.String) string {
	e, err := m.Store.Existing(ctx)
	if err != nil || uniqueID.ValueString() == "" {
		return ""
	}
	now, err := accountstore.Account(ctx, e)
	if err != nil {
		return ""
	}
	found, arn, ok := now.ByID(uniqueID.ValueString())
	if !ok || found != kind {
		return ""
	}
	return arn[strings.LastIndex(arn, "/")+1:]
}
