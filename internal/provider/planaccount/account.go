// Package planaccount maintains the planned account while Terraform plans, and checks access
// assertions on it. The planned account is the live account with every planned change applied.
package planaccount

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
)

// Account is the planned account. It checks an assertion when Terraform plans the assertion, and
// again at each later change that may affect the result. In any order of planning, the error
// therefore appears on the resource that causes the violation.
//
// One provider process may serve several plans and applies, as in terraform test. Terraform does
// not say to which of them a call belongs. But after an apply, only a new plan reads resources.
type Account struct {
	store *accountstore.Store
	Mode  Mode

	mu      sync.Mutex
	phase   phase
	edits   []keyedEdits    // the edits before plan exists
	staying map[string]bool // the keys of existing objects that Terraform plans to keep
	checks  []*Check

	plan *account.Plan // nil until it is needed
}

type keyedEdits struct {
	key   string
	edits []account.Edit
}

type phase uint8

const (
	planning phase = iota
	applying
	destroying // a plan to destroy everything; Terraform makes it right after an ordinary plan
)

// Mode is the effect of a plan that violates an assertion.
type Mode string

const (
	// Error fails the plan.
	Error Mode = "error"
	// Warn adds a warning.
	Warn Mode = "warn"
	// Off skips the checks.
	Off Mode = "off"
)

// ModeVariable is the environment variable with the mode. The provider block takes precedence.
const ModeVariable = "IAM_ASSERTIONS"

// ParseMode parses a mode. The empty text means the default.
func ParseMode(text string) (Mode, error) {
	switch mode := Mode(text); mode {
	case "":
		return Error, nil
	case Error, Warn, Off:
		return mode, nil
	}
	return "", fmt.Errorf(`must be "error", "warn" or "off", got %q`, text)
}

// New returns the planned account of a store, before anything is planned.
func New(store *accountstore.Store, mode Mode) *Account {
	return &Account{store: store, Mode: mode, staying: map[string]bool{}}
}

// Check is an access assertion that is checked on the planned account.
type Check struct {
	Key         string
	Description string   // such as `access assertion "build"`
	Names       []string // the principal, and the roles whose trust policies affect the result
	// Evaluate evaluates the assertion on an account.
	Evaluate func(of *account.Account) (assertion.Result, error)
	// Violation returns the summary of the error about a violation. It contains all facts, because
	// Terraform merges errors with the same summary.
	Violation func(assertion.Finding) string

	touched  account.Touched // the parts of the account that affect the result
	reported map[string]bool // the violations that were already reported on a resource
}

// EnterRefresh records that Terraform reads a resource. If Terraform applied a change before, a new
// plan begins.
func (p *Account) EnterRefresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning {
		p.phase, p.edits, p.staying, p.checks, p.plan = planning, nil, map[string]bool{}, nil, nil
	}
}

// EnterApply records that Terraform creates, changes or deletes a resource. During apply, Terraform
// plans each change again. The account ignores these plans, because the live account already
// contains some of the changes.
func (p *Account) EnterApply() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase = applying
}

// Put adds the planned edits of an object. The key of the object stays the same when the object is
// renamed. exists means that the object already exists.
func (p *Account) Put(key string, exists bool, edits ...account.Edit) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if exists {
		p.staying[key] = true
	}
	touched := p.addEdits(key, edits)
	if p.phase == destroying { // this object stays, so the plan does not destroy everything
		p.phase = planning
		for _, c := range p.checks {
			p.evaluate(c, &diags)
		}
		return diags
	}
	p.evaluateAffected(touched, &diags)
	return diags
}

// Remove adds the edits of an object that Terraform plans to destroy. If Terraform has just planned
// to keep the object, this is a plan to destroy everything. Account checks no assertions on such a
// plan, unless a later change keeps an object.
func (p *Account) Remove(key string, edits ...account.Edit) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.staying[key] && p.phase == planning {
		p.phase = destroying
	}
	p.evaluateAffected(p.addEdits(key, edits), &diags)
	return diags
}

// addEdits adds edits, and returns the parts of the account that they affect.
func (p *Account) addEdits(key string, edits []account.Edit) account.Touched {
	switch {
	case p.phase == applying:
		return nil
	case p.plan == nil:
		p.edits = append(p.edits, keyedEdits{key, edits})
		return nil
	}
	return p.plan.Put(key, edits...)
}

