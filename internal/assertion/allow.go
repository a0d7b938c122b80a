package assertion

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// allow asks whether all requests of the question are allowed.
func (a *asking) allow() error {
	a.worst = authz.Allowed.String()
	before := len(a.result.Undecided)
	var undecided *undecidedError
	for i := range a.question.regions {
		err := a.allowRegion(&a.question.regions[i])
		if errors.As(err, &undecided) {
			break
		}
		if err != nil {
			return err
		}
	}
	if undecided == nil && a.isInexact() {
		undecided = errVariable
	}
	if a.worst == authz.Undecided.String() || a.worst == authz.Allowed.String() && undecided != nil {
		if err := a.proveAllowed(undecided, before); err != nil {
			return err
		}
	}
	a.finish(a.worst)
	return nil
}

func (a *asking) allowRegion(r *region) error {
	if a.access() == nil || a.question.isSingle() {
		_, err := a.mustAllow(r)
		return err
	}
	for i := range a.statements() {
		o := &a.outlines[i]
		if !o.MayDeny {
			continue
		}
		for _, part := range o.within(*r) {
			if allowed, err := a.mustAllow(&part); err != nil {
				return err
			} else if !allowed {
				break // one finding for each statement is enough
			}
		}
	}
	for _, layers := range [][]authz.LayerKind{{authz.Identity, authz.Group}, {authz.Boundary}} {
		if allowed, err := a.findGap(r, layers); err != nil || !allowed {
			return err // one request that no statement allows is enough
		}
	}
	return nil
}

// findGap looks for a request of a region that no statement of some layers allows. It returns false if it finds one.
func (a *asking) findGap(r *region, layers []authz.LayerKind) (bool, error) {
	allowed, err := a.mustAllow(r)
	if err != nil || !allowed || r.isEmpty() {
		return allowed, err
	}
	one, err := a.representative(r)
	if err != nil {
		return false, err
	}
	for i := range a.outlines {
		o := &a.outlines[i]
		if !o.MayAllow || o.Layer != layers[0] && o.Layer != layers[len(layers)-1] {
			continue
		}
		if _, certain := o.Applies(one, false); !certain {
			continue
		}
		for _, rest := range o.without(*r) {
			if allowed, err := a.findGap(&rest, layers); err != nil || !allowed {
				return allowed, err
			}
		}
		return true, nil
	}
	return true, nil
}

// representative returns one request of a region that is not empty.
func (a *asking) representative(r *region) (*authz.Request, error) {
	action, answer := example(&r.action)
	resource, found := example(&r.resource)
	if answer != pattern.Found || found != pattern.Found {
		return nil, errTooMany
	}
	if a.question.isSingle() {
		action = a.question.action
	}
	parsed, err := authz.ParseAction(action)
	return &authz.Request{Principal: a.principal, Action: parsed, Resource: resource, Context: a.context}, err
}

// mustAllow decides one request of a region. It adds a finding and returns false unless the request is allowed or the
// region is empty.
func (a *asking) mustAllow(region *region) (bool, error) {
	if region.isEmpty() {
		return true, nil
	}
	one, err := a.representative(region)
	if err == nil {
		err = a.count()
	}
	if err != nil {
		return false, err
	}
	return a.isAllowed(one)
}

// isAllowed decides a request. It adds a finding and returns false unless the request is allowed.
func (a *asking) isAllowed(one *authz.Request) (bool, error) {
	name := a.question.action + " on " + a.question.resource
	requests, err := a.requests(one.Action, one.Resource)
	var noRole *noRoleError
	reason := "no policy of the resource allows it"
	switch {
	case errors.As(err, &noRole):
		reason = err.Error()
	case err != nil:
		return false, err
	}
	if len(requests) == 0 {
		a.worst = authz.ImplicitlyDenied.String()
		f := Finding{Request: name, Witness: &analysis.Witness{Request: *one, Keys: a.givenKeys()}}
		f.Message = fmt.Sprintf("%s must be allowed %s, but is not: %s.%s", subjectOf(a.caller), name, reason,
			a.describeWitness(&f, "The policies do not allow"))
		a.result.Failures = append(a.result.Failures, a.complete(f))
		return false, nil
	}
	var r *request
	var outcome authz.Outcome
	for i := range requests { // several names of one provider, or several kinds of principals outside the account
		r = &requests[i]
		if outcome = r.policies.Decide(&r.Request); outcome == authz.Allowed {
			return true, nil
		}
	}
	if outcome != authz.Undecided || a.worst == authz.Allowed.String() {
		a.worst = outcome.String()
	}
	d := r.policies.Explain(&r.Request)
	if outcome == authz.Undecided {
		a.result.Undecided = append(a.result.Undecided, a.finding(name, authz.StatementRef{}, fmt.Sprintf(
			"Whether %s is allowed %s depends on %s.", a.caller, name, strings.Join(d.DependsOn, "; "))))
		return false, nil
	}
	var statement authz.StatementRef
	if outcome == authz.ExplicitlyDenied && len(d.Deciding) > 0 {
		statement = d.Deciding[0]
	}
	action, resource := a.question.action, a.question.resource
	reason = d.Reason
	if a.question.isSingle() {
		reason = d.Explanation() // the request is real
	} else if statement.Policy != "" {
		action, resource = a.nameFor(r, statement)
	}
	a.row(action, resource, outcome.String())
	name = action + " on " + resource
	f := Finding{Request: name, Statement: statement, Witness: &analysis.Witness{Request: r.Request}}
	if r.policies.ResourcePolicy == nil && !a.question.isSingle() {
		f.Witness = a.readable(r, &statement, f.Witness)
	}
	f.Witness.Keys = a.givenKeys()
	f.Message = fmt.Sprintf("%s must be allowed %s, but is not.\n%s%s", subjectOf(a.caller), name, reason,
		a.describeWitness(&f, "The policies do not allow"))
	f = a.complete(f)
	isSame := func(other Finding) bool {
		return other.Block == f.Block && other.Request == f.Request && other.Statement == f.Statement
	}
	if !slices.ContainsFunc(a.result.Failures, isSame) {
		a.result.Failures = append(a.result.Failures, f)
	}
	return false, nil
}
