package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
)

// plannedAccount is the account as it will be: while Terraform plans, the live account with every planned change
// applied. An assertion is checked when it is planned, and again at each later change that may affect it. The error
// then appears on the resource that causes the violation, in whatever order Terraform plans.
//
// One process serves one or, as in terraform test, several walks over a configuration. Terraform does not say which
// walk a call belongs to, but only a new plan reads resources after something was applied.
type plannedAccount struct {
	store *accountStore
	mode  checkMode

	mu      sync.Mutex
	phase   phase
	edits   []keyedEdits    // until the plan is built
	staying map[string]bool // the keys of objects that exist and were planned to stay
	checks  []*check

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

// checkMode says what happens when a plan violates an assertion.
type checkMode string

const (
	checkError checkMode = "error"
	checkWarn  checkMode = "warn"
	checkOff   checkMode = "off"
)

// assertionsVariable is the environment variable of the mode, if the provider block does not set it.
const assertionsVariable = "IAM_ASSERTIONS"

// parseCheckMode reads a mode. The empty text is the default.
func parseCheckMode(text string) (checkMode, error) {
	switch mode := checkMode(text); mode {
	case "":
		return checkError, nil
	case checkError, checkWarn, checkOff:
		return mode, nil
	}
	return "", fmt.Errorf(`must be "error", "warn" or "off", got %q`, text)
}

func newPlannedAccount(store *accountStore, mode checkMode) *plannedAccount {
	return &plannedAccount{store: store, mode: mode, staying: map[string]bool{}}
}

// check is an access assertion that is checked on the planned account.
type check struct {
	key   string
	what  string   // such as `access assertion "build"`
	names []string // of the principal, and of the roles whose trust policies affect the result
	ask   func(of *account.Account) (assertion.Result, error)
	// violation returns the summary of the error, with all facts, as Terraform merges errors of one summary.
	violation func(assertion.Finding) string

	touched  account.Touched
	reported map[string]bool // the violations that were reported on a resource already
}

// enterRefresh is called whenever a resource is read. It begins a new plan if something was applied before.
func (p *plannedAccount) enterRefresh() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning {
		p.phase, p.edits, p.staying, p.checks, p.plan = planning, nil, map[string]bool{}, nil, nil
	}
}

// enterApply is called whenever a resource is created, changed or deleted. Terraform then plans each change again, and
// these plans are ignored: the account would have some of them applied and others not.
func (p *plannedAccount) enterApply() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase = applying
}

// put applies planned edits to the account. The key stays the same when the object is renamed. exists says that the
// object exists already.
func (p *plannedAccount) put(key string, exists bool, edits ...account.Edit) (diags diag.Diagnostics) {
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

// remove applies the edits of an object that is planned to be destroyed. If the object was just planned to stay, this
// is a plan to destroy everything. Assertions are not checked on it, unless a later change keeps something.
func (p *plannedAccount) remove(key string, edits ...account.Edit) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.staying[key] && p.phase == planning {
		p.phase = destroying
	}
	p.evaluateAffected(p.lay(key, edits), &diags)
	return diags
}

// lay applies edits, and returns what they affect.
func (p *plannedAccount) lay(key string, edits []account.Edit) account.Touched {
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
func (p *plannedAccount) evaluateAffected(touched account.Touched, diags *diag.Diagnostics) {
	if p.phase != planning {
		return
	}
	for _, c := range p.checks {
		if touched.Meets(c.touched) {
			p.evaluate(c, diags)
		}
	}
}

// built returns the plan. It reads the live account only when the plan is first needed, since most configurations have no
// assertion.
func (p *plannedAccount) built(ctx context.Context) (*account.Plan, error) {
	if p.plan == nil {
		live, err := p.store.live(ctx)
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

// view returns the account as it will be for some principals or, once Terraform applies, as it is. fromPlan says which.
func (p *plannedAccount) view(ctx context.Context, principals ...string) (of *account.Account, fromPlan bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning {
		of, err = p.store.live(ctx)
		return of, false, err
	}
	plan, err := p.built(ctx)
	if err != nil {
		return nil, false, err
	}
	of, _, err = plan.View(principals...)
	return of, true, err
}

// addAssertion checks an assertion now and at each later change. An assertion of the same key replaces it.
func (p *plannedAccount) addAssertion(ctx context.Context, c check) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning || p.mode == checkOff {
		return nil
	}
	if _, err := p.built(ctx); err != nil {
		p.store.addError(&diags, err)
		return diags
	}
	c.reported = map[string]bool{}
	p.dropCheck(c.key)
	p.checks = append(p.checks, &c)
	p.evaluate(&c, &diags)
	return diags
}

// removeAssertion stops checking the assertion of a key.
func (p *plannedAccount) removeAssertion(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dropCheck(key)
}

func (p *plannedAccount) dropCheck(key string) {
	left := p.checks[:0:0]
	for _, c := range p.checks {
		if c.key != key {
			left = append(left, c)
		}
	}
	p.checks = left
}

// evaluate checks one assertion, and reports the violations that were not reported on another resource.
func (p *plannedAccount) evaluate(c *check, diags *diag.Diagnostics) {
	as, touched, err := p.plan.View(c.names...)
	if err != nil {
		diags.AddError("Planned account cannot be evaluated", fmt.Sprintf("Checking the %s: %s", c.what, err))
		return
	}
	c.touched = touched
	result, err := c.ask(as)
	var nobody *assertion.ErrNobody
	switch {
	case errors.As(err, &nobody):
		p.report(c, diags, "Principal not found in the planned account", fmt.Sprintf("Checking the %s: in the changes planned so far, %s. "+
			"Refer to the resource that creates the principal, so that Terraform plans it first.", c.what, err))
		return
	case err != nil:
		diags.AddError("Planned account cannot be evaluated", fmt.Sprintf("Checking the %s: %s", c.what, err))
		return
	}
	for _, f := range result.Failures {
		p.report(c, diags, c.violation(f), fmt.Sprintf("The planned account violates the %s.\n%s", c.what, f.Message))
	}
	for _, f := range result.Undecided {
		if !c.reported[f.Request] {
			diags.AddWarning(fmt.Sprintf("%s is not decided at plan: %s", upperFirst(c.what), f.Request), "It is decided after apply, when all values are known.\n"+f.Message)
		}
		c.reported[f.Request] = true
	}
}

func (p *plannedAccount) report(c *check, diags *diag.Diagnostics, summary, detail string) {
	if c.reported[summary] {
		return
	}
	c.reported[summary] = true
	if p.mode == checkWarn {
		diags.AddWarning(summary, detail)
		return
	}
	diags.AddError(summary, strings.TrimSpace(detail)+fmt.Sprintf("\n\nTo let the plan pass with a warning, set assertions = \"warn\" in the provider block, or %s=warn.", assertionsVariable))
}
