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
	var input, accountID string
	cmd := &cobra.Command{
		Use:   "api OPERATION [KEY=VALUE...]",
		Short: "Call an operation of the AWS IAM and STS APIs",
		Long: `Call an operation of the AWS IAM or STS API on the account in the file. "iam api"
alone lists the operations; "iam api OPERATION --help" describes one.

Parameters are KEY=VALUE, by the names of the API:

  UserName=alice              a text, a number, true or false, a time (ISO 8601)
  PolicyDocument=@role.json   what a file says; also file://role.json
  Password=@-                 what standard input says: a secret belongs neither in
                              the list of processes nor in the shell's history
  Description=@@home          a text that begins with @
  Tags='[{"Key":"a","Value":"b"}]'
  Tags.1.Key=a Tags.1.Value=b
  Tags=Key=a,Value=b          lists and structures, as JSON, element by element or
                              in the aws command line's short form
  ActionNames=s3:GetObject ActionNames=s3:PutObject
                              a list of several texts

or --input FILE, with the JSON of aws iam ... --cli-input-json.

Lists come whole, however many pages they have, unless Marker or MaxItems is
given. Policy documents are printed as the JSON that they are.

The first Create operation makes the account, in the file that --store names. Of
others, and of what only reads, there is nothing to do without one.

Exit status: 0 if it was done, 1 if the service refused, 2 if it could not be
asked.`,
		Example: `  iam api CreateUser UserName=alice Tags=Key=team,Value=payments
  iam api PutUserPolicy UserName=alice PolicyName=read PolicyDocument=@read.json
  iam api ListUsers -o table
  iam login alice | iam api ChangePassword --credentials - --input passwords.json`,
		ValidArgsFunction: completeAPI,
	}
	output := outputFlag(cmd, "json", "table")
	cmd.Flags().StringVar(&input, "input", "", "take the parameters from a `FILE` of JSON (\"-\" is standard input)")
	cmd.Flags().StringVar(&accountID, "account", "", "the `ID` of the account, where the operation makes it; "+engine.DefaultAccountID+" if not given")
	must(cmd.MarkFlagFilename("input", "json"))
	must(cmd.RegisterFlagCompletionFunc("account", cobra.NoFileCompletions))

	general := cmd.HelpFunc()
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		if given := cmd.Flags().Args(); len(given) > 0 {
			if op, err := findOperation(given[0]); err == nil {
				describeOperation(newWriter(cmd.OutOrStdout()), op.Model())
				return
			}
		}
		general(cmd, args)
		listOperations(newWriter(cmd.OutOrStdout()))
	})
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			w := newWriter(cmd.OutOrStdout())
			listOperations(w)
			w.printf("\niam api OPERATION --help describes one.\n")
			return w.err
		}
		op, err := findOperation(args[0])
		if err != nil {
			return err
		}
		if cmd.Flag(credentialsFlag).Value.String() == stdin && (input == stdin || slices.ContainsFunc(args[1:], readsStdin)) {
			return fmt.Errorf("%s: --%s and the parameters cannot both be read from standard input", args[0], credentialsFlag)
		}
		in := op.NewInput()
		if err := readInput(cmd.InOrStdin(), op.Model(), in, input, args[1:]); err != nil {
			return fmt.Errorf("%s: %w (see iam api %s --help)", args[0], err, args[0])
		}
		options := storeOptions(cmd)
		options.AccountID = accountID
		if makesAccount(cmd, op) && missing(options.Path) {
			// Mistakes are told before there is a file.
			if err := model.Validate(op.Model(), in); err != nil {
				return refused(op.Model().Name, err)
			}
			options.Existing = false
		}
		return withOptions(cmd, options, func(ctx context.Context, e openAccount) error {
			caller, err := callerOf(ctx, cmd, e, op.Model().Name)
			if err != nil {
				return err
			}
			out, err := callAllPages(ctx, e.As(caller), op, in)
			if err != nil {
				return refused(op.Model().Name, err)
			}
			return writeOutput(cmd.OutOrStdout(), output.value, out)
		})
	}
	return cmd
}

func readsStdin(arg string) bool {
	_, value, _ := strings.Cut(arg, "=")
	return value == "@"+stdin || value == reference+stdin
}

// makesAccount reports whether an operation makes the account where there is none. Others have nothing to do in a new
// one, and who has credentials has an account.
func makesAccount(cmd *cobra.Command, op engine.Operation) bool {
	name := op.Model().Name
	return op.Writes() && !cmd.Flag(credentialsFlag).Changed &&
		(strings.HasPrefix(name, "Create") || name == "UpdateAccountPasswordPolicy")
}

func missing(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist)
}

// apiOperations lists the operations of AWS's APIs. Other commands offer those that AWS does not have.
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

// findOperation finds an operation of the engine, or says which may have been meant.
func findOperation(name string) (engine.Operation, error) {
	if op, ok := lookupAPI(name); ok {
		return op, nil
	}
	if known, ok := model.Lookup(name); ok {
		return nil, fmt.Errorf("%s is an operation of AWS's %s API that is not offered here; iam api lists those that are", name, strings.ToUpper(known.Service))
	}
	var names []string
	for op := range apiOperations() {
		names = append(names, op.Model().Name)
	}
	// create-user is how the aws command line writes it.
	meant := policy.Meant(strings.ReplaceAll(name, "-", ""), names...)
	if meant == "" {
		var like []string
		for _, known := range names {
			if strings.Contains(strings.ToLower(known), strings.ToLower(name)) {
				like = append(like, known)
			}
		}
		if len(like) > 0 && len(like) <= 12 {
			meant = "; there are " + strings.Join(like, ", ")
		}
	}
	return nil, fmt.Errorf("there is no operation %q%s (iam api lists them)", plain(name), meant)
}

// readInput reads the parameters, from the one place or the other.
func readInput(stdin io.Reader, op *model.Operation, in any, file string, args []string) error {
	if file != "" {
		if len(args) > 0 {
			return errors.New("--input and KEY=VALUE exclude each other")
		}
		text, err := readFile(stdin, file, maxArgument)
		if err != nil {
			return fmt.Errorf("--input: %s: %w", shownName(file), err)
		}
		node, err := policy.ParseJSON(text)
		if err != nil {
			return fmt.Errorf("--input: %s: %w", shownName(file), jsonProblem(err))
		}
		return shapes.Decode(op, in, node)
	}
	if len(args) == 0 {
		return nil
	}
	given, err := readArguments(stdin, args)
	if err != nil {
		return err
	}
	node, err := given.node(op.Input)
	if err != nil {
		return err
	}
	return shapes.Decode(op, in, node)
}

// writeOutput writes an answer; nothing where there is none.
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

// completeAPI completes operations, and then their parameters.
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
			for _, value := range valuesOf(m.Shape) {
				out = append(out, name+"="+value)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
	for _, m := range op.Model().Input.Members {
		given := slices.ContainsFunc(args[1:], func(arg string) bool { return strings.HasPrefix(arg, m.Wire+"=") })
		if !given {
			out = append(out, m.Wire+"=\t"+m.Doc)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// valuesOf are the values that a parameter may have, where they are few.
func valuesOf(shape *model.Shape) []string {
	if shape.Type == model.Boolean {
		return []string{"true", "false"}
	}
	return shape.Enum
}
