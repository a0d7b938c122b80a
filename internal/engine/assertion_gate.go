package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AccessAssertionViolation is the code of the error of a write that would allow a request that a stored access
// assertion forbids.
const AccessAssertionViolation = "AccessAssertionViolation"

// assertionGate finds the access assertions that a write may violate. It caches which entities each assertion depends
// on, so that a write that concerns no assertion costs a few lookups.
type assertionGate struct {
	mu     sync.Mutex
	cached *gateState // nil until a write finds stored assertions
}

// gateState has the access assertions at a revision of the store. It never changes, except through the methods of a
// copy that no other goroutine has yet.
type gateState struct {
	revision   int64
	assertions map[string]gatedAssertion
	// dependents maps the unique ids of entities, and the names of missing principals, to the ids of the assertions that
	// depend on them. Its lists never change, because copies share them.
	dependents map[string][]string
	// account is the account at the revision, if a check needed it.
	account *account.Account
}

// gatedAssertion is an access assertion with the entities that determine its result.
type gatedAssertion struct {
	name         string
	stored       storedAssertion
	dependencies []string // keys of gateState.dependents
	reached      []string // the ARNs of the roles that the principal could assume
}

// latest returns the newest cached state that a transaction at a revision may use, or nil.
func (g *assertionGate) latest(revision int64) *gateState {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.cached != nil && g.cached.revision <= revision {
		return g.cached
	}
	return nil
}

// commitGate caches the state after a commit, and its account as a snapshot for later calls.
func (e *Engine) commitGate(state *gateState) {
	if state == nil {
		return
	}
	if state.account != nil {
		e.snapshots.add(snapshot{state.revision, state.account})
		state.account = nil
	}
	e.gate.mu.Lock()
	defer e.gate.mu.Unlock()
	if e.gate.cached == nil || e.gate.cached.revision < state.revision {
		e.gate.cached = state
	}
}

// enforceAssertions refuses the call if its changes allow a request that a stored access assertion forbids. It checks
// only the assertions that depend on a changed entity.
func (c *call) enforceAssertions() error {
	if len(c.tx.Changed()) == 0 || c.removesGuarantee() {
		return nil
	}
	exist, err := c.tx.HasAccessAssertions()
	if err != nil || !exist {
		return err
	}
	revision, err := c.tx.Revision()
	if err != nil {
		return err
	}
	state := c.engine.gate.latest(revision)
	changed := c.tx.Changed()
	if state != nil && state.revision < revision-1 { // somebody else made changes too
		if changed, err = changedSince(c.tx, state.revision); changed == nil {
			state, changed = nil, c.tx.Changed()
		}
	}
	if err == nil && state == nil {
		state, err = c.newGateState()
	}
	if err != nil {
		return err
	}
	next := &gateState{revision: revision, assertions: state.assertions, dependents: state.dependents}
	affected, err := c.affectedAssertions(next, changed)
	if err != nil {
		return err
	}
	if len(affected) > 0 {
		next.assertions, next.dependents = maps.Clone(next.assertions), maps.Clone(next.dependents)
		if err := c.checkAssertions(next, affected); err != nil {
			return err
		}
	}
	c.gateState = next
	return nil
}

// removesGuarantee reports whether the operation only removes a guarantee. Such a call allows nothing by itself, and
// must succeed even if an assertion cannot be checked.
func (c *call) removesGuarantee() bool {
	name := c.operation.Model().Name
	return name == deleteAccessAssertion.name || name == unprotectAccessAssertion.name
}

// changedSince returns the ids of the entities that changed after a revision, or nil if the store no longer knows.
func changedSince(tx store.Tx, revision int64) ([]string, error) {
	changes, known, err := tx.ChangedSince(revision)
	if err != nil || !known {
		return nil, err
	}
	ids := make([]string, 0, len(changes))
	for _, change := range changes {
		ids = append(ids, change.ID)
	}
	return ids, nil
}

// newGateState reads all stored assertions, and finds the entities that they depend on.
func (c *call) newGateState() (*gateState, error) {
	stored, err := c.tx.AccessAssertions(store.Page{})
	if err != nil {
		return nil, err
	}
	now, err := c.engine.snapshots.seenBy(c.engine, c.tx)
	if err != nil {
		return nil, err
	}
	state := &gateState{assertions: map[string]gatedAssertion{}, dependents: map[string][]string{}}
	for _, record := range stored {
		decoded, err := decodeAssertion(record)
		if err != nil {
			return nil, err
		}
		result, err := decoded.check(now)
		if err != nil {
			return nil, err
		}
		state.put(record.ID, gatedAssertion{name: record.Name, stored: decoded, reached: result.Reached}, now)
	}
	return state, nil
}

