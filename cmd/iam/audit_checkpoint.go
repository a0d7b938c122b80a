package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newAuditCheckpoint() *cobra.Command {
	return &cobra.Command{
		Use:   "checkpoint",
		Short: "Print a checkpoint, which later proves that no earlier record was removed",
		Long: `Print a line of text that identifies the present end of the audit trail. Store it
in a place that people with access to the account's file cannot change. With this
line, "iam audit verify --checkpoint" finds earlier records that were removed or
replaced.`,
		Example: `  iam audit checkpoint | ssh backup-host 'cat > iam-checkpoint-$(date +%F)'`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := operatorOnly(cmd); err != nil {
				return err
			}
			return withOperator(cmd, func(ctx context.Context, c api) error {
				out, err := c.CreateAuditCheckpoint(ctx, nil)
				if err != nil {
					return withoutErrorCode(err)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), out.Checkpoint)
				return err
			})
		},
	}
}
