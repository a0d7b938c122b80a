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

// isLive reports whether the question is about a principal of the account in the store: its name can mean nothing else,
// and of an ARN --store says so.
func (f *questionFlags) isLive(cmd *cobra.Command) bool {
	principal := *f.text["principal"]
	if principal == "" {
		return false
	}
	_, err := authz.ParsePrincipal(principal)
	return err != nil && !strings.Contains(principal, ":") || cmd.Flag(storeFlag).Changed
}

// accountLayers are the flags of the layers that the account has itself.
var accountLayers = []string{"identity", "group", "boundary"}

// liveQuestion makes a question of the flags and of what the account says about the principal. The account is nil where
// the question is not one.
func (f *questionFlags) liveQuestion(cmd *cobra.Command) (*simulation.Case, []problem, *account.Account, error) {
	if err := operatorOnly(cmd); err != nil {
		return nil, nil, nil, err
	}
	for _, flag := range accountLayers {
		if len(*f.policies[flag]) > 0 {
			return nil, nil, nil, fmt.Errorf("--%s: of a principal of the account, the policies are those that it has there; iam api SimulatePrincipalPolicy takes further ones", flag)
		}
	}
	var c *simulation.Case
	var wrong []problem
	var now *account.Account
	err := withOperator(cmd, func(ctx context.Context, operator api) error {
		out, err := operator.GetAccount(ctx, nil)
		if err != nil {
			return localError(err)
		}
		now = out.Account
		principal, err := now.Principal(*f.text["principal"])
		if err != nil {
			return fmt.Errorf("--principal: %w", err)
		}
		*f.text["principal"], *f.text["principal-id"] = principal.String(), principal.ID
		if c, wrong = f.question(); len(wrong) == 0 {
			err = layAccount(now, c)
		}
		return err
	})
	return c, wrong, now, err
}

// layAccount puts into a question what the account knows: the principal's policies, its context keys, and the trust
// policy of the role that is to be assumed.
func layAccount(now *account.Account, c *simulation.Case) error {
	r := &c.Request
	access, err := now.Access(r.Principal, account.Credentials{})
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

// noteGroups notes, of the managed policies that a decision cites, by which groups the user has them: their names are their
// ARNs, which do not say it.
func noteGroups(now *account.Account, user authz.Principal, d *authz.Decision) {
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
	member, _ := now.User(user.Name())
	for _, name := range member.Groups {
		group, _ := now.Group(name)
		for _, arn := range group.Attached {
			if cited[arn] {
				d.Notes = append(d.Notes, fmt.Sprintf("%s is attached to the group %s.", arn, group.Name))
			}
		}
	}
}
