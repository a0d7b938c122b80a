// Package planaccount keeps the account as it will be while Terraform plans, and checks access
// assertions on it.
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

// Account is the account as it will be: while Terraform plans, the live account with every planned
// change applied. An assertion is checked when it is planned, and again at each later change that
// may affect it. The error then appears on the resource that causes the violation, in whatever
// order Terraform plans.
//
// One process serves one or, as in terraform test, several walks over a configuration. Terraform
// does not say which walk a call belongs to, but only a new plan reads resources after something
// was applied.
type Account struct {
	store *accountstore.Store
	Mode  Mode

	mu      sync.Mutex
	phase   phase
	edits   []keyedEdits    // until the plan is built
	staying map[string]bool // the keys of objects that exist and were planned to stay
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
	destroying // a plan to destroy everything, which Terraform makes right after an ordinary one
)

// Mode says what happens when a plan violates an assertion.
type Mode string

const (
	// Error fails the plan.
	Error Mode = "error"
	// Warn warns.
	Warn Mode = "warn"
	// Off checks nothing.
	Off Mode = "off"
)

// ModeVariable is the environment variable of the mode, if the provider block does not set it.
const ModeVariable = "IAM_ASSERTIONS"

// ParseMode reads a mode. The empty text is the default.
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
	Key   string
	What  string   // such as `access assertion "build"`
	Names []string // of the principal, and of the roles whose trust policies affect the result
	Ask   func(of *account.Account) (assertion.Result, error)
	// Violation returns the summary of the error, with all facts, as Terraform merges errors of one
	// summary.
	Violation func(assertion.Finding) string

	touched  account.Touched
	reported map[string]bool // the violations that were reported on a resource already
}

// EnterRefresh is called whenever a resource is read. It begins a new plan if something was applied
// before.
func (p *Account) EnterRefresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning {
		p.phase, p.edits, p.staying, p.checks, p.plan = planning, nil, map[string]bool{}, nil, nil
	}
}

// EnterApply is called whenever a resource is created, changed or deleted. Terraform then plans
// each change again, and these plans are ignored: the account would have some of them applied and
// others not.
func (p *Account) EnterApply() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase = applying
}

// Put applies planned edits to the account. The key stays the same when the object is renamed.
// exists says that the object exists already.
func (p *Account) Put(key string, exists bool, edits ...account.Edit) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if exists {
		p.staying[key] = true
	}
	touched := p.lay(key, edits)
	if p.phase == destroying { // not everything is destroyed, since this object stays
		p.phase = planning
		for _, c := range p.checks {
			p.evaluate(c, &diags)
		}
		return diags
	}
	p.evaluateAffected(touched, &diags)
	return diags
}

// Remove applies the edits of an object that is planned to be destroyed. If the object was just
// planned to stay, this is a plan to destroy everything. Assertions are not checked on it, unless a
// later change keeps something.
func (p *Account) Remove(key string, edits ...account.Edit) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.staying[key] && p.phase == planning {
		p.phase = destroying
	}
	p.evaluateAffected(p.lay(key, edits), &diags)
	return diags
}

// lay applies edits, and returns what they affect.
func (p *Account) lay(key string, edits []account.Edit) account.Touched {
	switch {
	case p.phase == applying:
		return nil
	case p.plan == nil:
		p.edits = append(p.edits, keyedEdits{key, edits})
		return nil
	}
	return p.plan.Put(key, edits...)
}

// evaluateAffected evaluates the checks that an edit may affect.
func (p *Account) evaluateAffected(touched account.Touched, diags *diag.Diagnostics) {
	if p.phase != planning {
		return
	}
	for _, c := range p.checks {
		if touched.Meets(c.touched) {
			p.evaluate(c, diags)
		}
	}
}

// built returns the plan. It reads the live account only when the plan is first needed, since most
// configurations have no assertion.
func (p *Account) built(ctx context.Context) (*account.Plan, error) {
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

// View returns the account as it will be for some principals or, once Terraform applies, as it is.
// fromPlan says which.
func (p *Account) View(ctx context.Context, principals ...string) (of *account.Account, fromPlan bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning {
		of, err = p.store.Live(ctx)
		return of, false, err
	}
	plan, err := p.built(ctx)
	if err != nil {
		return nil, false, err
	}
	of, _, err = plan.View(principals...)
	return of, true, err
}

// AddAssertion checks an assertion now and at each later change. An assertion of the same key
// replaces it.
func (p *Account) AddAssertion(ctx context.Context, c Check) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning || p.Mode == Off {
		return nil
	}
	if _, err := p.built(ctx); err != nil {
		p.store.AddError(&diags, err)
		return diags
	}
	c.reported = map[string]bool{}
	p.dropCheck(c.Key)
	p.checks = append(p.checks, &c)
	p.evaluate(&c, &diags)
	return diags
}

// RemoveAssertion stops checking the assertion of a key.
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

// evaluate checks one assertion, and reports the violations that were not reported on another
// resource.
func (p *Account) evaluate(c *Check, diags *diag.Diagnostics) {
	as, touched, err := p.plan.View(c.Names...)
	if err != nil {
		diags.AddError("Planned account cannot be evaluated", fmt.Sprintf("Checking the %s: %s", c.What, err))
		return
	}
	c.touched = touched
	result, err := c.Ask(as)
	var nobody *assertion.UnknownPrincipalError
	switch {
	case errors.As(err, &nobody):
		p.report(c, diags, "Principal not found in the planned account", fmt.Sprintf("Checking the %s: in the "+
			"changes planned so far, %s. "+
			"Refer to the resource that creates the principal, so that Terraform plans it first.", c.What, err))
		return
	case err != nil:
		diags.AddError("Planned account cannot be evaluated", fmt.Sprintf("Checking the %s: %s", c.What, err))
		return
	}
	for _, f := range result.Failures {
		p.report(c, diags, c.Violation(f), fmt.Sprintf("The planned account violates the %s.\n%s", c.What, f.Message))
	}
	for _, f := range result.Undecided {
		if !c.reported[f.Request] {
			diags.AddWarning(fmt.Sprintf("%s is not decided at plan: %s", apierror.UpperFirst(c.What), f.Request),
				"It is decided after apply, when all values are known.\n"+f.Message)
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
