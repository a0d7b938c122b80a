package main

import "github.com/spf13/cobra"

func newCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check what policies grant, for all requests at once",
		Long: `Check what policies grant. Each check answers a question about all requests, and
proves its answer: a check that fails shows a request.

Exit status: 0 if the check passes, 1 if it fails, 2 if there is no answer, 3 if
the question could not be decided.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCheckNotGranted(), newCheckPublic(), newCheckIneffective())
	return cmd
}
