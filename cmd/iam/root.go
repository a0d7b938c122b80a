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
	exitNo  = 1 // the answer is no: a test failed, access is denied, a policy has errors
	exitBad = 2 // there is no answer: flags, files or input are not valid
	// exitUnknown is the status of a question about all requests that could not be decided.
	exitUnknown = 3
)

// status is an error that carries only an exit status. The command has already
// written its messages.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// run runs the program and returns its exit status.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.Execute()
	var s status
	var r *refusal
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &s):
		return int(s)
	case errors.As(err, &r):
		encoded, flagErr := root.PersistentFlags().GetBool(encodedMessageFlag)
		panicOnError(flagErr)
		r.print(errs, encoded)
		return exitNo
	}
	_, _ = fmt.Fprintf(errs, "iam: %v\n", err)
	return exitBad
}

// newRoot returns the command iam with all its subcommands.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "iam",
		Short: "Ask who may do what, and manage an account in a file",
		Long: `iam answers access questions about IAM policies and checks the policies
themselves. This needs no account and no network: a question contains all its
policies.

iam is also an IAM service without a server. One database file, by default
` + defaultStore + `, contains users, groups, roles, policies, passwords, access keys,
sessions and an audit trail. iam offers the operations of the AWS IAM and STS
APIs on it. Anyone who can read and write the file and its key is the account's
local operator and acts as its root user; --credentials acts as another caller.

Exit status: 0 for yes, 1 for no (a test failed, access is denied or unknown, a
policy has errors, the service refused the call), 2 if there is no answer, 3 if
compare, check or minimize could not decide a question. The commands account,
audit, backup and restore exit with 2 after any error.`,
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
	group("questions", "Questions about policies, without an account:", newSimulate(), newTest(), newValidate(),
		newCompare(), newCheck(), newMinimize())
	group("plan", "Questions about a Terraform plan:", newReview())
	group("access", "Questions about all principals of an account:", newWhoCan(), newWhatCan(), newWhatChanged(),
		newEscalations(), newMap())
	group("account", "An account in a file:", newAPI(), newLogin(), newWhoami(), newAudit())
	group("operation", "Operating the account:", newLimits(), newPolicies(), newPasswordPolicy(), newSession(), newKey(),
		newBackup(), newRestore(), newAccount(), newAssertion())
	return root
}

// requireFiles requires at least one argument.
func requireFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("expected at least one FILE (see %s --help)", cmd.CommandPath())
	}
	return nil
}

// enumFlag is the value of a flag that has a fixed set of valid values.
type enumFlag struct {
	value string
	valid []string
}

func (o *enumFlag) String() string { return o.value }
func (o *enumFlag) Type() string   { return "format" }

func (o *enumFlag) Set(s string) error {
	for _, valid := range o.valid {
		if s == valid {
			o.value = s
			return nil
		}
	}
	return fmt.Errorf("must be one of %s", strings.Join(o.valid, ", "))
}

// outputFlag adds -o to a command; the first format is the default.
func outputFlag(cmd *cobra.Command, formats ...string) *enumFlag {
	o := &enumFlag{value: formats[0], valid: formats}
	cmd.Flags().VarP(o, "output", "o", "the output format: "+strings.Join(formats, ", "))
	panicOnError(cmd.RegisterFlagCompletionFunc("output",
		cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)))
	return o
}

// panicOnError panics on an error that only a mistake in this program can cause.
func panicOnError(err error) {
	if err != nil {
		panic(err)
	}
}
