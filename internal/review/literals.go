package review

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
)

// checkLiterals refuses an account in which a policy has a variable that reads as a hole. Such a policy would count as
// one that mentions an unknown value of the plan.
func checkLiterals(of *account.Account) error {
	check := func(what string, d account.Document) error {
		if text, ok := d.Text(); ok && planned.LiteralText(text) != text {
			return fmt.Errorf("%s has a policy variable that begins with \"terraform:\". AWS has no such variable, and the "+
				"review writes values that are known only after apply this way. Remove it from the policy", what)
		}
		return nil
	}
	lists := func(kind account.Kind, name string, policies []account.InlinePolicy) error {
		for _, p := range policies {
			if err := check(fmt.Sprintf("inline policy %q of %s %q", p.Name, kind, name), p.Document); err != nil {
				return err
			}
		}
		return nil
	}
	for _, u := range of.Users() {
		if err := lists(account.UserKind, u.Name, u.Inline); err != nil {
			return err
		}
	}
	for _, g := range of.Groups() {
		if err := lists(account.GroupKind, g.Name, g.Inline); err != nil {
			return err
		}
	}
	for _, role := range of.Roles() {
		if err := lists(account.RoleKind, role.Name, role.Inline); err != nil {
			return err
		}
		if err := check(fmt.Sprintf("the trust policy of role %q", role.Name), role.Trust); err != nil {
			return err
		}
	}
	for _, p := range of.ManagedPolicies() {
		for _, v := range p.Versions {
			if err := check(fmt.Sprintf("policy %q", p.ARN), v.Document); err != nil {
				return err
			}
		}
	}
	return nil
}
