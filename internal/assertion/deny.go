package assertion

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// deny asks whether an actor could be allowed a request of the question.
func (a *asking) deny(actors []*actor) error {
	a.worst = "Never"
	for _, actor := range actors {
		a.actor, actor.violates = actor, false
		var undecided *undecidedError
		switch err := a.denyActor(); {
		case errors.As(err, &undecided):
			if err := a.proveDenied(undecided); err != nil {
				return err
			}
		case err != nil:
			return err
		}
	}
	a.finish(a.worst)
	return nil
}

func (a *asking) denyActor() error {
	if err := a.denyRoles(); err != nil {
		return err
	}
	if a.question.isSingle() {
		_, err := a.couldAllow(&a.question.regions[0])
		return err
	}
	if a.access() == nil {
		return nil // only a resource policy could allow anything
	}
	for i := range a.question.regions {
		r := &a.question.regions[i]
		if a.isDenied(r) {
			continue
		}
		if err := a.denyRegion(r); err != nil {
			return err
		}
	}
	if !a.violates && a.isInexact() {
		return errVariable
	}
	return nil
}

// denyRoles asks about the roles of the account whose trust policies may allow the actor an action of the question.
func (a *asking) denyRoles() error {
	if a.question.isSingle() {
		return nil
	}
	for _, action := range roleActions {
		if !a.question.regions[0].action.Contains(ascii.Fold(action.String())) {
			continue
		}
		var roles []string
		for trust := range a.account.TrustPolicies() {
			if !mayAllow(trust.Layer(), authz.Principal{}, action) || len(a.candidates(trust.Layer())) == 0 {
				continue
			}
			role, err := trust.Role()
			if err != nil {
				return err
			}
			if a.question.containsResource(role.String()) {
				roles = append(roles, role.String())
			}
		}
		slices.Sort(roles)
		for _, role := range roles {
			if _, err := a.decideRequest(action, role); err != nil {
				return err
			}
		}
	}
	return nil
}

func (q *question) containsResource(resource string) bool {
	for i := range q.regions {
		if q.regions[i].resource.Contains(resource) {
			return true
		}
	}
	return false
}

// isDenied reports whether a single statement certainly denies every request of a region.
func (a *asking) isDenied(r *region) bool {
	action, answer := example(&r.action)
	resource, found := example(&r.resource)
	if answer != pattern.Found || found != pattern.Found {
		return answer == pattern.Empty || found == pattern.Empty
	}
	parsed, err := authz.ParseAction(action)
	if err != nil {
		return false
	}
	one := authz.Request{Principal: a.principal, Action: parsed, Resource: resource, Context: a.context}
	for i := range a.statements() {
		o := &a.outlines[i]
		if !o.MayDeny {
			continue
		}
		if _, certain := o.Applies(&one, true); certain && o.covers(r) {
			return true
		}
	}
	return false
}

// covers reports whether the action and the resource of the statement certainly match all requests of a region.
func (o *outline) covers(r *region) bool {
	for _, rest := range o.without(*r) {
		if rest.isEmpty() {
			continue
		}
		return false
	}
	return true
}

func (r *region) isEmpty() bool {
	if _, answer := example(&r.action); answer == pattern.Empty {
		return true
	}
	_, answer := example(&r.resource)
	return answer == pattern.Empty
}

// denyRegion looks for a request of a region that could be allowed. Each statement that may allow a part of the region
// is asked about on its own. If the principal has a permissions boundary, a statement of the boundary must allow the
// same part.
func (a *asking) denyRegion(r *region) error {
	for i := range a.statements() {
		o := &a.outlines[i]
		if !o.MayAllow || o.Layer != authz.Identity && o.Layer != authz.Group {
			continue
		}
		for _, part := range o.within(*r) {
			found, err := a.denyPart(&part)
			if err != nil {
				return err
			}
			if found {
				break // one finding for each statement is enough
			}
		}
	}
	return nil
}

