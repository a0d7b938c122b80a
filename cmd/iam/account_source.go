package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

// accountSource contains the flags that choose the account of a question.
type accountSource struct{ files []string }

func (s *accountSource) register(cmd *cobra.Command) {
	const name = "account-file"
	cmd.Flags().StringArrayVar(&s.files, name, nil, "the `FILE` of an account, the output of aws iam "+
		"get-account-authorization-details, instead of the account in --store; may be repeated for further pages "+
		"(\"-\" is standard input)")
	panicOnError(cmd.MarkFlagFilename(name, "json"))
}

// readAll returns the account that the flags choose, with all versions of its managed policies.
func (s *accountSource) readAll(cmd *cobra.Command) (*account.Account, error) {
	if len(s.files) > 0 {
		return s.readFiles(cmd)
	}
	if err := operatorOnly(cmd); err != nil {
		return nil, err
	}
	var acc *account.Account
	err := withOperator(cmd, func(ctx context.Context, operator api) error {
		out, err := operator.ExportAccount(ctx, nil)
		if err != nil {
			return withoutErrorCode(err)
		}
		acc, err = account.ReadAuthorizationDetails(out.Text)
		return err
	})
	if err == nil && acc.ID() == "" { // the text of an empty account does not contain its id
		return s.read(cmd)
	}
	return acc, err
}

// read returns the account that the flags choose. An account in a store has the default versions of its managed
// policies only.
func (s *accountSource) read(cmd *cobra.Command) (*account.Account, error) {
	if len(s.files) > 0 {
		return s.readFiles(cmd)
	}
	if err := operatorOnly(cmd); err != nil {
		return nil, err
	}
	var acc *account.Account
	err := withOperator(cmd, func(ctx context.Context, operator api) error {
		out, err := operator.GetAccount(ctx, nil)
		if err != nil {
			return withoutErrorCode(err)
		}
		acc = out.Account
		return nil
	})
	return acc, err
}

// readFiles returns the account in the files, which are pages of one output.
func (s *accountSource) readFiles(cmd *cobra.Command) (*account.Account, error) {
	if cmd.Flag(storeFlag).Changed {
		return nil, fmt.Errorf("--account-file and --%s both name an account; give one of them", storeFlag)
	}
	return readAccountFiles(cmd, s.files)
}

// readAccountFiles returns the account in files, which are pages of one output.
func readAccountFiles(cmd *cobra.Command, files []string) (*account.Account, error) {
	var pages bytes.Buffer
	for _, file := range files {
		text, err := readFile(cmd.InOrStdin(), file, maxAccountSize-pages.Len())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", displayName(file), err)
		}
		pages.Write(text)
		pages.WriteByte('\n')
	}
	acc, err := account.ReadAuthorizationDetails(pages.Bytes())
	name := displayName(files[0])
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case acc.ID() == "":
		return nil, fmt.Errorf("%s: the account has no users, groups, roles or policies", name)
	}
	return acc, nil
}

// errInterrupted reports that the user interrupted a command.
var errInterrupted = errors.New("interrupted; there is no answer")

// interruptible calls a function with a context that an interrupt cancels.
func interruptible(cmd *cobra.Command, call func(ctx context.Context) error) error {
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt)
	defer stop()
	err := call(ctx)
	if errors.Is(err, context.Canceled) {
		return errInterrupted
	}
	return err
}

// progress returns a function that shows on a terminal how much of the work is done, and one that removes the text.
// Elsewhere both do nothing.
func progress(cmd *cobra.Command, what string) (show func(done, total int), end func()) {
	out := cmd.ErrOrStderr()
	if !isTerminal(out) || os.Getenv("TERM") == "dumb" {
		return nil, func() {}
	}
	last := -1
	show = func(done, total int) {
		if percent := done * 100 / total; percent != last {
			last = percent
			_, _ = fmt.Fprintf(out, "\r%s: %d %%", what, percent)
		}
	}
	return show, func() { _, _ = fmt.Fprint(out, "\r\x1b[K") }
}

// accountStatement returns a statement of a policy of an account.
func accountStatement(ref authz.StatementRef) statement {
	return statement{
		Layer:  authz.LayerDecision{Layer: ref.Layer, Level: ref.Level}.Name(),
		Policy: ref.Policy, Sid: ref.Sid, Index: ref.Index, Effect: string(ref.Effect),
		place: placeAt("", ref.Pos),
	}
}

func accountStatements(refs []authz.StatementRef) []statement {
	out := make([]statement, len(refs))
	for i, ref := range refs {
		out[i] = accountStatement(ref)
	}
	return out
}

// contextValues returns context keys in the form of the context of a question.
func contextValues(keys []authz.ContextKey) map[string]any {
	out := map[string]any{}
	for _, k := range keys {
		if k.Multivalued {
			out[k.Name] = k.Values
		} else {
			out[k.Name] = k.Values[0]
		}
	}
	return out
}