// affectedAssertions returns the ids of the assertions whose results may differ because of the changed entities, in
// ascending order. It includes the changed assertions themselves.
func (c *call) affectedAssertions(state *gateState, changed []string) ([]string, error) {
	affected := map[string]bool{}
	for _, id := range changed {
		switch {
		case strings.HasPrefix(id, assertionIDPrefix):
			affected[id] = true
			continue
		case strings.HasPrefix(id, idPrefixes[store.Role]):
			if err := c.addReaching(affected, state, id); err != nil {
				return nil, err
			}
		}
		for _, dependent := range state.dependents[id] {
			affected[dependent] = true
		}
		if state.hasMissingPrincipals() {
			i, err := c.tx.IdentityByID(id)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			for _, dependent := range state.dependents[missingPrincipal(i.Name)] {
				affected[dependent] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(affected)), nil
}

// addReaching adds the assertions whose principal could assume a changed role.
func (c *call) addReaching(affected map[string]bool, state *gateState, roleID string) error {
	role, err := c.tx.IdentityByID(roleID)
	if errors.Is(err, store.ErrNotFound) {
		return nil // a removed role gives no access
	}
	if err != nil {
		return err
	}
	var now *account.Account
	for id, a := range state.assertions {
		if affected[id] {
			continue
		}
		if now == nil {
			if now, err = c.engine.snapshots.seenBy(c.engine, c.tx); err != nil {
				return err
			}
		}
		reaches, err := a.stored.mayReach(now, a.reached, role.Name)
		if err != nil {
			return err
		}
		if reaches {
			affected[id] = true
		}
	}
	return nil
}

// checkAssertions checks assertions on the account as the transaction sees it, and updates them in the state.
func (c *call) checkAssertions(state *gateState, ids []string) error {
	now, err := c.engine.snapshots.seenBy(c.engine, c.tx)
	if err != nil {
		return err
	}
	state.account = now
	var violations []violation
	for _, id := range ids {
		record, err := c.tx.AccessAssertionByID(id)
		if errors.Is(err, store.ErrNotFound) {
			state.remove(id)
			continue
		}
		if err != nil {
			return err
		}
		stored, err := decodeAssertion(record)
		if err != nil {
			return err
		}
		result, err := stored.check(now)
		if err != nil {
			return fmt.Errorf("checking access assertion %q: %w", record.Name, err)
		}
		findings := slices.Concat(result.Failures, result.Undecided)
		updated := stored
		updated.Overridden = nil
		updated.PrincipalIDs = existing(now, stored.PrincipalIDs)
		if p, err := now.Principal(stored.Principal); err == nil && isUserOrRole(p) {
			updated.addPrincipalIDs(p.ID)
		}
		switch {
		case len(findings) > 0 && !c.caller.overrides(record.Name) && !c.importedAssertions[id]:
			violations = append(violations, violation{record.Name, findings, len(stored.Overridden) > 0})
			continue
		case len(findings) > 0:
			for _, f := range findings {
				updated.Overridden = append(updated.Overridden, f.Request)
			}
			c.overridden = append(c.overridden, record.Name)
		}
		if err := c.updateStored(record, stored, updated); err != nil {
			return err
		}
		state.put(id, gatedAssertion{name: record.Name, stored: updated, reached: result.Reached}, now)
	}
	if len(violations) > 0 {
		return c.violationError(violations)
	}
	return nil
}

// updateStored stores an assertion again if the check changed its principal's id or its overridden requests.
func (c *call) updateStored(record store.AccessAssertion, old, updated storedAssertion) (err error) {
	if slices.Equal(old.PrincipalIDs, updated.PrincipalIDs) && slices.Equal(old.Overridden, updated.Overridden) {
		return nil
	}
	if record.Document, err = updated.encode(); err != nil {
		return err
	}
	return c.tx.UpdateAccessAssertion(record)
}

// existing returns the unique ids that the account has.
func existing(now *account.Account, ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
		_, _, exists := now.ByID(id)
		return !exists
	})
}

// violation is an access assertion that a write violates.
type violation struct {
	name       string
	findings   []assertion.Finding
	overridden bool // the account violates the assertion already, because of an override
}

