package accesscheck

import (
	"cmp"
	"context"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// Find runs checks on a change of an account, and all of them if none is given. The accounts should have all versions
// of their managed policies, because older versions may be part of a path.
//
// Only the difference counts: what was possible before the change is no finding, and accounts that give the same access
// have none. Findings are in the order of the checks, and sorted by their principals.
func Find(ctx context.Context, before, after *account.Account, checks ...Check) (*Result, error) {
	if len(checks) == 0 {
		checks = Checks()
	}
	c := &comparison{before: before, after: after, catalog: catalog.Default(), sources: &authz.Sources{},
		result: &Result{}}
	if before == after {
		return c.result, nil
	}
	c.parts = differentParts(before, after)
	if len(c.parts) == 0 && !before.HasPending() && !after.HasPending() {
		return c.result, nil
	}
	wanted := func(check Check) bool { return slices.Contains(checks, check) }
	if wanted(PrivilegeEscalation) || wanted(AdminGrant) {
		if err := c.escalations(ctx, wanted(PrivilegeEscalation), wanted(AdminGrant)); err != nil {
			return nil, err
		}
	}
	if wanted(PublicTrust) || wanted(CrossAccountTrust) {
		if err := c.trusts(ctx, wanted(PublicTrust), wanted(CrossAccountTrust)); err != nil {
			return nil, err
		}
	}
	if wanted(NewAccess) {
		if err := c.gains(ctx); err != nil {
			return nil, err
		}
	}
	c.sort()
	return c.result, nil
}

// comparison compares two accounts.
type comparison struct {
	before, after *account.Account
	catalog       *catalog.Catalog
	sources       *authz.Sources
	// parts are the parts of the accounts that differ.
	parts []Object
	// changed has the users, groups, roles and managed policies that differ; nil until it is needed.
	changed map[owner]bool
	result  *Result
}

func (c *comparison) open(check Check, principal, reason string) {
	o := Open{Check: check, Principal: principal, Reason: reason}
	if !slices.Contains(c.result.Open, o) {
		c.result.Open = append(c.result.Open, o)
	}
}

func (c *comparison) sort() {
	checks := Checks()
	slices.SortStableFunc(c.result.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(checks, a.Check), slices.Index(checks, b.Check)),
			cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.ID, b.ID))
	})
	slices.SortStableFunc(c.result.Open, func(a, b Open) int {
		return cmp.Or(cmp.Compare(slices.Index(checks, a.Check), slices.Index(checks, b.Check)),
			cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Reason, b.Reason))
	})
}
