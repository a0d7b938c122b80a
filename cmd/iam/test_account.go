package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/review"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// testAccount is the account whose users and roles the tests of a run are about.
type testAccount struct {
	plan   string // the file of a plan, or empty
	source planSource
}

func (t *testAccount) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&t.plan, "plan", "", "run the tests on the account as a plan would leave it: a `FILE` with the "+
		"output of terraform show -json")
	panicOnError(cmd.MarkFlagFilename("plan", "json"))
	t.source.register(cmd)
}

// read returns the account that the flags choose, or nil if they choose none. It reports parts of the plan that could
// not be judged.
func (t *testAccount) read(cmd *cobra.Command) (*account.Account, error) {
	if t.plan == "" {
		for _, flag := range []string{"source", "account-id", "region"} {
			if cmd.Flags().Changed(flag) {
				return nil, fmt.Errorf("--%s belongs to a plan; give the plan with --plan", flag)
			}
		}
		if len(t.source.account.files) == 0 && !cmd.Flag(storeFlag).Changed {
			return nil, nil //nolint:nilnil // tests without an account
		}
		return t.source.account.read(cmd)
	}
	in, err := t.source.read(cmd, t.plan)
	if err != nil {
		return nil, err
	}
	acc, open, err := review.PlannedAccount(in)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", displayName(t.plan), err)
	}
	for _, o := range open {
		_, _ = fmt.Fprintln(cmd.ErrOrStderr(), printable(fmt.Sprintf("%s: not judged: %s: %s", displayName(t.plan),
			o.Source.Address, o.Reason)))
	}
	return acc, nil
}

// accountFields are the fields of a question that come from the account.
var accountFields = []string{"identity", "group", "boundary"}

// askAccount decodes a test about a user or role of an account. ok is false for a test that brings its own policies.
func askAccount(acc *account.Account, node tree.Node, load simulation.Loader) (c *simulation.Case, ok bool, err error) {
	named, found := node.Member("principal")
	if acc == nil || !found || named.Kind != tree.String {
		return nil, false, nil
	}
	for _, field := range accountFields {
		if given, has := node.Member(field); has && given.Kind != tree.Null {
			return nil, false, nil
		}
	}
	principal, err := acc.Principal(named.Text)
	if err != nil {
		if p, parseErr := authz.ParsePrincipal(named.Text); parseErr == nil && p.Account != acc.ID() {
			return nil, false, nil // a principal outside the account
		}
		return nil, true, simulation.Errors{{Path: "principal", Pos: named.Pos, Message: err.Error()}}
	}
	node.Members = slices.Clone(node.Members)
	for i := range node.Members {
		if m := &node.Members[i]; m.Name == "principal" {
			m.Value.Text = principal.String()
		}
	}
	if _, given := node.Member("principal_id"); !given && principal.ID != "" {
		node.Members = append(node.Members, tree.Member{Name: "principal_id", Pos: named.Pos,
			Value: tree.Node{Kind: tree.String, Text: principal.ID, Pos: named.Pos}})
	}
	if c, err = simulation.DecodeWith(node, load); err != nil {
		return nil, true, err
	}
	if err := addAccountPolicies(acc, c); err != nil {
		return nil, true, simulation.Errors{{Path: "principal", Pos: named.Pos, Message: err.Error()}}
	}
	c.Request.Context.SetUnknownBelow(planned.HoleKeyPrefix)
	return c, true, nil
}
