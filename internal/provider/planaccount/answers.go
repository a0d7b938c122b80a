package planaccount

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
)

// This file answers questions of data sources about the whole account. Terraform reads a data source as soon as its
// arguments are known, when it may have planned only some of the other changes. An answer therefore waits until
// Terraform has planned everything else, and is computed again after a later change.

// maxAnswering limits the number of answers that wait at the same time. Terraform runs ten calls at once by default.
const maxAnswering = 6

// Answer computes an answer from an account. It also returns the answer as a text, by which two answers are compared.
// It may be called after the read of the data source, with the context of another call, so it must not keep its result.
type Answer[T any] func(ctx context.Context, of *account.Account) (result T, text string, err error)

// givenAnswer is an answer that a data source has given in this plan.
type givenAnswer struct {
	description string
	answer      func(ctx context.Context, of *account.Account) (text string, err error)
	text        string
	// fromPlan says that the data source has presented the answer as one about the planned account.
	fromPlan bool
}

func (*givenAnswer) isProvisional() {}

// AnswerWhole computes an answer from the planned account or, during apply, from the live account, and reports
// which of them it was. If a later change of the plan changes the answer, the plan fails. description names the data
// source, such as "iam_who_can for s3:GetObject".
//
// Without any planned change, the two accounts are equal, and fromPlan is false: Terraform may apply a saved plan and
// have changed nothing yet. It plans each change again when it applies it. A change that alters the answer is then no
// error but a warning, because it may be right to apply it.
func AnswerWhole[T any](ctx context.Context, p *Account, description string, answer Answer[T]) (result T,
	fromPlan bool, err error) {
	p.lock()
	isPlan := p.phase == planning
	waits := isPlan && p.answering < maxAnswering
	if waits {
		p.answering++
	}
	p.unlock()
	if waits {
		p.waitUntilQuiet(ctx)
	}

	p.lock()
	if waits {
		p.answering--
	}
	if !isPlan || p.phase != planning { // the first change may be applied while the answer waits
		p.unlock()
		live, _, err := p.store.Settled(ctx) // Terraform may be about to apply further changes
		if err == nil && live == nil {
			live, err = p.store.Live(ctx)
		}
		if err == nil {
			result, _, err = answer(ctx, live)
		}
		return result, false, err
	}
	defer p.unlock()
	given := &givenAnswer{description: description, fromPlan: p.knowsPlan(),
		answer: func(ctx context.Context, of *account.Account) (string, error) {
			_, text, err := answer(ctx, of)
			return text, err
		}}
	of, err := p.whole(ctx)
	if err == nil {
		result, given.text, err = answer(ctx, of)
	}
	if err == nil {
		p.answers = append(p.answers, given)
	}
	return result, given.fromPlan, err
}

// knowsPlan reports whether Terraform surely plans: it has read a resource, or planned one. The caller holds the lock.
func (p *Account) knowsPlan() bool {
	return p.refreshed || p.objects.changes != nil || len(p.foreign) > 0
}

// whole returns the planned account with all changes. The caller holds the lock.
func (p *Account) whole(ctx context.Context) (*account.Account, error) {
	plan, err := p.currentPlan(ctx)
	if err != nil {
		return nil, err
	}
	return plan.Whole()
}

// affectedAnswers returns the answers that changed parts of the account may change. The caller holds the lock.
func (p *Account) affectedAnswers(touched account.Touched) (out []provisional) {
	if p.phase != planning || len(touched) == 0 {
		return nil
	}
	for _, a := range p.answers {
		out = append(out, a)
	}
	return out
}

// takeChangedAnswers adds failures about the found answers that have changed and, if no other call waits, about all
// others. The caller holds the lock.
func (p *Account) takeChangedAnswers(ctx context.Context, found []provisional, diags *diag.Diagnostics) {
	var affected []*givenAnswer
	for _, a := range p.answers { // in the order of the reads
		if p.pending[a] && (p.waiting == 0 || slices.Contains(found, provisional(a))) {
			delete(p.pending, a)
			affected = append(affected, a)
		}
	}
	if len(affected) == 0 || p.phase != planning {
		return
	}
	of, err := p.whole(ctx)
	for _, a := range affected {
		var text string
		if err == nil {
			text, err = a.answer(ctx, of)
		}
		if err != nil {
			addEvaluationError(diags, err)
			return
		}
		if text == a.text {
			continue
		}
		a.text = text
		add := p.addFailure
		if !p.Checks() || !a.fromPlan {
			add = (*diag.Diagnostics).AddWarning
		}
		add(diags, fmt.Sprintf("The answer of %s does not hold for the whole plan", a.description),
			"Terraform planned another change after it had read the data source, and the change alters the answer. The change "+
				"may depend on the data source, or Terraform had no free slot to plan it first. Let the change not depend on "+
				"the data source, use fewer data sources of this kind, or raise -parallelism.")
	}
}
