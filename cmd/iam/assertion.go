package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newAssertion() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "assertion",
		Short: "Show the stored access assertions, and lift their protection",
		Long: `An access assertion is a promise about a principal: requests that it may never make.
The account stores the assertions that Terraform creates from iam_access_assertion.
It refuses every change that would allow one of these requests, whoever makes it.

"iam api OPERATION --override-assertion NAME --reason REASON" makes one change in
spite of an assertion.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAssertionList(), newAssertionShow(), newAssertionUnprotect(), newAssertionDelete())
	return cmd
}

func newAssertionList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the access assertions of the account",
		Args:  cobra.NoArgs,
	}
	output := outputFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return withClient(cmd, "ListAccessAssertions", func(ctx context.Context, c api) error {
			out, err := c.ListAccessAssertions(ctx, nil)
			if err != nil {
				return asRefusal("ListAccessAssertions", err)
			}
			if output.value == "json" {
				return writeJSON(cmd.OutOrStdout(), out.AccessAssertions)
			}
			w := newWriter(cmd.OutOrStdout())
			w.assertions(out.AccessAssertions)
			return w.err
		})
	}
	return cmd
}

func newAssertionShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Print an access assertion as JSON",
		Args:  requireName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withClient(cmd, "GetAccessAssertion", func(ctx context.Context, c api) error {
				out, err := c.GetAccessAssertion(ctx, &engine.GetAccessAssertionInput{Name: args[0]})
				if err != nil {
					return asRefusal("GetAccessAssertion", err)
				}
				return writeJSON(cmd.OutOrStdout(), out.AccessAssertion)
			})
		},
	}
}

func newAssertionUnprotect() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "unprotect NAME",
		Short: "Lift the protection of an access assertion",
		Long: `Lift the protection of an access assertion, so that it can be deleted or weakened.
Terraform cannot lift it. Only the local operator may use this command. The audit
trail records the reason.`,
		Example: `  iam assertion unprotect payroll --reason "payroll moves to another account"`,
		Args:    requireName,
	}
	cmd.Flags().StringVar(&reason, "reason", "", "the `REASON`, for the audit trail")
	panicOnError(cmd.MarkFlagRequired("reason"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return withClient(cmd, "UnprotectAccessAssertion", func(ctx context.Context, c api) error {
			_, err := c.UnprotectAccessAssertion(ctx,
				&engine.UnprotectAccessAssertionInput{Name: args[0], Reason: reason})
			return asRefusal("UnprotectAccessAssertion", err)
		})
	}
	return cmd
}

func newAssertionDelete() *cobra.Command {
	return &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete an access assertion",
		Args:  requireName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withClient(cmd, "DeleteAccessAssertion", func(ctx context.Context, c api) error {
				_, err := c.DeleteAccessAssertion(ctx, &engine.DeleteAccessAssertionInput{Name: args[0]})
				return asRefusal("DeleteAccessAssertion", err)
			})
		},
	}
}

// requireName requires the name of an access assertion as the only argument.
func requireName(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("expected the NAME of an access assertion (see %s --help)", cmd.CommandPath())
	}
	return nil
}

// assertions writes one line for each access assertion.
func (w *writer) assertions(all []engine.AccessAssertion) {
	names := []string{"NAME"}
	principals := []string{"PRINCIPAL"}
	for _, a := range all {
		names, principals = append(names, a.Name), append(principals, a.Assertion.Principal)
	}
	nameWidth, principalWidth := widest(names...), widest(principals...)
	w.printf("%s\n", w.styled(bold, padRight("NAME", nameWidth)+"  "+padRight("PRINCIPAL", principalWidth)+"  NEVER"))
	for _, a := range all {
		w.printf("%s  %s  %s\n", padRight(printable(a.Name), nameWidth),
			padRight(printable(a.Assertion.Principal), principalWidth), printable(forbiddenActions(a)))
	}
}

// forbiddenActions lists the actions that an assertion forbids, and its special states.
func forbiddenActions(a engine.AccessAssertion) string {
	var actions []string
	for _, b := range a.Assertion.Blocks {
		if !b.Allow {
			actions = append(actions, b.Actions...)
		}
	}
	text := strings.Join(actions, ", ")
	if a.Protected {
		text += " (protected)"
	}
	if n := len(a.Overridden); n > 0 {
		text += fmt.Sprintf(" (overridden for %s)", countOf(n, "request"))
	}
	return text
}
