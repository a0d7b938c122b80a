package access

import (
	"slices"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// relevant has the statements that decide about a request which is allowed for some values of the context.
type relevant struct {
	request *authz.Request
	// identity has the statements of the principal's own policies and of those of its groups.
	identity, boundary []clause
	// Statements of the resource's policy: those that name the principal's user or session, those that name its role or
	// everyone, and those that name its account and so leave the decision to the identity policies.
	direct, wide, account []clause
	denies                []clause
	hasBoundary           bool
	hasResource           bool
}

// clause is a statement that may apply to the request, with the conditions that decide whether it does. Without
// conditions it applies certainly.
type clause struct {
	ref        authz.StatementRef
	conditions []string
}

// newRelevant finds the relevant statements of a request whose context keys may be chosen.
func newRelevant(policies *authz.Policies, r *authz.Request, sources *authz.Sources) *relevant {
	out := &relevant{request: r, hasBoundary: policies.Boundary != nil, hasResource: policies.ResourcePolicy != nil}
	outlines := policies.Outlines()
	for i := range outlines {
		o := &outlines[i]
		if may, _ := o.Applies(r, true); !may {
			continue
		}
		view := sources.View(o)
		c := clause{view.Ref, openConditions(r, &view)}
		if o.MayDeny {
			out.denies = append(out.denies, c)
		}
		if !o.MayAllow {
			continue
		}
		switch o.Layer {
		case authz.Identity, authz.Group:
			out.identity = append(out.identity, c)
		case authz.Boundary:
			out.boundary = append(out.boundary, c)
		case authz.ResourcePolicy:
			out.addGrant(c, &view)
		}
	}
	return out
}

// addGrant adds a statement of the resource's policy by the way in which it names the principal.
func (r *relevant) addGrant(c clause, view *authz.StatementView) {
	switch direct, wide, _ := view.Names(r.request.Principal, r.hasBoundary); {
	case direct:
		r.direct = append(r.direct, c)
	case wide:
		r.wide = append(r.wide, c)
	default:
		r.account = append(r.account, c)
	}
}

// openConditions returns the conditions of a statement that depend on keys which the context does not settle, in the
// words of the policy.
func openConditions(r *authz.Request, view *authz.StatementView) []string {
	var out []string
	if view.Unknown {
		return []string{"a statement that is not known yet applies"}
	}
	if texts := openResources(r, view); len(texts) > 0 {
		out = append(out, "the resource matches "+quoteOr(texts))
	}
	return append(out, openConditionsOf(r, view)...)
}

// openConditionsOf returns the conditions of the Condition element that depend on keys which the context does not
// settle.
func openConditionsOf(r *authz.Request, view *authz.StatementView) []string {
	var out []string
	for i := range view.Conditions {
		c := &view.Conditions[i]
		settled := r.Context.Settled(c.Key)
		for j := range c.Values {
			for t := range c.Values[j].Text.Variables() {
				settled = settled && r.Context.Settled(t.Text)
			}
		}
		if !settled || c.Unknown {
			out = append(out, c.String())
		}
	}
	if view.ConditionsUnknown {
		out = append(out, "conditions that are not known yet are true")
	}
	return out
}

// openResources returns the resources of a statement that match the request for some values of their variables only.
// It is empty if the element certainly matches.
func openResources(r *authz.Request, view *authz.StatementView) []string {
	if view.Resource.Absent || view.Resource.Not {
		return nil
	}
	var out []string
	values := r.Context.Possible()
	for i := range view.Resource.Patterns {
		p, result := view.Resource.Patterns[i].Fill(values, nil)
		switch {
		case result == pattern.NoValue:
		case result == pattern.Complete && p.Match(r.Resource):
			return nil
		case result == pattern.Partial && p.CouldMatch(r.Resource) && i < len(view.Resource.Texts):
			out = append(out, view.Resource.Texts[i])
		}
	}
	return out
}

// refs returns the statements: those that allow the request, then those that deny it for some values of the context.
func (r *relevant) refs() []authz.StatementRef {
	var out []authz.StatementRef
	for _, list := range [][]clause{r.identity, r.direct, r.wide, r.account, r.boundary, r.denies} {
		for _, c := range list {
			if !slices.Contains(out, c.ref) {
				out = append(out, c.ref)
			}
		}
	}
	return out
}

// condition returns the condition for which the layers together allow the request.
func (r *relevant) condition() string {
	allowed, unless := r.formula()
	text := allowed.String()
	for _, list := range unless {
		if text != "" {
			text += ", "
		}
		text += "unless " + list.String()
	}
	return text
}

// formula returns the condition for which the layers together allow the request, and conditions of which none may be
// true. It follows the rules by which package authz combines the layers (rules 60 to 63).
func (r *relevant) formula() (allowed alternatives, unless []alternatives) {
	boundary := anyOf(r.boundary)
	if !r.hasBoundary || r.request.Principal.Kind == authz.Root {
		boundary = always
	}
	identity := anyOf(r.identity).and(boundary)
	if r.request.Principal.Kind == authz.Root {
		identity = always
	}
	switch own := anyOf(r.direct).or(anyOf(r.wide).and(boundary)); {
	case !r.hasResource:
		allowed = identity
	case r.request.Principal.Kind >= authz.Service:
		allowed = own.or(anyOf(r.account))
	case r.isCrossAccount():
		allowed = anyOf(slices.Concat(r.direct, r.wide, r.account)).and(identity)
	case r.request.Action.NeedsResourcePolicy():
		allowed = own.or(anyOf(r.account).and(identity))
	default:
		allowed = own.or(identity)
	}
	for _, c := range r.denies {
		unless = append(unless, alternatives{c.conditions})
	}
	return allowed, unless
}

// isCrossAccount reports whether the resource belongs to another account than the principal.
func (r *relevant) isCrossAccount() bool {
	arn, err := policy.ParseARN(r.request.Resource)
	owner := r.request.ResourceAccount
	if owner == "" && err == nil {
		owner = arn.Account
	}
	return owner != "" && owner != "aws" && owner != r.request.Principal.Account
}

// quoteOr joins texts in quotes.
func quoteOr(texts []string) string {
	quoted := slices.Clone(texts)
	for i, text := range quoted {
		quoted[i] = strconv.Quote(text)
	}
	return strings.Join(quoted, " or ")
}
