package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newBackup() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the account to a file, while it is in use",
		Long: `Copy the whole account to a new FILE. The copy is consistent even if other processes
change the account meanwhile. It does not contain the master key: store a copy
of the key separately from the backups.`,
		Example: `  iam backup backups/iam-2026-01-31.db`,
		Args:    requireOneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := operatorOnly(cmd); err != nil {
				return err
			}
			return withOperator(cmd, func(ctx context.Context, c api) error {
				if _, err := c.CreateBackup(ctx, &engine.CreateBackupInput{Path: args[0]}); err != nil {
					return withoutErrorCode(err)
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s. It does not contain the master key.\n", printable(args[0]))
				return err
			})
		},
	}
}

// requireOneFile requires exactly one argument.
func requireOneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("expected one FILE (see %s --help)", cmd.CommandPath())
	}
	return nil
}
