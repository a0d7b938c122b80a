package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func newAuditCheckpoint() *cobra.Command {
	return &cobra.Command{
		Use:   "checkpoint",
		Short: "Print a line that later proves how far the trail went",
		Long: `Print a line of text that says how far the trail goes now. Keep it where nobody who can
write to the store can change it: "iam audit verify --checkpoint" then finds
whether anything up to here was cut off or replaced.`,
		Example: `  iam audit checkpoint | ssh backup-host 'cat >> iam-checkpoints'`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := operatorOnly(cmd); err != nil {
				return err
			}
			return withOperator(cmd, func(ctx context.Context, c api) error {
				out, err := c.CreateAuditCheckpoint(ctx, nil)
				if err != nil {
					return localError(err)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), out.Checkpoint)
				return err
			})
		},
	}
}
