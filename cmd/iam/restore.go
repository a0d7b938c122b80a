package main

import (
	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newRestore() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Make the store from a backup, after checking it",
		Long: `Make the store that --store names from a backup. Nothing is overwritten: there must be
no store there yet. The backup is checked first: that the database is whole,
that the key at hand (beside the new store, or in $` + masterKeyVariable + `) opens its
secrets, and that its audit trail is what was written.`,
		Example: `  iam restore backups/iam-2026-01-31.db --store restored/iam.db`,
		Args:    oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := operatorOnly(cmd); err != nil {
				return err
			}
			report, err := engine.Restore(cmd.Context(), args[0], storeOptions(cmd))
			if err != nil {
				return err
			}
			w := newWriter(cmd.OutOrStdout())
			w.report(report)
			w.printf("%s is the account as it was when the backup was made.\n", plain(storePath(cmd)))
			return w.err
		},
	}
}
