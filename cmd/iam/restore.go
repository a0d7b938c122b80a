package main

import (
	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newRestore() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Check a backup and create the account from it",
		Long: `Create the account file that --store names from a backup. The file must not exist yet.
The command first checks that the backup's database is intact, that the master
key (beside the new file, or in $` + masterKeyVariable + `) decrypts its secrets, and
that its audit trail is unchanged and describes the account.`,
		Example: `  iam restore backups/iam-2026-01-31.db --store restored/iam.db`,
		Args:    requireOneFile,
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
			w.printf("Restored the account to %s.\n", printable(storePath(cmd)))
			return w.err
		},
	}
}
