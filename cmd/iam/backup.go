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
		Short: "Write a copy of the account as of one moment, while it is used",
		Long: `Write a copy of the whole store as of one moment to a new FILE, also while other
processes work on it. The master key is not in it: keep a copy of the key, and
elsewhere than the backups.`,
		Example: `  iam backup backups/iam-2026-01-31.db`,
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := operatorOnly(cmd); err != nil {
				return err
			}
			return withOperator(cmd, func(ctx context.Context, c api) error {
				if _, err := c.CreateBackup(ctx, &engine.CreateBackupInput{Path: args[0]}); err != nil {
					return localError(err)
				}
				_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s has the account as it is now. The master key is not in it.\n", plain(args[0]))
				return err
			})
		},
	}
}

// oneFile asks for exactly one argument.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name one FILE (see %s --help)", cmd.CommandPath())
	}
	return nil
}
