// Package planaccount maintains the planned account while Terraform plans, and checks access
// assertions on it. The planned account is the live account with every planned change applied.
package planaccount

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/accountstore"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planshare"
)

// Account is the planned account. It checks an assertion when Terraform plans the assertion, and
// again at each later change that may affect the result. It also checks the assertions that the live
// account stores. The error about a violation appears on a resource that causes it.
//
// Terraform plans resources in no fixed order. A violation may therefore disappear when Terraform
// plans a further resource. The account waits with its answer until Terraform has planned everything
// that does not depend on the answer, see [Account.decide].
//
// One provider process may serve several plans and applies, as in terraform test. Terraform does
// not say to which of them a call belongs. But after an apply, only a new plan reads resources.
type Account struct {
	store    *accountstore.Store
	options  Options
	exchange *planshare.Exchange // nil if no other process takes part in the run

	mu           sync.Mutex
	phase        phase
	edits        []keyedEdits    // the edits before plan exists
	staying      map[string]bool // the keys of existing objects that Terraform plans to keep
	objects      objects
	checks       []*Check
	storedLoaded bool          // whether checks has the stored assertions
	plan         *account.Plan // nil until it is needed

	// replacing says that the plan may replace a user, group or role. Without it, nothing needs to be read.
	replacing bool

	// refreshed says that Terraform has read a resource, so that it plans. Without it, Terraform may be about to apply.
	refreshed bool
	// made has the objects that Terraform has created or changed in this apply, or is about to.
	made map[planned.Object]bool

	recording sync.Mutex // held while handovers are recorded; locked before mu

	lastCall time.Time
	calls    int                        // the number of calls of Terraform, of those that lock the account
	foreign  map[string]map[string]bool // the keys of the edits of each other process
	waiting  int                        // the number of calls that wait with their answer
	answers  []*givenAnswer             // the answers about the whole account
	// answering is the number of answers about the whole account that wait.
	answering int
	pending   map[provisional]bool // the checks whose answer is awaited

	dangers  *dangers  // nil without plan checks
	refusals *refusals // nil until a change is checked
	limits   func(context.Context) (engine.Limits, error)
	liveKeys func(ctx context.Context, user string) ([]string, error)
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

// New returns the planned account of a store, before anything is planned.
func New(store *accountstore.Store, options Options) *Account {
	p := &Account{store: store, options: options.withDefaults(), exchange: options.Exchange,
		dangers: newDangers(options.Checks)}
	p.reset()
	return p
}

// reset forgets the plan.
func (p *Account) reset() {
	p.objects = objects{}
	p.phase, p.edits, p.checks, p.storedLoaded, p.plan, p.replacing = planning, nil, nil, false, nil, false
	p.staying, p.pending, p.foreign = map[string]bool{}, map[provisional]bool{}, map[string]map[string]bool{}
	p.dangers.reset()
	p.refusals, p.answers, p.refreshed, p.made = nil, nil, false, map[planned.Object]bool{}
}

// Checks reports whether violations of assertions have an effect.
func (p *Account) Checks() bool { return p.options.Mode != Off }

// lock locks the account for a call of Terraform, and reads the plans of other processes. The caller must unlock it.
func (p *Account) lock() {
	p.mu.Lock()
	p.lastCall = time.Now()
	p.calls++
	p.receive()
}

func (p *Account) unlock() {
	p.lastCall = time.Now()
	p.mu.Unlock()
}

// EnterRefresh records that Terraform reads a resource. If Terraform applied a change before, a new
// plan begins.
func (p *Account) EnterRefresh() {
	p.lock()
	defer p.unlock()
	if p.phase != planning {
		p.reset()
		p.send(planshare.Message{Kind: planshare.Forget})
	}
	p.refreshed = true
}

// EnterApply records that Terraform creates, changes or deletes a resource. During apply, Terraform
// plans each change again. The account ignores these plans, because the live account already
// contains some of the changes.
func (p *Account) EnterApply() {
	p.lock()
	defer p.unlock()
	p.phase = applying
}

// Applying reports whether Terraform has begun to apply. The first call that changes something begins it, so the plans
// that Terraform makes again just before that call do not count.
func (p *Account) Applying() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.phase == applying
}

// Planning reports whether Terraform certainly makes a plan: it has read a resource, and has not begun to apply. It
// plans again before it applies, without reading.
func (p *Account) Planning() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refreshed && p.phase != applying
}

// Share tells the other provider processes of the run about a planned change.
func (p *Account) Share(change planned.Change) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.phase != applying {
		p.send(planshare.Message{Kind: planshare.Plan, Change: &change})
	}
}

