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
	var no *refusal
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &s):
		return int(s)
	case errors.As(err, &no):
		_, _ = fmt.Fprintln(errs, err)
		return exitNo
	}
	_, _ = fmt.Fprintf(errs, "iam: %v\n", err)
	return exitBad
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "iam",
		Short: "Ask who may do what, and keep an account of it in a file",
		Long: `iam answers access questions with IAM policies and checks the policies
themselves. That needs no account and no network: a question holds everything
that bears on it.

It also is an IAM service without a server: users, groups, roles, policies,
passwords, access keys and sessions in one database file, by default
` + defaultStore + `, with the operations of the AWS IAM and STS APIs and an audit
trail. Whoever may read and write the file and its key is the account's local
operator and acts as its root user; --credentials acts as someone else.

Exit status: 0 for yes, 1 for no (a case failed, access is denied or cannot be
known, a policy has errors, the service refused), 2 if the question could not
be put.`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("iam {{.Version}}\n")
	registerStoreFlags(root)
	group := func(id, title string, commands ...*cobra.Command) {
		root.AddGroup(&cobra.Group{ID: id, Title: title})
		for _, cmd := range commands {
			cmd.GroupID = id
			root.AddCommand(cmd)
		}
	}
	group("questions", "Questions about policies, without an account:", newSimulate(), newTest(), newValidate())
	group("account", "An account in a file:", newAPI(), newLogin(), newWhoami(), newAudit())
	group("keeping", "Keeping the account:", newLimits(), newPasswordPolicy(), newSession(), newKey(), newBackup(), newRestore(), newAccount())
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
