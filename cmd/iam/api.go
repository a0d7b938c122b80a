package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/shapes"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func newAPI() *cobra.Command {
	var input, accountID, reason string
	var overridden []string
	cmd := &cobra.Command{
		Use:   "api OPERATION [KEY=VALUE...]",
		Short: "Call an operation of the AWS IAM and STS APIs",
		Long: `Call an operation of the AWS IAM or STS API on the account in the file. "iam api"
alone lists the operations; "iam api OPERATION --help" describes one.

Parameters are KEY=VALUE, with the names of the API:

  UserName=alice              a text, a number, true or false, a time (ISO 8601)
  PolicyDocument=@role.json   the contents of a file; also file://role.json
  Password=@-                 standard input, for secrets: an argument would be
                              visible in the list of processes and the shell's
                              history
  Description=@@home          a text that begins with @
  Tags='[{"Key":"a","Value":"b"}]'
  Tags.1.Key=a Tags.1.Value=b
  Tags=Key=a,Value=b          lists and structures: as JSON, element by element, or
                              in the short form of the AWS CLI
  ActionNames=s3:GetObject ActionNames=s3:PutObject
                              a list of several texts

or --input FILE, with the JSON of aws iam ... --cli-input-json.

iam prints the whole list unless you set Marker or MaxItems. It prints policy
documents as JSON.

The local operator's first Create operation creates the account in the file that
--store names, and so does UpdateAccountPasswordPolicy. Other operations need an
existing account.

--override-assertion makes a change that the named access assertion forbids, for
emergencies. Only the local operator may use it. The audit trail records the name
and the reason.

AccessDenied names the kind of policy that denies. Callers who may call
DecodeAuthorizationMessage also see the statements, or which statement came
nearest. --encoded-message prints the encoded message for such a caller instead.

Exit status: 0 if the operation succeeded, 1 if the service refused it, 2 if iam
could not call it.`,
		Example: `  iam api CreateUser UserName=alice Tags=Key=team,Value=payments
  iam api PutUserPolicy UserName=alice PolicyName=read PolicyDocument=@read.json
  iam api ListUsers -o table
  iam login alice | iam api ChangePassword --credentials - --input passwords.json`,
		ValidArgsFunction: completeAPI,
	}
	output := outputFlag(cmd, "json", "table")
	cmd.Flags().StringVar(&input, "input", "", "read the parameters from a `FILE` of JSON (\"-\" is standard input)")
	cmd.Flags().StringVar(&accountID, "account", "", "the `ID` of a new account; "+engine.DefaultAccountID+" if not given")
	cmd.Flags().StringArrayVar(&overridden, "override-assertion", nil,
		"make the change even if it violates the access assertion with this `NAME`; can be repeated")
	cmd.Flags().StringVar(&reason, "reason", "", "the `REASON` of --override-assertion, for the audit trail")
	cmd.MarkFlagsRequiredTogether("override-assertion", "reason")
	panicOnError(cmd.RegisterFlagCompletionFunc("override-assertion", cobra.NoFileCompletions))
	panicOnError(cmd.RegisterFlagCompletionFunc("reason", cobra.NoFileCompletions))
	panicOnError(cmd.MarkFlagFilename("input", "json"))
	panicOnError(cmd.RegisterFlagCompletionFunc("account", cobra.NoFileCompletions))

	defaultHelp := cmd.HelpFunc()
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if operands := cmd.Flags().Args(); len(operands) > 0 {
			if op, err := findOperation(operands[0]); err == nil {
				describeOperation(newWriter(cmd.OutOrStdout()), op.Model())
				return
			}
		}
		defaultHelp(cmd, args)
		listOperations(newWriter(cmd.OutOrStdout()))
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			w := newWriter(cmd.OutOrStdout())
			listOperations(w)
			w.printf("\niam api OPERATION --help describes an operation.\n")
			return w.err
		}
		op, err := findOperation(args[0])
		if err != nil {
			return err
		}
		if cmd.Flag(credentialsFlag).Value.String() == stdin &&
			(input == stdin || slices.ContainsFunc(args[1:], readsStandardInput)) {
			return fmt.Errorf("%s: --%s and the parameters cannot both be read from standard input", args[0], credentialsFlag)
		}
		in := op.NewInput()
		if err := readInput(cmd.InOrStdin(), op.Model(), in, input, args[1:]); err != nil {
			return fmt.Errorf("%s: %w (see iam api %s --help)", args[0], err, args[0])
		}
		options := storeOptions(cmd)
		options.AccountID = accountID
		if createsAccount(cmd, op) && isMissing(options.Path) {
			// Validate before creating the file.
			if err := model.Validate(op.Model(), in); err != nil {
				return asRefusal(op.Model().Name, err)
			}
			options.Existing = false
		}
		return withOptions(cmd, options, func(ctx context.Context, e openAccount) error {
			caller, err := callerOf(ctx, cmd, e, op.Model().Name)
			if err != nil {
				return err
			}
			if len(overridden) > 0 {
				if caller, err = caller.OverridingAssertions(reason, overridden...); err != nil {
					return fmt.Errorf("--override-assertion: %w", err)
				}
			}
			out, err := callAllPages(ctx, e.As(caller), op, in)
			if err != nil {
				return asRefusal(op.Model().Name, err)
			}
			return writeOutput(cmd.OutOrStdout(), output.value, out)
		})
	}
	return cmd
}