// evaluateAffected evaluates the checks whose results an edit may affect.
func (p *Account) evaluateAffected(touched account.Touched, diags *diag.Diagnostics) {
	if p.phase != planning {
		return
	}
	for _, c := range p.checks {
		if touched.Intersects(c.touched) {
			p.evaluate(c, diags)
		}
	}
}

// currentPlan returns the plan. It reads the live account only when the plan is first needed,
// because most configurations have no assertion.
func (p *Account) currentPlan(ctx context.Context) (*account.Plan, error) {
	if p.plan == nil {
		live, err := p.store.Live(ctx)
		if err != nil {
			return nil, err
		}
		p.plan = account.NewPlan(live)
		for _, e := range p.edits {
			p.plan.Put(e.key, e.edits...)
		}
		p.edits = nil
	}
	return p.plan, nil
}

// View returns the planned account of some principals or, during apply, the live account. fromPlan
// reports which of them it is.
func (p *Account) View(ctx context.Context, principals ...string) (of *account.Account, fromPlan bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning {
		of, err = p.store.Live(ctx)
		return of, false, err
	}
	plan, err := p.currentPlan(ctx)
	if err != nil {
		return nil, false, err
	}
	of, _, err = plan.View(principals...)
	return of, true, err
}

// AddAssertion checks an assertion now and at each later change. It replaces an assertion with the
// same key.
func (p *Account) AddAssertion(ctx context.Context, c Check) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning || p.Mode == Off {
		return nil
	}
	if _, err := p.currentPlan(ctx); err != nil {
		p.store.AddError(&diags, err)
		return diags
	}
	c.reported = map[string]bool{}
	p.dropCheck(c.Key)
	p.checks = append(p.checks, &c)
	p.evaluate(&c, &diags)
	return diags
}

// RemoveAssertion stops checking the assertion with a key.
func (p *Account) RemoveAssertion(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropCheck(key)
}

func (p *Account) dropCheck(key string) {
	left := p.checks[:0:0]
	for _, c := range p.checks {
		if c.Key != key {
			left = append(left, c)
		}
	}
	p.checks = left
}

// evaluate checks one assertion. It skips the violations that were already reported on another
// resource.
func (p *Account) evaluate(c *Check, diags *diag.Diagnostics) {
	planned, touched, err := p.plan.View(c.Names...)
	if err != nil {
		diags.AddError("Planned account cannot be evaluated", fmt.Sprintf("Checking the %s: %s", c.Description, err))
		return
	}
	c.touched = touched
	result, err := c.Evaluate(planned)
	var unknownPrincipal *assertion.UnknownPrincipalError
	switch {
	case errors.As(err, &unknownPrincipal):
		p.report(c, diags, "Principal not found in the planned account", fmt.Sprintf("Checking the %s: in the "+
			"changes planned so far, %s. "+
			"Refer to the resource that creates the principal, so that Terraform plans it first.", c.Description, err))
		return
	case err != nil:
		diags.AddError("Planned account cannot be evaluated", fmt.Sprintf("Checking the %s: %s", c.Description, err))
		return
	}
	for _, f := range result.Failures {
		p.report(c, diags, c.Violation(f), fmt.Sprintf("The planned account violates the %s.\n%s", c.Description, f.Message))
	}
	for _, f := range result.Undecided {
		if !c.reported[f.Request] {
			diags.AddWarning(fmt.Sprintf("%s is not decided at plan: %s", apierror.UpperFirst(c.Description), f.Request),
				"If Terraform applies the assertion after these values are known, it is decided then. Otherwise the next "+
					"plan decides it.\n"+f.Message)
		}
		c.reported[f.Request] = true
	}
}

func (p *Account) report(c *Check, diags *diag.Diagnostics, summary, detail string) {
	if c.reported[summary] {
		return
	}
	c.reported[summary] = true
	if p.Mode == Warn {
		diags.AddWarning(summary, detail)
		return
	}
	diags.AddError(summary, strings.TrimSpace(detail)+fmt.Sprintf("\n\nTo let the plan pass with a warning, set "+
		"assertions = \"warn\" in the provider block, or %s=warn.", ModeVariable))
}
