package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newAuditList() *cobra.Command {
	var flags auditFlags
	var number int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show the last records, the newest one last",
		Example: `  iam audit list --since 7d --principal alice
  iam audit list --subject payments -n 0
  iam audit list --event DeleteUser -o json`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, "table", "json")
	flags.register(cmd)
	cmd.Flags().IntVarP(&number, "number", "n", 100, "show the last `N` records; 0 for all")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		if number < 0 {
			return errors.New("--number: the number cannot be negative")
		}
		return withOperator(cmd, func(ctx context.Context, c api) error {
			in, err := flags.input(ctx, c)
			if err != nil {
				return err
			}
			records := engine.AuditRecords(ctx, c, &in)
			if number > 0 {
				in.Descending = true
				if records, err = reversed(engine.AuditRecords(ctx, c, &in), number); err != nil {
					return err
				}
			}
			format := audit.FormatTable
			if output.value == "json" {
				format = audit.FormatJSONLines
			}
			return audit.Export(cmd.OutOrStdout(), format, records)
		})
	}
	return cmd
}

// reversed returns the first n records in reverse order.
func reversed(records iter.Seq2[audit.Link, error], n int) (iter.Seq2[audit.Link, error], error) {
	var links []audit.Link
	for link, err := range records {
		if err != nil {
			return nil, fmt.Errorf("reading the audit trail: %w", err)
		}
		if links = append(links, link); len(links) == n {
			break
		}
	}
	return func(yield func(audit.Link, error) bool) {
		for _, link := range slices.Backward(links) {
			if !yield(link, nil) {
				return
			}
		}
	}, nil
}
