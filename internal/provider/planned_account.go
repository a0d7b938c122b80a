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

// plannedAccount is the account as it will be, while Terraform plans: the live one with every planned change over it. What
// must hold of it is checked when it is planned, and again at each later change that bears on it, so that the error stands on
// the resource that causes it, in whatever order Terraform plans.
//
// One process serves one walk over the configuration, or several one after the other, as in terraform test. Nobody tells
// which is which, but only a new plan reads resources after something was applied.
type plannedAccount struct {
	store *accountStore
	mode  checking

	mu     sync.Mutex
	phase  phase
	edits  []keyedEdits    // until the plan is asked for
	kept   map[string]bool // the keys of edits that were planned for what exists
	checks []*check

	plan *account.Plan // nil until somebody asks what will be
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

// checking is what happens when a plan breaks an assertion.
type checking string

const (
	checkError checking = "error"
	checkWarn  checking = "warn"
	checkOff   checking = "off"
)

func assertionsMode(text string) (checking, error) {
	switch mode := checking(text); mode {
	case "":
		return checkError, nil
	case checkError, checkWarn, checkOff:
		return mode, nil
	}
	return "", fmt.Errorf("%q is none of error, warn and off", text)
}

func newPlannedAccount(store *accountStore, mode checking) *plannedAccount {
	return &plannedAccount{store: store, mode: mode, kept: map[string]bool{}}
}

// check is something that must hold of the planned account.
type check struct {
	key   string
	what  string   // such as `the assertion about alice`
	names []string // of the principals that it is about, and of roles whose trust policies bear on it
	ask   func(of *account.Account) (assertion.Result, error)

	touched  account.Touched
	reported map[string]bool // the failures that stand on some resource already
}

// reading is called whenever a resource is read. After something was applied, it begins a new plan.
func (p *plannedAccount) reading() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning {
		p.phase, p.edits, p.kept, p.checks, p.plan = planning, nil, map[string]bool{}, nil, nil
	}
}

// applying is called whenever something is made, changed or deleted. What is planned from then on is planned once more, by the
// apply, of which the planned account no longer has to know: it would hold what is done and what is not.
func (p *plannedAccount) applying() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.phase = applying
}

// put lays a planned change over the account. The key names the object, whatever its name; exists says that it is there
// already.
func (p *plannedAccount) put(key string, exists bool, edits ...account.Edit) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if exists {
		p.kept[key] = true
	}
	touched := p.lay(key, edits)
	if p.phase == destroying { // it is not: then nothing would be planned to stay
		p.phase = planning
		for _, c := range p.checks {
			p.look(c, &diags)
		}
		return diags
	}
	p.lookAgain(touched, &diags)
	return diags
}

// remove lays over the account that something goes. Of what was just planned to stay, that is a plan to destroy everything,
// which nothing has to hold of, unless something is planned to stay after all.
func (p *plannedAccount) remove(key string, edits ...account.Edit) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept[key] && p.phase == planning {
		p.phase = destroying
	}
	p.lookAgain(p.lay(key, edits), &diags)
	return diags
}

// lay lays edits over the account, and says what they bear on.
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

// lookAgain checks what hangs on what an edit bears on.
func (p *plannedAccount) lookAgain(touched account.Touched, diags *diag.Diagnostics) {
	if p.phase != planning {
		return
	}
	for _, c := range p.checks {
		if touched.Meets(c.touched) {
			p.look(c, diags)
		}
	}
}

// built gives the plan. The live account is read when it is first needed: most configurations assert nothing.
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

// view is the account as it will be for a principal; as it is, once Terraform applies. fromPlan says which.
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

// must checks what must hold, now and at each later change. The key names who asks, so that a second plan of it replaces the
// first.
func (p *plannedAccount) must(ctx context.Context, c check) (diags diag.Diagnostics) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != planning || p.mode == checkOff {
		return nil
	}
	if _, err := p.built(ctx); err != nil {
		storeError(&diags, p.store, err)
		return diags
	}
	c.reported = map[string]bool{}
	p.forget(c.key)
	p.checks = append(p.checks, &c)
	p.look(&c, &diags)
	return diags
}

// mayGo forgets what must hold once nobody asks for it any more.
func (p *plannedAccount) mayGo(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(key)
}

func (p *plannedAccount) forget(key string) {
	kept := p.checks[:0:0]
	for _, c := range p.checks {
		if c.key != key {
			kept = append(kept, c)
		}
	}
	p.checks = kept
}

// look checks one assertion, and reports what does not hold and was not reported on another resource.
func (p *plannedAccount) look(c *check, diags *diag.Diagnostics) {
	as, touched, err := p.plan.View(c.names...)
	if err != nil {
		diags.AddError("The planned account cannot be worked out", fmt.Sprintf("Checking %s: %s", c.what, err))
		return
	}
	c.touched = touched
	result, err := c.ask(as)
	var nobody *assertion.ErrNobody
	switch {
	case errors.As(err, &nobody):
		p.report(c, diags, "There is nobody whose access could be checked", fmt.Sprintf("Checking %s: as it is planned so far, %s. "+
			"Refer to the resource that makes it, so that it is planned first.", c.what, err))
		return
	case err != nil:
		diags.AddError("The planned account cannot be worked out", fmt.Sprintf("Checking %s: %s", c.what, err))
		return
	}
	for _, f := range result.Failures {
		p.report(c, diags, "Access would not be as it must: "+f.Request, fmt.Sprintf("As planned, %s does not hold.\n%s", c.what, f.Message))
	}
	for _, f := range result.Undecided {
		if !c.reported[f.Request] {
			diags.AddWarning("Access cannot be decided about at plan: "+f.Request, fmt.Sprintf("%s of %s. It is decided about in apply.\n%s", f.Request, c.what, f.Message))
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
	diags.AddError(summary, strings.TrimSpace(detail)+fmt.Sprintf("\n\nassertions = \"warn\" in the provider block, or %s=warn, lets the plan pass.", assertionsVariable))
}
