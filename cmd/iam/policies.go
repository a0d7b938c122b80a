package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newPolicies() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policies",
		Short: "Show the date of AWS's managed policies, or load newer ones",
		Long: `Show the number and the date of AWS's managed policies that the account has. Their
ARNs begin with arn:aws:iam::aws:policy/. "iam api ListPolicies Scope=AWS" lists
them, and "iam policies load" replaces them.`,
		Example: `  iam policies
  iam policies load aws-policies.jsonl`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, "table", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		return withOperator(cmd, func(ctx context.Context, c api) error {
			out, err := c.DescribeAWSPolicies(ctx, nil)
			if err != nil {
				return withoutErrorCode(err)
			}
			if output.value == "json" {
				return writeJSON(cmd.OutOrStdout(), map[string]any{
					"policies": out.Policies, "date": out.Date.Format(time.RFC3339), "builtIn": out.BuiltIn,
				})
			}
			source := "loaded by the operator"
			if out.BuiltIn {
				source = "from this program"
			}
			w := newWriter(cmd.OutOrStdout())
			w.printf("%d managed policies of AWS, %s; the newest is of %s.\n", out.Policies, source,
				out.Date.Format(time.DateOnly))
			return w.err
		})
	}
	cmd.AddCommand(newPoliciesLoad())
	return cmd
}

// maxPoliciesSize limits the size of a file with AWS's managed policies, in bytes.
const maxPoliciesSize = 64 << 20

func newPoliciesLoad() *cobra.Command {
	var builtIn bool
	cmd := &cobra.Command{
		Use:   "load FILE",
		Short: "Replace AWS's managed policies",
		Long: `Replace AWS's managed policies with those in FILE ("-" is standard input) or, with
--built-in, with those of this program. A policy in use gets its new default
version at once, as on AWS. A policy in use that FILE lacks stays, but can no
longer be attached after its last use. If a stored access assertion would be
violated, the command changes nothing.

Each line of FILE is a JSON object with the members Arn, DefaultVersionId,
CreateDate, UpdateDate and Document, and optionally PolicyId and Description: an
entry of aws iam list-policies with the document of the default version.`,
		Example: `  iam policies load aws-policies.jsonl
  iam policies load --built-in`,
		Args: func(_ *cobra.Command, args []string) error {
			if builtIn == (len(args) == 1) || len(args) > 1 {
				return errors.New("give either one FILE or --built-in")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&builtIn, "built-in", false, "use the policies of this program")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		in := &engine.LoadAWSPoliciesInput{BuiltIn: builtIn}
		if !builtIn {
			text, err := readFile(cmd.InOrStdin(), args[0], maxPoliciesSize)
			if err != nil {
				return fmt.Errorf("%s: %w", displayName(args[0]), err)
			}
			in.Text = text
		}
		return withOperator(cmd, func(ctx context.Context, c api) error {
			out, err := c.LoadAWSPolicies(ctx, in)
			if err != nil {
				return withoutErrorCode(err)
			}
			w := newWriter(cmd.OutOrStdout())
			w.printf("Loaded %s of AWS; the newest is of %s.\n",
				countOf(out.Policies, "managed polic"+plural(out.Policies, "y", "ie")), out.Date.Format(time.DateOnly))
			for _, part := range []struct {
				title string
				lines []string
			}{
				{"Policies in use that changed:", out.Changed},
				{"Policies in use that AWS has withdrawn; they stay until their last use ends:", out.Withdrawn},
				{"Policies that this engine cannot evaluate, so that each denies every request of its holder:", out.Unreadable},
			} {
				if len(part.lines) > 0 {
					w.printf("\n%s\n", part.title)
				}
				for _, line := range part.lines {
					w.printf("  %s\n", printable(line))
				}
			}
			return w.err
		})
	}
	return cmd
}
