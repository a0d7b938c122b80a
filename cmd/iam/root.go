package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit statuses of all commands.
const (
	exitOK  = 0
	exitNo  = 1 // the answer is no: a case failed, access is denied, a policy is wrong
	exitBad = 2 // the question could not be put: bad flags, files or input
)

// status is an error that says only which status to exit with: what there is
// to say has been said.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// run is the program.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.Execute()
	var s status
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &s):
		return int(s)
	}
	_, _ = fmt.Fprintf(errs, "iam: %v\n", err)
	return exitBad
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "iam",
		Short: "Ask who may do what, before anyone does it",
		Long: `iam answers access questions with IAM policies and checks the policies
themselves. It needs no account and no network: a question holds everything
that bears on it.

Exit status: 0 for yes, 1 for no (a case failed, access is denied or cannot be
known, a policy has errors), 2 if the question could not be put.`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("iam {{.Version}}\n")
	root.AddCommand(newTest(), newSimulate(), newValidate())
	return root
}

// someFiles asks for at least one argument.
func someFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("name at least one FILE (see %s --help)", cmd.CommandPath())
	}
	return nil
}

// oneOf is a flag that takes one of a few words.
type oneOf struct {
	value string
	known []string
}

func (o *oneOf) String() string { return o.value }
func (o *oneOf) Type() string   { return "format" }

func (o *oneOf) Set(s string) error {
	for _, k := range o.known {
		if s == k {
			o.value = s
			return nil
		}
	}
	return fmt.Errorf("must be one of %s", strings.Join(o.known, ", "))
}

// outputFlag adds -o to a command; the first format is the default.
func outputFlag(cmd *cobra.Command, formats ...string) *oneOf {
	o := &oneOf{value: formats[0], known: formats}
	cmd.Flags().VarP(o, "output", "o", "how to write the answer: "+strings.Join(formats, ", "))
	must(cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)))
	return o
}

// must is for errors that only a mistake in this program can cause.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
