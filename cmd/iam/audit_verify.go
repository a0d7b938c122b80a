package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
)

func newAuditVerify() *cobra.Command {
	var checkpoint string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that the audit trail is unchanged, and that the account is as it says",
		Long: `Check that every record of the audit trail is unchanged and in its place, and that
no record between two others is missing. Only a checkpoint that is stored elsewhere
proves that no records were removed at the end.

The record of each change contains digests of the changed objects. The command
compares users, groups, roles, policies, attachments, memberships, credentials and
settings with their last records. It names each object that was changed, added or
deleted outside the engine, for example with SQL. It also checks the database.

An account that an earlier version wrote is covered from the first command that can
write to the file. Changes outside the engine before that cannot be detected.

Exit status: 0 if nothing is wrong, 1 if something is, 2 if the file could not be
read.`,
		Example: `  iam audit verify
  iam audit verify --checkpoint @/mnt/elsewhere/checkpoint`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&checkpoint, "checkpoint", "", "the output of iam audit checkpoint, as `TEXT` or @FILE")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		var in engine.VerifyAuditTrailInput
		if checkpoint != "" {
			parsed, err := readCheckpoint(cmd, checkpoint)
			if err != nil {
				return fmt.Errorf("--checkpoint: %w", err)
			}
			in.Checkpoint = parsed.String()
		}
		return withOperator(cmd, func(ctx context.Context, c api) error {
			out, err := c.VerifyAuditTrail(ctx, &in)
			if err != nil {
				return withoutErrorCode(err)
			}
			report := out.Report
			w := newWriter(cmd.OutOrStdout())
			w.report(report)
			if w.err == nil && !report.OK() {
				return status(exitNo)
			}
			return w.err
		})
	}
	return cmd
}

// readCheckpoint parses a checkpoint, or reads it from the file of @FILE.
func readCheckpoint(cmd *cobra.Command, text string) (audit.Checkpoint, error) {
	if file, ok := strings.CutPrefix(text, "@"); ok {
		const maxCheckpointSize = 4 << 10
		read, err := readFile(cmd.InOrStdin(), file, maxCheckpointSize)
		if err != nil {
			return audit.Checkpoint{}, fmt.Errorf("%s: %w", displayName(file), err)
		}
		text = string(read)
	}
	return audit.ParseCheckpoint(text)
}

// report writes the report of a verification.
func (w *writer) report(r audit.Report) {
	for _, p := range r.Problems {
		w.printf("%s\n", printable(p.String()))
	}
	if r.Total > len(r.Problems) {
		w.printf("and %d more\n", r.Total-len(r.Problems))
	}
	verdict, style := "nothing wrong", green
	if !r.OK() {
		verdict, style = countOf(r.Total, "problem"), red
	}
	w.printf("%s verified: %s\n%s\n%s\n", countOf(int(r.Records), "record"), w.styled(style, verdict),
		printable(r.Account), printable(r.Tail))
}
