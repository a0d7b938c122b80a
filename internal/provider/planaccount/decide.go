package planaccount

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// maxWaiting limits the number of calls that wait with their answer at the same time. Terraform runs ten calls at once
// by default, and the others must go on planning.
const maxWaiting = 2

// receiveInterval is the time between two reads of the plans of other processes.
const receiveInterval = 100 * time.Millisecond

// provisional is a finding that a later change of the plan may revise: a violated assertion, or a change that the
// account would refuse.
type provisional interface{ isProvisional() }

func (*Check) isProvisional()        {}
func (*refusalCheck) isProvisional() {}

// decide reports the violations that checks have found. Terraform may still plan a resource that removes a violation.
// decide therefore waits until Terraform makes no call for a short time: it then has planned everything that does not
// depend on the answers of the waiting calls. decide evaluates the checks again and reports the remaining violations.
//
// answers are the answers about the whole account that the change may alter. decide computes them again.
//
// If too many calls wait, decide leaves the checks to one that waits already, and returns nothing.
func (p *Account) decide(ctx context.Context, found []*Check, answers []provisional,
	err error) (diags diag.Diagnostics) {
	if err != nil {
		addEvaluationError(&diags, err)
		return diags
	}
	for _, c := range found {
		answers = append(answers, c)
	}
	return p.decideAll(ctx, nil, answers)
}

// decideAll is like decide, for findings of both kinds. own is the check of the resource that Terraform plans with this
// call, or nil.
func (p *Account) decideAll(ctx context.Context, own *refusalCheck, found []provisional) (diags diag.Diagnostics) {
	if len(found) == 0 {
		return nil
	}
	p.mu.Lock()
	for _, c := range found {
		p.pending[c] = true
	}
	if p.waiting >= maxWaiting {
		p.mu.Unlock()
		return nil
	}
	p.waiting++
	for _, c := range found {
		if news, ok := c.(*dangerNews); ok {
			news.waits = true
		}
	}
	calls := p.calls
	p.mu.Unlock()

	p.waitUntilQuiet(ctx)

	p.mu.Lock()
	alone := p.calls == calls
	p.mu.Unlock()
	p.lock()
	defer p.unlock()
	p.waiting--
	var undecided []*Check
	for _, c := range p.checks { // in the order of planning; a check that was dropped meanwhile is not in the list
		if p.pending[c] && (p.waiting == 0 || slices.Contains(found, provisional(c))) {
			undecided = append(undecided, c)
		}
	}
	for _, c := range undecided {
		delete(p.pending, c)
	}
	p.takeExistingNames(found, alone, &diags)
	refused := p.takePendingRefusals(found)
	if p.phase != planning {
		return nil
	}
	for _, c := range refused {
		remaining, err := p.refusalsOf(ctx, c)
		if err != nil {
			addEvaluationError(&diags, err)
			return diags
		}
		p.addRefusals(remaining, c == own, false, &diags)
	}
	remaining, err := p.evaluate(undecided)
	if err != nil {
		addEvaluationError(&diags, err)
		return diags
	}
	p.report(ctx, remaining, &diags)
	p.takeChangedAnswers(ctx, found, &diags)
	p.takeDangers(ctx, found, &diags)
	return diags
}

// takePendingRefusals returns the checks of changes whose answer this call gives, in the order of their keys: the found
// ones and, if no other call waits, all others.
func (p *Account) takePendingRefusals(found []provisional) (taken []*refusalCheck) {
	for c := range p.pending {
		if check, ok := c.(*refusalCheck); ok && (p.waiting == 0 || slices.Contains(found, c)) {
			taken = append(taken, check)
			delete(p.pending, c)
		}
	}
	slices.SortFunc(taken, func(a, b *refusalCheck) int { return strings.Compare(a.key, b.key) })
	return taken
}

func addEvaluationError(diags *diag.Diagnostics, err error) {
	diags.AddError("Planned account cannot be evaluated", "Checking the planned changes: "+err.Error()+".")
}

// waitUntilQuiet waits until Terraform has made no call for a short time.
func (p *Account) waitUntilQuiet(ctx context.Context) {
	deadline := time.Now().Add(p.options.Limit)
	for {
		p.mu.Lock()
		if p.receive() {
			p.lastCall = time.Now()
			p.calls++
		}
		left := time.Until(p.lastCall.Add(p.options.Quiet))
		p.mu.Unlock()
		if left <= 0 || !time.Now().Before(deadline) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(left, receiveInterval)):
		}
	}
}
