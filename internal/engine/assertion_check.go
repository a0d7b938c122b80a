package engine

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// This file evaluates stored access assertions. The gate uses it for the account as a write leaves it, and the provider
// for the account as it will be after a plan.

// Principals returns the names of the principal for [account.Account.Principal]: the text of the assertion, and the
// unique ids of the users and roles that had this name before.
func (a AccessAssertion) Principals() []string {
	return append([]string{a.Assertion.Principal}, a.PrincipalIDs...)
}

// Check checks the forbidden requests on an account. A principal that the account does not have violates nothing.
func (a AccessAssertion) Check(of *account.Account) (assertion.Result, error) {
	return a.stored().check(of)
}

// MayReach reports whether a changed trust policy of a role may change the result of Check, see
// [assertion.Assertion.MayReach].
func (a AccessAssertion) MayReach(of *account.Account, reached []string, roleName string) (bool, error) {
	return a.stored().mayReach(of, reached, roleName)
}

func (a AccessAssertion) stored() storedAssertion {
	return storedAssertion{Assertion: a.Assertion, PrincipalIDs: a.PrincipalIDs}
}

// hasDenials reports whether the assertion forbids any request.
func (a storedAssertion) hasDenials() bool {
	return slices.ContainsFunc(a.Blocks, func(b assertion.Block) bool { return !b.Allow })
}

// principals returns the forbidden requests for the principal that the assertion names, and for the users and roles
// that had this name before, if they still exist under another one.
func (a storedAssertion) principals(now *account.Account) []assertion.Assertion {
	named := a.Assertion
	named.Blocks = slices.DeleteFunc(slices.Clone(a.Blocks), func(b assertion.Block) bool { return b.Allow })
	out := []assertion.Assertion{named}
	p, err := now.Principal(a.Principal)
	for _, id := range a.PrincipalIDs {
		if _, _, exists := now.ByID(id); exists && (err != nil || p.ID != id) {
			renamed := named
			renamed.Principal = id
			out = append(out, renamed)
		}
	}
	return out
}

// check checks the forbidden requests. A principal that does not exist has no access.
func (a storedAssertion) check(now *account.Account) (assertion.Result, error) {
	var all assertion.Result
	for _, one := range a.principals(now) {
		result, err := one.Check(now)
		if assertion.IsUnknownPrincipal(err) {
			continue
		}
		if err != nil {
			return assertion.Result{}, err
		}
		all.Failures = append(all.Failures, result.Failures...)
		all.Undecided = append(all.Undecided, result.Undecided...)
		all.Reached = append(all.Reached, result.Reached...)
	}
	return all, nil
}

// mayReach reports whether a changed trust policy of a role may change the result of check.
func (a storedAssertion) mayReach(now *account.Account, reached []string, roleName string) (bool, error) {
	for _, one := range a.principals(now) {
		reaches, err := one.MayReach(now, reached, roleName)
		if err != nil && !assertion.IsUnknownPrincipal(err) {
			return false, err
		}
		if reaches {
			return true, nil
		}
	}
	return false, nil
}

// isUserOrRole reports whether the unique id of a principal belongs to a user or role.
func isUserOrRole(p authz.Principal) bool { return p.Kind == authz.User || p.Kind == authz.Role }