// denyPart looks for a request in a part of a region that one statement allows. It reports whether it found one.
func (a *asking) denyPart(part *region) (bool, error) {
	parts := []region{*part}
	if a.policies.Boundary != nil && !a.policies.BoundaryUncertain {
		parts = nil
		for i := range a.outlines {
			if o := &a.outlines[i]; o.MayAllow && o.Layer == authz.Boundary {
				parts = append(parts, o.within(*part)...)
			}
		}
	}
	for i := range parts {
		if found, err := a.explore(&parts[i]); found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// explore decides one request of a region. If it is denied, explore goes on with the parts of the region to which a
// denying statement does not apply. Fewer denials can only allow more, so this finds a request that could be allowed if
// the region has one.
func (a *asking) explore(r *region) (bool, error) {
	action, answer := example(&r.action)
	resource, found := example(&r.resource)
	switch {
	case answer == pattern.Empty || found == pattern.Empty:
		return false, nil
	case answer != pattern.Found || found != pattern.Found:
		return false, errTooMany
	}
	parsed, err := authz.ParseAction(action)
	if err == nil {
		err = a.count()
	}
	if err != nil {
		return false, err
	}
	if isRoleAction(parsed) {
		if trust, err := a.account.ResourcePolicy(parsed, resource); err == nil && trust != nil {
			// denyRoles has decided this request. It does not stand for those about roles that do not exist yet.
			rest := region{r.action, exclude(r.resource, pattern.Literal(resource))}
			return a.explore(&rest)
		}
	}
	possible, err := a.decideRequest(parsed, resource)
	if err != nil || possible == authz.Possible {
		return possible == authz.Possible, err
	}
	one := authz.Request{Principal: a.principal, Action: parsed, Resource: resource, Context: a.context}
	var denying []*outline
	for i := range a.outlines {
		o := &a.outlines[i]
		if !o.MayDeny {
			continue
		}
		may, certain := o.Applies(&one, true)
		if certain { // every request that is allowed avoids this statement
			denying = []*outline{o}
			break
		}
		if may {
			denying = append(denying, o)
		}
	}
	for _, o := range denying {
		for _, rest := range o.without(*r) {
			if rest.action.Contains(action) && rest.resource.Contains(resource) {
				// Whether the statement applies depends on the value of a variable, so the parts cannot be told apart.
				if possible == authz.Never {
					return false, errVariable
				}
				continue
			}
			if found, err := a.explore(&rest); found || err != nil {
				return found, err
			}
		}
	}
	return false, nil
}

// couldAllow decides the only request of a region.
func (a *asking) couldAllow(r *region) (authz.Possibility, error) {
	resource, _ := r.resource.Required[0].Pattern.LiteralText()
	action, err := authz.ParseAction(a.question.action)
	if err != nil {
		return authz.Never, err
	}
	return a.decideRequest(action, resource)
}

// decideRequest decides whether a request could be allowed, and adds a finding if it could or if this is unknown.
func (a *asking) decideRequest(action authz.Action, resource string) (authz.Possibility, error) {
	requests, err := a.requests(action, resource)
	if err != nil {
		return authz.Never, err
	}
	worst := authz.Never
	for i := range requests {
		r := &requests[i]
		possible := r.policies.CouldAllow(&r.Request)
		if possible == authz.Possible && a.via != nil && a.via.chain.Unclear {
			possible = authz.Unclear
		}
		switch possible {
		case authz.Possible:
			if a.violation(r) {
				return authz.Possible, nil
			}
		case authz.Unclear:
			worst = authz.Unclear
			a.unclear(r)
		}
	}
	return worst, nil
}

// violation adds a finding about a request that could be allowed. It returns false if there is a proof that the request
// is never allowed.
func (a *asking) violation(r *request) bool {
	keys, with, ok := r.policies.Witness(&r.Request)
	if !ok {
		switch answer := a.settle(r); answer.Verdict {
		case analysis.Pass:
			return false
		case analysis.Fail:
			keys, with, ok = answer.Witness.Keys, answer.Witness.Request, true
			other := *r
			other.Action, other.Resource = with.Action, with.Resource
			r = &other
		}
	}
	a.worst, a.violates = "Possible", true
	d := r.policies.Explain(&with)
	var statement authz.StatementRef
	for _, s := range d.Deciding {
		if s.Layer == authz.ResourcePolicy || a.access() != nil && (s.Layer == authz.Identity || s.Layer == authz.Group) {
			statement = s
			break
		}
	}
	action, resource := a.nameFor(r, statement)
	a.row(action, resource, "Possible")
	// Several requests may violate the block because of one statement. Report the statement once.
	if a.reported[statement.String()] {
		return true
	}
	a.reported[statement.String()] = true
	f := Finding{Request: action + " on " + resource, Statement: statement}
	violation, reason := "is", d.Reason
	if statement.Policy != "" {
		reason = fmt.Sprintf("Allowed by %s (layer %s).", statement, statement.Layer)
	}
	if ok {
		f.Witness = &analysis.Witness{Request: with, Keys: keys}
		if r.policies.ResourcePolicy == nil && !a.question.isSingle() {
			f.Witness = a.readable(r, &statement, f.Witness)
		}
		if len(f.Witness.Keys) > 0 {
			violation = "could be: allowed if " + joinKeys(f.Witness.Keys)
		}
		f.Witness.Keys = append(f.Witness.Keys, a.givenKeys()...)
		reason += a.describeWitness(&f, "The policies allow")
	} else {
		violation = "could be with other values of the context"
		reason = r.policies.Explain(&r.Request).Explanation()
	}
	subject := "but "
	if a.via != nil {
		subject = "but " + a.describeChain() + ", which "
	}
	f.Message = fmt.Sprintf("%s must never be allowed %s on %s, %s%s.\n%s", subjectOf(a.start), action, resource, subject,
		violation, reason)
	a.result.Failures = append(a.result.Failures, a.complete(f))
	return true
}

// nameFor returns the names of the action and the resource of a representative request that a statement allows.
func (a *asking) nameFor(r *request, statement authz.StatementRef) (action, resource string) {
	if a.question.isSingle() {
		return a.question.action, a.question.resource
	}
	if r.policies.ResourcePolicy != nil { // the request is about a role of the account
		return roleAction(r.Action).String(), r.Resource
	}
	for view := range r.policies.Statements() {
		if view.Ref == statement {
			return a.name(&view, r.Action, r.Resource)
		}
	}
	return a.question.action, a.question.resource
}

// unclear adds a finding about a request whose answer is unknown.
func (a *asking) unclear(r *request) {
	if a.worst == "Never" {
		a.worst = "Unknown"
	}
	name := a.question.action + " on " + a.question.resource
	depends := r.policies.Explain(&r.Request).DependsOn
	if a.via != nil && a.via.chain.Unclear {
		depends = append(depends, fmt.Sprintf("whether %s %s", a.start, a.describeChain()))
	}
	if len(depends) == 0 { // the request depends on an unknown value only together with context keys of choice
		depends = []string{"values that are not known yet"}
	}
	f := a.finding(name, authz.StatementRef{}, fmt.Sprintf("Whether %s could be allowed %s depends on %s.", a.caller, name,
		strings.Join(depends, "; ")))
	for _, other := range a.result.Undecided {
		if other.Block == f.Block && other.Message == f.Message {
			return
		}
	}
	a.result.Undecided = append(a.result.Undecided, f)
}
