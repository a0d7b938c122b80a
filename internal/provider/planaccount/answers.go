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

// Answer computes an answer from an account. It returns the answer as a text, by which two answers are compared. It
// may be called after the read of the data source, with the context of another call.
type Answer func(ctx context.Context, of *account.Account) (text string, err error)

// givenAnswer is an answer that a data source has given in this plan.
type givenAnswer struct {
	description string
	answer      Answer
	text        string
}

func (*givenAnswer) isProvisional() {}

// AnswerWhole computes an answer from the planned account or, during apply, from the live account, and reports
// which of them it was. If a later change of the plan changes the answer, the plan fails. description names the data
// source, such as "iam_who_can for s3:GetObject".
func (p *Account) AnswerWhole(ctx context.Context, description string, answer Answer) (fromPlan bool, err error) {
	p.lock()
	isPlan := p.phase == planning
	waits := isPlan && p.answering < maxAnswering
	if waits {
		p.answering++
	}
	p.unlock()
	if !isPlan {
		live, _, err := p.store.Settled(ctx) // Terraform may be about to apply further changes
		if err == nil && live == nil {
			live, err = p.store.Live(ctx)
		}
		if err == nil {
			_, err = answer(ctx, live)
		}
		return false, err
	}
	if waits {
		p.waitUntilQuiet(ctx)
	}

	p.lock()
	defer p.unlock()
	if waits {
		p.answering--
	}
	given := &givenAnswer{description: description, answer: answer}
	of, err := p.whole(ctx)
	if err == nil {
		given.text, err = answer(ctx, of)
	}
	if err == nil {
		p.answers = append(p.answers, given)
	}
	return true, err
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
		if !p.Checks() {
			add = (*diag.Diagnostics).AddWarning
		}
		add(diags, fmt.Sprintf("The answer of %s does not hold for the whole plan", a.description),
			"Terraform planned another change after it had read the data source, and the change alters the answer. The change "+
				"may depend on the data source, or Terraform had no free slot to plan it first. Let the change not depend on "+
				"the data source, use fewer data sources of this kind, or raise -parallelism.")
	}
}
