package planaccount

import (
	"log"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planshare"
)

// This file exchanges plans with the other provider processes of a run: one for each alias. After an error of the
// exchange, the process goes on alone. The account still refuses changes that violate a stored assertion.

// send tells the other processes something. The caller holds the lock.
func (p *Account) send(m planshare.Message) {
	if p.exchange == nil {
		return
	}
	if err := p.exchange.Send(m); err != nil {
		log.Printf("[WARN] sharing the plan with other provider processes: %s", err)
		p.exchange = nil
	}
}

// receive adds the plans and assertions of the other processes, and reports whether there were any. It reports no
// violations: the process whose message completes a violation finds it itself. The caller holds the lock.
func (p *Account) receive() bool {
	if p.exchange == nil || p.phase == applying {
		return false
	}
	messages, err := p.exchange.Receive()
	for _, m := range messages {
		if err == nil {
			err = p.take(m)
		}
	}
	if err != nil {
		log.Printf("[WARN] reading the plans of other provider processes: %s", err)
		p.exchange = nil
	}
	return len(messages) > 0
}

// take applies one message.
func (p *Account) take(m planshare.Message) error {
	switch m.Kind {
	case planshare.Plan:
		key, edits, err := planned.Edits(*m.Change)
		if err != nil {
			return err
		}
		key = m.From + " " + key
		if p.foreign[m.From] == nil {
			p.foreign[m.From] = map[string]bool{}
		}
		p.foreign[m.From][key] = true
		p.putForeign(key, edits)
	case planshare.AddAssertion:
		p.dropCheck(m.Key)
		c := AssertionCheck(m.Key, m.Name, *m.Assertion)
		c.foreign = m.From
		p.checks = append(p.checks, &c)
	case planshare.RemoveAssertion:
		p.dropCheck(m.Key)
	case planshare.Forget:
		for key := range p.foreign[m.From] {
			p.putForeign(key, nil)
		}
		delete(p.foreign, m.From)
		for _, c := range p.checks {
			if c.foreign == m.From {
				p.dropCheck(c.Key)
			}
		}
	}
	return nil
}

// putForeign replaces the edits of another process. Checks evaluate them with the next own change.
func (p *Account) putForeign(key string, edits []account.Edit) {
	p.dangers.changed()
	if p.plan == nil {
		p.edits = append(p.edits, keyedEdits{key, edits})
		return
	}
	touched := p.plan.Put(key, edits...)
	for _, c := range p.checks {
		if len(touched.Roles()) > 0 || touched.Intersects(c.touched) {
			c.stale = true
		}
	}
}
