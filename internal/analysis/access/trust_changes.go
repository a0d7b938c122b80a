package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// trustChanges returns the roles that each principal may assume in one account only, by the ARN of the principal.
func (w *comparison) trustChanges(ctx context.Context) (map[string]*Change, error) {
	old, err := w.assumptions(ctx, w.before.account)
	if err != nil {
		return nil, err
	}
	updated, err := w.assumptions(ctx, w.after.account)
	if err != nil {
		return nil, err
	}
	out := map[string]*Change{}
	of := func(principal string) *Change {
		if out[principal] == nil {
			out[principal] = &Change{}
		}
		return out[principal]
	}
	for key, f := range updated {
		other := old[key]
		switch c := of(key.from); {
		case f.Answer == Unknown && (other == nil || other.Answer != Unknown):
			c.Open = append(c.Open, fmt.Sprintf("whether it may assume %s, which depends on %s", key.role, f.Open[0]))
		case f.Answer == Unknown, other != nil && other.Answer == Unknown:
		case other == nil, f.Answer == Yes && other.Answer == Conditional:
			c.Gained = append(c.Gained, assumption(key.role, f))
		case f.Answer == Conditional && other.Answer == Yes:
			c.Lost = append(c.Lost, assumption(key.role, other))
		case f.Condition != other.Condition:
			c.Open = append(c.Open,
				fmt.Sprintf("whether it gained or lost access to %s: it could be assumed if %s, and now if %s",
					key.role, other.Condition, f.Condition))
		}
	}
	for key, f := range old {
		if f.Answer != Unknown && updated[key] == nil {
			c := of(key.from)
			c.Lost = append(c.Lost, assumption(key.role, f))
		}
	}
	byRole := func(a, b Difference) int { return strings.Compare(a.Request.Resource, b.Request.Resource) }
	for _, c := range out {
		slices.SortFunc(c.Gained, byRole)
		slices.SortFunc(c.Lost, byRole)
		slices.Sort(c.Open)
	}
	return out, nil
}

// edge is a principal and a role that it may assume.
type edge struct{ from, role string }

// assumptions returns who may assume which role of an account.
func (w *comparison) assumptions(ctx context.Context, acc *account.Account) (map[edge]*Finding, error) {
	graph, err := newAssumeGraph(ctx, acc, &authz.Sources{}, &Question{})
	if err != nil {
		return nil, err
	}
	out := map[edge]*Finding{}
	for _, role := range acc.ARNs(account.RoleKind) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for _, e := range graph.into(role) {
			out[edge{e.from, role}] = &e.finding
		}
	}
	return out, nil
}

func assumption(role string, f *Finding) Difference {
	return Difference{Service: "sts", Level: catalog.Write.String(), Condition: f.Condition, Keys: f.Example,
		Statements: f.Statements,
		Request:    authz.Request{Principal: f.Principal, Action: assumeRole, Resource: role, Context: authz.NewContext()}}
}
