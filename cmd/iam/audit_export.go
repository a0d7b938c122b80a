package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newAuditExport() *cobra.Command {
	var flags auditFlags
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the records for another program",
		Long: `Write the records, oldest first. The formats are:

  cloudtrail   one object {"Records": [...]}, as in CloudTrail's log files
  jsonl        one record on each line
  csv          one record in each row, with the columns of the hash chain`,
		Example: `  iam audit export --since 24h -o jsonl >> /var/log/iam.jsonl
  iam audit export -o cloudtrail | gzip > trail.json.gz`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, audit.FormatCloudTrail, audit.FormatJSONLines, audit.FormatCSV)
	flags.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		return withOperator(cmd, func(ctx context.Context, c api) error {
			in, err := flags.input(ctx, c)
			if err != nil {
				return err
			}
			return audit.Export(cmd.OutOrStdout(), output.value, engine.AuditRecords(ctx, c, &in))
		})
	}
	return cmd
}
