package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
)

// usesAccount reports whether the question is about a principal of the account in the store. A name
// always means such a principal. An ARN does only if --store is set.
func (f *questionFlags) usesAccount(cmd *cobra.Command) bool {
	principal := *f.text["principal"]
	if principal == "" {
		return false
	}
	_, err := authz.ParsePrincipal(principal)
	return err != nil && !strings.Contains(principal, ":") || cmd.Flag(storeFlag).Changed
}

// accountLayers lists the flags of the layers that come from the account.
var accountLayers = []string{"identity", "group", "boundary"}

// accountQuestion returns the question that the flags ask about a principal of the account, and the account.
func (f *questionFlags) accountQuestion(cmd *cobra.Command) (*simulation.Case, []problem, *account.Account, error) {
	if err := operatorOnly(cmd); err != nil {
		return nil, nil, nil, err
	}
	for _, flag := range accountLayers {
		if len(*f.policies[flag]) > 0 {
			return nil, nil, nil, fmt.Errorf("--%s cannot be used with a principal of the account, whose policies come from "+
				"the account; iam api SimulatePrincipalPolicy accepts additional policies", flag)
		}
	}
	var c *simulation.Case
	var invalid []problem
	var acc *account.Account
	err := withOperator(cmd, func(ctx context.Context, operator api) error {
		out, err := operator.GetAccount(ctx, nil)
		if err != nil {
			return withoutErrorCode(err)
		}
		acc = out.Account
		principal, err := acc.Principal(*f.text["principal"])
		if err != nil {
			return fmt.Errorf("--principal: %w", err)
		}
		*f.text["principal"], *f.text["principal-id"] = principal.String(), principal.ID
		if c, invalid = f.question(); len(invalid) == 0 {
			err = addAccountPolicies(acc, c)
		}
		return err
	})
	return c, invalid, acc, err
}

// addAccountPolicies adds to a question the principal's policies and context keys, and the trust
// policy of the role that the request assumes.
func addAccountPolicies(acc *account.Account, c *simulation.Case) error {
	r := &c.Request
	access, err := acc.Access(r.Principal, account.Credentials{})
	if err != nil {
		return err
	}
	policies, request, err := access.Request(r.Action, r.Resource, r.Context)
	c.Policies.Identity, c.Policies.Group, c.Policies.Boundary = policies.Identity, policies.Group, policies.Boundary
	r.Context = request.Context
	if c.Policies.ResourcePolicy != nil {
		return nil
	}
	c.Policies.ResourcePolicy = policies.ResourcePolicy
	return err
}

// noteGroups adds a note for each managed policy that a decision cites and that is attached to a group
// of the user. The name of such a policy is its ARN, which does not show the group.
func noteGroups(acc *account.Account, user authz.Principal, d *authz.Decision) {
	cited := map[string]bool{}
	for _, ref := range d.Deciding {
		cited[ref.Policy] = ref.Layer == authz.Group
	}
	if m := d.NearestMiss; m != nil {
		cited[m.Policy] = m.Layer == authz.Group
	}
	if user.Kind != authz.User {
		return
	}
	member, _ := acc.User(user.Name())
	for _, name := range member.Groups {
		group, _ := acc.Group(name)
		for _, arn := range group.Attached {
			if cited[arn] {
				d.Notes = append(d.Notes, fmt.Sprintf("%s is attached to the group %s.", arn, group.Name))
			}
		}
	}
}