// violationError returns the error for a write that violates access assertions. It contains the requests and the
// statements only if the caller may read the assertion and the account's policies.
func (c *call) violationError(violations []violation) error {
	first := violations[0]
	visible, err := c.maySeeAssertion(first.name)
	if err != nil {
		return err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "The change violates access assertion %q", first.name)
	if visible {
		fmt.Fprintf(&text, ": %s", first.findings[0].Message)
		if more := len(first.findings) - 1; more > 0 {
			fmt.Fprintf(&text, "\n%d further requests of this assertion would be allowed too.", more)
		}
	} else {
		text.WriteString(".")
	}
	if first.overridden {
		text.WriteString("\nThe operator has overridden this assertion. Until the account no longer allows these requests, " +
			"every change that concerns the assertion needs the override too.")
	}
	if more := violations[1:]; len(more) > 0 {
		const shown = 4
		names := make([]string, 0, shown)
		for _, v := range more[:min(len(more), shown)] {
			names = append(names, fmt.Sprintf("%q", v.name))
		}
		fmt.Fprintf(&text, "\nIt also violates %d other access assertions: %s", len(more), strings.Join(names, ", "))
		if len(more) > shown {
			text.WriteString(", …")
		}
		text.WriteString(".")
	}
	return clientError(AccessAssertionViolation, "%s", text.String())
}

// maySeeAssertion reports whether the caller may read an access assertion and the account's policies.
func (c *call) maySeeAssertion(name string) (bool, error) {
	if c.caller.operator != "" {
		return true, nil
	}
	caller := c.accessBefore // the change itself must not give the permission
	if caller == nil {
		return false, nil
	}
	for _, need := range []access{
		{action: "iam:GetAccessAssertion", resource: c.engine.assertionARN(name)},
		{action: "iam:GetAccountAuthorizationDetails", resource: "*"},
	} {
		policies, request, err := c.authzRequest(caller, need)
		if err != nil || policies.Decide(&request) != authz.Allowed {
			return false, err
		}
	}
	return true, nil
}

// recordOverride adds the overridden assertions and the reason to an audit record.
func (c *call) recordOverride(event *audit.Event) {
	if len(c.overridden) == 0 {
		return
	}
	event.AdditionalEventData = setEntry(event.AdditionalEventData, audit.KeyOverriddenAssertions, c.overridden)
	event.AdditionalEventData = setEntry(event.AdditionalEventData, audit.KeyOverrideReason, c.caller.override.reason)
}

// put adds an assertion to the state, with the entities that determine its result.
func (s *gateState) put(id string, a gatedAssertion, now *account.Account) {
	s.remove(id)
	if !a.stored.hasDenials() {
		return
	}
	keys := map[string]bool{}
	for _, one := range a.stored.principals(now) {
		for _, dependency := range now.Dependencies(one.Principal) {
			keys[dependency] = true
		}
	}
	for _, id := range a.stored.PrincipalIDs {
		keys[id] = true
	}
	if _, err := now.Principal(a.stored.Principal); err != nil {
		_, name := splitPathName(a.stored.Principal)
		if p, err := authz.ParsePrincipal(a.stored.Principal); err == nil {
			name = p.Name() // of a session, the name of the role
		}
		keys[missingPrincipal(name)] = true
		keys[anyMissingPrincipal] = true
	}
	for _, role := range a.reached {
		for _, dependency := range now.Dependencies(role) {
			keys[dependency] = true
		}
	}
	a.dependencies = slices.Sorted(maps.Keys(keys))
	s.assertions[id] = a
	for _, key := range a.dependencies {
		s.dependents[key] = append(slices.Clip(s.dependents[key]), id)
	}
}

// remove removes an assertion from the state.
func (s *gateState) remove(id string) {
	for _, key := range s.assertions[id].dependencies {
		left := slices.DeleteFunc(slices.Clone(s.dependents[key]), func(other string) bool { return other == id })
		if len(left) == 0 {
			delete(s.dependents, key)
		} else {
			s.dependents[key] = left
		}
	}
	delete(s.assertions, id)
}

// anyMissingPrincipal is the key of the assertions whose principals the account does not have.
const anyMissingPrincipal = "missing principal"

// missingPrincipal returns the key of the assertions about a principal that the account does not have.
func missingPrincipal(name string) string { return anyMissingPrincipal + " " + ascii.Fold(name) }

func (s *gateState) hasMissingPrincipals() bool { return len(s.dependents[anyMissingPrincipal]) > 0 }
