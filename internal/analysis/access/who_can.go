package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// Holders are the answers to a question about all principals.
type Holders struct {
	// Root is the answer about the root user, whose access the policies of the account do not limit.
	Root Finding
	// Principals has an answer for each user and role of the account: users first, each sorted by name.
	Principals []Finding
	// Outside has the principals outside the account to which the policy of the resource may allow the request. Their own
	// account is assumed to allow them everything.
	Outside []Finding
}

// WhoCan answers a question about all principals of an account. The error is that of the context, or about the
// question.
func WhoCan(ctx context.Context, acc *account.Account, q Question) (*Holders, error) {
	e, err := newEvaluation(acc, &q)
	if err != nil {
		return nil, err
	}
	out := &Holders{}
	root, err := acc.Principal(acc.RootARN())
	if err != nil {
		return nil, err
	}
	out.Root = e.about(root)
	for p, err := range principals(acc) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		out.Principals = append(out.Principals, e.about(p))
	}
	if out.Outside, err = e.outside(); err != nil {
		return nil, err
	}
	if q.ThroughRoles {
		err = e.throughRoles(ctx, out.Principals)
	}
	return out, err
}

// principals iterates over the users and roles of an account: users first, each sorted by name.
func principals(acc *account.Account) func(yield func(authz.Principal, error) bool) {
	return func(yield func(authz.Principal, error) bool) {
		for _, kind := range []account.Kind{account.UserKind, account.RoleKind} {
			for _, arn := range acc.ARNs(kind) {
				p, err := acc.Principal(arn)
				if !yield(p, err) {
					return
				}
			}
		}
	}
}

// evaluation answers one question about many principals.
type evaluation struct {
	account        *account.Account
	question       *Question
	resourcePolicy *authz.Layer
	sources        *authz.Sources
	access         account.Access // reused, so that a principal costs no allocation
}

// Outsiders answers a question about the principals outside the account alone, see [Holders.Outside].
func Outsiders(acc *account.Account, q Question) ([]Finding, error) {
	e, err := newEvaluation(acc, &q)
	if err != nil {
		return nil, err
	}
	return e.outside()
}

func newEvaluation(acc *account.Account, q *Question) (*evaluation, error) {
	if _, err := q.context(); err != nil {
		return nil, err
	}
	e := &evaluation{account: acc, question: q, sources: &authz.Sources{}, resourcePolicy: q.ResourcePolicy}
	if e.resourcePolicy != nil {
		return e, nil
	}
	trust, err := acc.ResourcePolicy(q.Action, q.Resource)
	e.resourcePolicy = trust
	return e, err
}

// about returns the answer about a user or role of the account, or its root user.
func (e *evaluation) about(p authz.Principal) Finding {
	out := Finding{Principal: p, Name: p.String()}
	if err := e.access.Reset(e.account, p, account.Credentials{}); err != nil {
		out.Answer, out.Open = Unknown, []string{err.Error()}
		return out
	}
	for _, access := range e.callers() {
		context, err := e.question.context()
		if err != nil {
			out.Answer, out.Open = Unknown, []string{err.Error()}
			return out
		}
		access.SetPossibleKeys(context)
		policies := access.Policies()
		policies.ResourcePolicy = e.resourcePolicy
		next := Finding{Principal: access.Principal(), Name: access.Principal().String()}
		e.decide(&next, &policies, context)
		if rank(next.Answer) > rank(out.Answer) {
			if next.Principal != p { // only the session that the policy names
				next.Name = p.String()
				next.Condition = joinAnd(fmt.Sprintf("the session is %s", next.Principal), next.Condition)
				if next.Answer == Yes {
					next.Answer = Conditional
				}
				next.Principal = p
			}
			out = next
		}
	}
	return out
}

// callers returns the principal itself and, for a role, the sessions that the policy of the resource names.
func (e *evaluation) callers() []*account.Access {
	out := []*account.Access{&e.access}
	if e.resourcePolicy == nil || e.access.Principal().Kind != authz.Role {
		return out
	}
	for _, other := range e.access.TrustedAs(e.resourcePolicy, true) {
		if other != &e.access {
			out = append(out, other)
		}
	}
	return out
}

// rank orders the answers by what they say about the access.
func rank(a Answer) int { return [...]int{No: 0, Unknown: 1, Conditional: 2, Yes: 3}[a] }

// decide sets the answer of a finding.
func (e *evaluation) decide(out *Finding, policies *authz.Policies, context *authz.Context) {
	r := authz.Request{
		Principal: out.Principal, Action: e.question.Action, Resource: e.question.Resource, Context: context,
	}
	switch policies.CouldAllow(&r) {
	case authz.Never:
		out.Answer = No
		return
	case authz.Unclear:
		out.Answer = Unknown
		out.Open = policies.Explain(&r).DependsOn
		if len(out.Open) == 0 {
			out.Open = []string{"values that are not known yet"}
		}
		return
	}
	relevant := newRelevant(policies, &r, e.sources)
	out.Statements = relevant.refs()
	if policies.AlwaysAllows(&r) {
		out.Answer = Yes
		return
	}
	keys, _, ok := policies.Witness(&r)
	if !ok {
		out.Answer = Unknown
		out.Open = []string{"the policies distinguish more values of the context than the search tries"}
		return
	}
	out.Answer, out.Example, out.Condition = Conditional, keys, relevant.condition()
}

// joinAnd joins conditions that must all be true.
func joinAnd(conditions ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(conditions), func(c string) bool { return c == "" }), " and ")
}