// Put adds the planned edits of an object. The key of the object stays the same when the object is
// renamed. exists means that the object already exists, and unchanged that the plan does not change it.
func (p *Account) Put(ctx context.Context, key string, exists, unchanged bool, edits ...account.Edit) diag.Diagnostics {
	p.lock()
	if exists {
		p.staying[key] = true
	}
	touched, err := p.addEdits(ctx, key, edits)
	var found []*Check
	switch {
	case err != nil:
	case p.phase == destroying: // this object stays, so the plan does not destroy everything
		p.phase = planning
		found, err = p.evaluateAll()
	default:
		found, err = p.evaluateAffected(touched)
	}
	if unchanged || p.plan != nil && p.plan.ReplacesAny(edits...) {
		// An unchanged resource causes no violation. Terraform plans a replaced resource twice, and then what belongs to it.
		// A call that waits here would prevent these calls. The assertion, or another resource, reports the violation.
		found = nil
	}
	var answers []provisional
	if !unchanged {
		answers = p.affectedAnswers(touched)
		if err == nil && !(exists && p.plan != nil && p.plan.ReplacesAny(edits...)) { // the second plan finds the dangers
			answers, err = p.addDangers(ctx, answers, edits)
		}
	}
	p.unlock()
	return p.decide(ctx, found, answers, err)
}

// Remove adds the edits of an object that Terraform plans to destroy. If Terraform has just planned
// to keep the object, this is a plan to destroy everything. Account checks no assertions on such a
// plan, unless a later change keeps an object.
func (p *Account) Remove(ctx context.Context, key string, edits ...account.Edit) diag.Diagnostics {
	p.lock()
	if p.staying[key] && p.phase == planning {
		p.phase = destroying
	}
	touched, err := p.addEdits(ctx, key, edits)
	var found []*Check
	if err == nil {
		found, err = p.evaluateAffected(touched)
	}
	answers := p.affectedAnswers(touched)
	if err == nil {
		answers, err = p.addDangers(ctx, answers, edits)
	}
	p.unlock()
	return p.decide(ctx, found, answers, err)
}

// addEdits adds edits, and returns the parts of the account that they affect.
func (p *Account) addEdits(ctx context.Context, key string, edits []account.Edit) (account.Touched, error) {
	if p.phase == applying {
		return nil, nil
	}
	p.dangers.changed()
	if err := p.loadStored(ctx); err != nil {
		return nil, err
	}
	if len(p.checks) > 0 || p.dangers != nil { // another process may have told them
		if _, err := p.currentPlan(ctx); err != nil {
			return nil, err
		}
	}
	for _, e := range edits {
		identity, ok := e.(account.PlanIdentity)
		p.replacing = p.replacing || ok && identity.From == ""
	}
	if p.plan == nil {
		p.edits = append(p.edits, keyedEdits{key, edits})
		return nil, nil
	}
	return p.plan.Put(key, edits...), nil
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
	p.lock()
	defer p.unlock()
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

// Replaces reports whether Terraform plans to remove a user, group or role and to create another one with the same
// name.
func (p *Account) Replaces(ctx context.Context, kind account.Kind, name string) (bool, error) {
	p.lock()
	defer p.unlock()
	if p.phase != planning || !p.replacing {
		return false, nil
	}
	plan, err := p.currentPlan(ctx)
	if err != nil {
		return false, err
	}
	return plan.Replaces(kind, name), nil
}

// LostWith returns the objects that the plan keeps and that applying it removes together with a user, group or role,
// which the plan replaces. Terraform has planned them before the replacement.
func (p *Account) LostWith(ctx context.Context, kind account.Kind, name string) ([]string, error) {
	p.lock()
	defer p.unlock()
	if p.phase != planning || !p.replacing {
		return nil, nil
	}
	plan, err := p.currentPlan(ctx)
	if err != nil {
		return nil, err
	}
	return plan.LostWith(kind, name), nil
}

// NameOf returns the planned name of the user, group or role with this present name.
func (p *Account) NameOf(ctx context.Context, kind account.Kind, present string) (string, error) {
	p.lock()
	defer p.unlock()
	if p.phase != planning {
		return present, nil
	}
	plan, err := p.currentPlan(ctx)
	if err != nil {
		return "", err
	}
	return plan.NameOf(kind, present), nil
}

// AddAssertion checks an assertion now and at each later change. It replaces an assertion with the
// same key.
func (p *Account) AddAssertion(ctx context.Context, c Check) diag.Diagnostics {
	p.lock()
	if p.phase != planning || !p.Checks() {
		p.unlock()
		return nil
	}
	if c.configured != nil {
		p.send(planshare.Message{Kind: planshare.AddAssertion, Key: c.Key, Name: c.name, Assertion: c.configured})
		p.receive()
	}
	_, err := p.currentPlan(ctx)
	if err == nil {
		err = p.loadStored(ctx)
	}
	var found []*Check
	if err == nil {
		p.dropCheck(c.Key)
		p.checks = append(p.checks, &c)
		found, err = p.evaluate([]*Check{&c})
	}
	p.unlock()
	return p.decide(ctx, found, nil, err)
}

// RemoveAssertion stops checking the assertion with a key.
func (p *Account) RemoveAssertion(ctx context.Context, key string) diag.Diagnostics {
	p.lock()
	p.send(planshare.Message{Kind: planshare.RemoveAssertion, Key: key})
	err := p.loadStored(ctx)
	p.dropCheck(key)
	p.unlock()
	return p.decide(ctx, nil, nil, err)
}

func (p *Account) dropCheck(key string) {
	left := p.checks[:0:0]
	for _, c := range p.checks {
		if c.Key != key {
			left = append(left, c)
		} else {
			delete(p.pending, c)
		}
	}
	p.checks = left
}