// readsStandardInput reports whether the value of a KEY=VALUE argument is standard input.
func readsStandardInput(arg string) bool {
	_, value, _ := strings.Cut(arg, "=")
	return value == "@"+stdin || value == filePrefix+stdin
}

// createsAccount reports whether an operation creates the account if there is none. Other operations need existing
// objects, and credentials belong to an existing account.
func createsAccount(cmd *cobra.Command, op engine.Operation) bool {
	name := op.Model().Name
	return op.Writes() && !cmd.Flag(credentialsFlag).Changed &&
		(strings.HasPrefix(name, "Create") || name == "UpdateAccountPasswordPolicy")
}

// isMissing reports whether nothing exists at a path.
func isMissing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist)
}

// apiOperations iterates over the operations of AWS's APIs. Other commands offer the operations that AWS lacks.
func apiOperations() iter.Seq[engine.Operation] {
	return func(yield func(engine.Operation) bool) {
		for op := range engine.Operations() {
			if op.Model().Service != engine.ExtensionService && !yield(op) {
				return
			}
		}
	}
}

// lookupAPI finds an operation of AWS's APIs by its name.
func lookupAPI(name string) (engine.Operation, bool) {
	op, ok := engine.Lookup(name)
	if !ok || op.Model().Service == engine.ExtensionService {
		return nil, false
	}
	return op, true
}

// findOperation returns an operation of the engine. Its error suggests similar names.
func findOperation(name string) (engine.Operation, error) {
	if op, ok := lookupAPI(name); ok {
		return op, nil
	}
	if known, ok := model.Lookup(name); ok {
		return nil,
			fmt.Errorf("%s is an operation of AWS's %s API that iam does not offer; iam api lists the operations", name,
				strings.ToUpper(known.Service))
	}
	var names []string
	for op := range apiOperations() {
		names = append(names, op.Model().Name)
	}
	// The AWS CLI writes create-user for CreateUser.
	suggestion := policy.DidYouMean(strings.ReplaceAll(name, "-", ""), names...)
	if suggestion == "" {
		var similar []string
		for _, candidate := range names {
			if strings.Contains(strings.ToLower(candidate), strings.ToLower(name)) {
				similar = append(similar, candidate)
			}
		}
		if len(similar) > 0 && len(similar) <= 12 {
			suggestion = "; similar names are " + strings.Join(similar, ", ")
		}
	}
	return nil, fmt.Errorf("unknown operation %q%s (iam api lists the operations)", printable(name), suggestion)
}

// readInput reads the parameters from the file of --input or from the arguments.
func readInput(stdin io.Reader, op *model.Operation, in any, file string, args []string) error {
	if file != "" {
		if len(args) > 0 {
			return errors.New("--input cannot be used with KEY=VALUE")
		}
		text, err := readFile(stdin, file, maxArgument)
		if err != nil {
			return fmt.Errorf("--input: %s: %w", displayName(file), err)
		}
		node, err := policy.ParseJSON(text)
		if err != nil {
			return fmt.Errorf("--input: %s: %w", displayName(file), jsonProblem(err))
		}
		return shapes.Decode(op, in, node)
	}
	if len(args) == 0 {
		return nil
	}
	arguments, err := readArguments(stdin, args)
	if err != nil {
		return err
	}
	node, err := arguments.node(op.Input)
	if err != nil {
		return err
	}
	return shapes.Decode(op, in, node)
}

// writeOutput writes an answer. It writes nothing for an empty answer.
func writeOutput(out io.Writer, format string, answer shapes.Object) error {
	if len(answer) == 0 {
		return nil
	}
	if format == "table" {
		w := newWriter(out)
		w.table(answer)
		return w.err
	}
	return writeJSON(out, answer)
}

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	return encoder.Encode(value)
}

// completeAPI completes the names of operations and parameters.
func completeAPI(_ *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	var out []string
	if len(args) == 0 {
		for op := range apiOperations() {
			out = append(out, op.Model().Name+"\t"+op.Model().Doc)
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
	op, ok := lookupAPI(args[0])
	if !ok {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if name, _, ok := strings.Cut(toComplete, "="); ok {
		if m := shapes.MemberOf(op.Model().Input, name); m != nil {
			for _, value := range validValues(m.Shape) {
				out = append(out, name+"="+value)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
	for _, m := range op.Model().Input.Members {
		isSet := slices.ContainsFunc(args[1:], func(arg string) bool { return strings.HasPrefix(arg, m.Wire+"=") })
		if !isSet {
			out = append(out, m.Wire+"=\t"+m.Doc)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// validValues returns the valid values of a boolean or enumerated parameter, for completion.
func validValues(shape *model.Shape) []string {
	if shape.Type == model.Boolean {
		return []string{"true", "false"}
	}
	return shape.Enum
}
