package planaccount

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

// Check is an access assertion that is checked on the planned account.
type Check struct {
	Key         string
	Description string   // such as `access assertion "build"`
	Names       []string // the principal, and the roles whose trust policies affect the result
	// Evaluate evaluates the assertion on an account.
	Evaluate func(of *account.Account) (assertion.Result, error)
	// MayReach reports whether a changed trust policy of a role may change the result, see
	// [assertion.Assertion.MayReach]. It is nil if only the trust policies of Names may.
	MayReach func(of *account.Account, reached []string, role string) (bool, error)
	// Violation returns the summary of the error about a violation. It contains all facts, because
	// Terraform merges errors with the same summary.
	Violation func(assertion.Finding) string
	// Undecided is the effect if the plan cannot decide the assertion. The default is that of the planned account.
	Undecided Undecided

	// configured and name are the access assertion and its name, for the other provider processes of the run. configured
	// is nil if the check is not an access assertion of the configuration.
	configured *assertion.Assertion
	name       string

	foreign string           // the other process that has the assertion in its configuration, or empty
	stale   bool             // another process has planned a change that may affect the result
	touched account.Touched  // the parts of the account that affect the result
	view    *account.Account // the planned account at the last evaluation
	result  assertion.Result
	missing string          // why the planned account does not have the principal; empty if it has it
	known   map[string]bool // the violations and undecided requests that were already reported on a resource
}

// AssertionKey returns the key of the check of an access assertion with a unique id.
func AssertionKey(id string) string { return "assertion " + id }

// AssertionCheck returns the check of an access assertion of the configuration. name is empty if the assertion has no
// name yet.
func AssertionCheck(key, name string, a assertion.Assertion) Check {
	description := fmt.Sprintf("access assertion %q", name)
	if name == "" {
		description = fmt.Sprintf("access assertion for %q", a.Principal)
	}
	return Check{
		Key: key, Description: description, Names: append([]string{a.Principal}, a.Roles()...),
		Evaluate: a.Check, MayReach: a.MayReach, configured: &a, name: name,
		Violation: func(f assertion.Finding) string {
			return violationSummary(cmp.Or(name, a.Principal), f, f.Block >= 0 && a.Blocks[f.Block].Allow)
		},
	}
}

// violationSummary returns the summary of the error about a request that violates an access assertion. name is the name
// of the assertion or its principal. allow says that the request must be allowed.
func violationSummary(name string, f assertion.Finding, allow bool) string {
	becomes := "becomes allowed"
	if allow {
		becomes = "is not allowed"
	}
	return fmt.Sprintf("Access assertion %q would be violated: %s %s", name, f.Request, becomes)
}

// storedCheck returns the check of an assertion that the account stores.
func storedCheck(stored engine.AccessAssertion) *Check {
	return &Check{
		Key:         AssertionKey(stored.ID),
		Description: fmt.Sprintf("access assertion %q, which the account stores", stored.Name),
		Names:       append(stored.Principals(), stored.Assertion.Roles()...),
		Evaluate:    stored.Check, MayReach: stored.MayReach,
		Violation: func(f assertion.Finding) string { return violationSummary(stored.Name, f, false) },
	}
}

// loadStored adds the assertions that the live account stores. A planned change of such an assertion
// replaces its check.
func (p *Account) loadStored(ctx context.Context) error {
	if p.storedLoaded || p.phase == applying || !p.Checks() {
		return nil
	}
	api, err := p.store.Existing(ctx)
	if errors.Is(err, fs.ErrNotExist) {
		p.storedLoaded = true
		return nil
	}
	if err != nil {
		return err
	}
	out, err := api.ListAccessAssertions(ctx, nil)
	if err != nil {
		return err
	}
	p.storedLoaded = true
	for _, stored := range out.AccessAssertions {
		c := storedCheck(stored)
		if !slices.ContainsFunc(p.checks, func(other *Check) bool { return other.Key == c.Key }) {
			p.checks = append(p.checks, c)
		}
	}
	if len(p.checks) == 0 {
		return nil
	}
	if _, err := p.currentPlan(ctx); err != nil {
		return err
	}
	_, err = p.evaluateAll()
	return err
}

// evaluateAll evaluates all checks, and returns those with an unreported violation or undecided request.
func (p *Account) evaluateAll() ([]*Check, error) { return p.evaluate(p.checks) }

// evaluateAffected evaluates the checks whose results an edit may affect.
func (p *Account) evaluateAffected(touched account.Touched) ([]*Check, error) {
	if p.phase != planning || len(touched) == 0 {
		return nil, nil
	}
	roles := touched.Roles()
	var affected []*Check
	for _, c := range p.checks {
		reaches, err := p.reaches(c, roles)
		if err != nil {
			return nil, err
		}
		if reaches || c.stale || touched.Intersects(c.touched) || c.view == nil {
			affected = append(affected, c)
		}
	}
	return p.evaluate(affected)
}

// reaches reports whether the changed trust policy of one of the roles may change the result of a check.
func (p *Account) reaches(c *Check, roles []string) (bool, error) {
	if len(roles) == 0 || c.MayReach == nil || c.view == nil {
		return false, nil
	}
	planned, err := p.plan.WithRoles(c.view, roles)
	if err != nil {
		return false, err
	}
	for _, role := range roles {
		reaches, err := c.MayReach(planned, c.result.Reached, role)
		if err != nil && !assertion.IsUnknownPrincipal(err) {
			return false, err
		}
		if reaches {
			return true, nil
		}
	}
	return false, nil
}

// evaluate evaluates checks, and returns those with an unreported violation or undecided request.
func (p *Account) evaluate(checks []*Check) ([]*Check, error) {
	var found []*Check
	for _, c := range checks {
		if p.pending[c] {
			continue // the call that waits for its answer evaluates it again
		}
		if err := p.evaluateOne(c); err != nil {
			return nil, fmt.Errorf("checking the %s: %w", c.Description, err)
		}
		if c.hasNews() {
			found = append(found, c)
		}
	}
	return found, nil
}

func (p *Account) evaluateOne(c *Check) error {
	planned, touched, err := p.plan.View(c.Names...)
	if err != nil {
		return err
	}
	c.view, c.missing, c.stale = planned, "", false
	c.result, err = c.Evaluate(planned)
	if assertion.IsUnknownPrincipal(err) {
		c.missing, err = err.Error(), nil
	}
	if err == nil && len(c.result.Reached) > 0 {
		_, touched, err = p.plan.View(slices.Concat(c.Names, c.result.Reached)...)
	}
	c.touched = touched
	return err
}

// hasNews reports whether the result has a violation or an undecided request that was not reported yet.
func (c *Check) hasNews() bool {
	isNew := func(f assertion.Finding) bool { return !c.known[c.Violation(f)] }
	return c.isMissing() && !c.known[c.missing] || slices.ContainsFunc(c.result.Failures, isNew) ||
		slices.ContainsFunc(c.result.Undecided, isNew)
}

// isMissing reports whether the principal is missing, and this process must report it.
func (c *Check) isMissing() bool { return c.missing != "" && c.foreign == "" }

// markKnown marks a violation or an undecided request as reported. It returns false if it already was.
func (c *Check) markKnown(what string) bool {
	if c.known[what] {
		return false
	}
	if c.known == nil {
		c.known = map[string]bool{}
	}
	c.known[what] = true
	return true
}
