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
	var most int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show the last records, the newest at the end",
		Example: `  iam audit list --since 7d --principal alice
  iam audit list --subject payments -n 0
  iam audit list --event DeleteUser -o json`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, "table", "json")
	flags.register(cmd)
	cmd.Flags().IntVarP(&most, "number", "n", 100, "the last `N` of the records; 0 for all")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		if most < 0 {
			return errors.New("--number: how many cannot be negative")
		}
		return withStore(cmd, func(ctx context.Context, e *engine.Engine) error {
			filter, err := flags.filter(ctx, e)
			if err != nil {
				return err
			}
			records := e.AuditEvents(ctx, filter)
			if most > 0 {
				filter.Limit, filter.Descending = most, true
				if records, err = reversed(e.AuditEvents(ctx, filter)); err != nil {
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

// reversed turns records around that come newest first.
func reversed(records iter.Seq2[audit.Link, error]) (iter.Seq2[audit.Link, error], error) {
	var links []audit.Link
	for link, err := range records {
		if err != nil {
			return nil, fmt.Errorf("reading the audit trail: %w", err)
		}
		links = append(links, link)
	}
	return func(yield func(audit.Link, error) bool) {
		for _, link := range slices.Backward(links) {
			if !yield(link, nil) {
				return
			}
		}
	}, nil
}
