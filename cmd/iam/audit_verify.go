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
	var given string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that the trail is what was written",
		Long: `Check every record of the trail: that it is what was written, in its place, and that
none is missing. That the end was not cut off, only a checkpoint proves that
was made before and kept elsewhere.

Exit status: 0 if nothing is wrong, 1 if something is, 2 if the trail could not be
read.`,
		Example: `  iam audit verify
  iam audit verify --checkpoint @/mnt/elsewhere/checkpoint`,
		Args: cobra.NoArgs,
	}
	cmd.Flags().StringVar(&given, "checkpoint", "", "what iam audit checkpoint printed, as `TEXT` or @FILE")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := operatorOnly(cmd); err != nil {
			return err
		}
		var in engine.VerifyAuditTrailInput
		if given != "" {
			parsed, err := readCheckpoint(cmd, given)
			if err != nil {
				return fmt.Errorf("--checkpoint: %w", err)
			}
			in.Checkpoint = parsed.String()
		}
		return withOperator(cmd, func(ctx context.Context, c api) error {
			out, err := c.VerifyAuditTrail(ctx, &in)
			if err != nil {
				return localError(err)
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

func readCheckpoint(cmd *cobra.Command, text string) (audit.Checkpoint, error) {
	if file, ok := strings.CutPrefix(text, "@"); ok {
		const mostCheckpoint = 4 << 10
		read, err := readFile(cmd.InOrStdin(), file, mostCheckpoint)
		if err != nil {
			return audit.Checkpoint{}, fmt.Errorf("%s: %w", shownName(file), err)
		}
		text = string(read)
	}
	return audit.ParseCheckpoint(text)
}

// report writes what a verification found.
func (w *writer) report(r audit.Report) {
	for _, p := range r.Problems {
		w.printf("%s\n", plain(p.String()))
	}
	if r.Total > len(r.Problems) {
		w.printf("and %d more\n", r.Total-len(r.Problems))
	}
	verdict, style := "nothing wrong", green
	if !r.OK() {
		verdict, style = countOf(r.Total, "problem"), red
	}
	w.printf("%s verified: %s\n%s\n", countOf(int(r.Records), "record"), w.styled(style, verdict), plain(r.Tail))
}
