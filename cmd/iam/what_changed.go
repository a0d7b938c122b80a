package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

func newWhatChanged() *cobra.Command {
	var source accountSource
	cmd := &cobra.Command{
		Use:   "what-changed BEFORE…",
		Short: "List who gained and who lost access since an earlier state of an account",
		Long: `Compare the access of each user and role in an account with that in an earlier
state of it, or in another account file. BEFORE is the file of an account: the
output of iam account export, or of aws iam get-account-authorization-details,
in one file or several pages.

The differences of a principal cover all access that it gained or lost, in classes
of a service and an access level. Each has a request as an example, with the
condition of the statements that allow it.

The account after the change is the one in --store, or that of --account-file.

Exit status: 0 if nobody gained access, 1 if somebody did, 2 if there is no
answer, 3 if nobody did for certain and some answers are unknown.`,
		Example: `  iam account export > before.json
  iam what-changed before.json
  iam what-changed monday.json --account-file friday.json -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("expected the file BEFORE the change (see iam what-changed --help)")
			}
			return nil
		},
	}
	output := outputFlag(cmd, "text", "json")
	source.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		before, err := readAccountFiles(cmd, args)
		if err != nil {
			return err
		}
		after, err := source.read(cmd)
		if err != nil {
			return err
		}
		if before.ID() != after.ID() {
			return fmt.Errorf("%s is the account %s, and the account after the change is %s; compare two states of one account",
				displayName(args[0]), before.ID(), after.ID())
		}
		changes, err := whatChanged(cmd, before, after)
		if err != nil {
			return err
		}
		if output.value == "json" {
			err = writeJSON(cmd.OutOrStdout(), newChangeAnswers(changes))
		} else {
			w := newWriter(cmd.OutOrStdout())
			w.changes(changes)
			err = w.err
		}
		if err != nil {
			return err
		}
		return changesStatus(changes)
	}
	return cmd
}

// whatChanged compares two accounts until it is interrupted.
func whatChanged(cmd *cobra.Command, before, after *account.Account) (changes []access.Change, err error) {
	err = interruptible(cmd, func(ctx context.Context) error {
		changes, err = access.WhatChanged(ctx, before, after, catalog.Default())
		return err
	})
	return changes, err
}

// changesStatus returns the exit status of a comparison.
func changesStatus(changes []access.Change) error {
	unknown := false
	for _, c := range changes {
		if len(c.Gained) > 0 {
			return status(exitNo)
		}
		unknown = unknown || len(c.Open) > 0
	}
	if unknown {
		return status(exitUnknown)
	}
	return nil
}

// changeAnswer is what changed about one principal, in the form of the JSON output.
type changeAnswer struct {
	Principal string             `json:"principal"`
	Added     bool               `json:"added,omitempty"`
	Removed   bool               `json:"removed,omitempty"`
	Gained    []differenceAnswer `json:"gained"`
	Lost      []differenceAnswer `json:"lost"`
	Unknown   []string           `json:"unknown,omitempty"`
}

type differenceAnswer struct {
	Service     string         `json:"service"`
	AccessLevel string         `json:"access_level,omitempty"`
	Action      string         `json:"action"`
	Resource    string         `json:"resource"`
	Context     map[string]any `json:"context"`
	Condition   string         `json:"condition,omitempty"`
	Statements  []statement    `json:"statements"`
}

func newChangeAnswers(changes []access.Change) []changeAnswer {
	differences := func(list []access.Difference) []differenceAnswer {
		out := make([]differenceAnswer, len(list))
		for i, d := range list {
			out[i] = differenceAnswer{Service: d.Service, AccessLevel: d.Level, Action: d.Request.Action.String(),
				Resource: d.Request.Resource, Context: contextValues(d.Keys), Condition: d.Condition,
				Statements: accountStatements(d.Statements)}
		}
		return out
	}
	out := make([]changeAnswer, len(changes))
	for i, c := range changes {
		out[i] = changeAnswer{Principal: c.Principal.String(), Added: c.Added, Removed: c.Removed,
			Gained: differences(c.Gained), Lost: differences(c.Lost), Unknown: c.Open}
	}
	return out
}

func (w *writer) changes(changes []access.Change) {
	gaining, losing, unknown := 0, 0, 0
	for _, c := range changes {
		name := printable(c.Principal.String())
		switch {
		case c.Added:
			name += " (new)"
		case c.Removed:
			name += " (removed)"
		}
		w.printf("%s\n", w.styled(bold, name))
		for _, d := range c.Gained {
			w.difference(w.styled(red, "gains"), d)
		}
		for _, d := range c.Lost {
			w.difference("loses", d)
		}
		for _, reason := range c.Open {
			w.printf("  %s: %s\n", w.styled(yellow, "unknown"), printable(reason))
		}
		gaining, losing = gaining+min(1, len(c.Gained)), losing+min(1, len(c.Lost))
		unknown += min(1, len(c.Open))
	}
	w.printf("%s access, %s; %d unknown.\n", counted(gaining, "principal gains", "principals gain"),
		counted(losing, "loses", "lose"), unknown)
}

// counted returns a number with the word for one or for several.
func counted(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

func (w *writer) difference(verb string, d access.Difference) {
	what := d.Service
	if d.Service == "*" {
		what = "every service"
	}
	if d.Level != "" {
		what += ", " + d.Level
	}
	w.printf("  %s %s: for example %s on %s\n", verb, what, d.Request.Action, printable(d.Request.Resource))
	if len(d.Keys) > 0 {
		var keys []string
		for _, k := range d.Keys {
			keys = append(keys, k.String())
		}
		w.printf("    with %s\n", printable(strings.Join(keys, ", ")))
	}
	if d.Condition != "" {
		w.printf("    if %s\n", printable(d.Condition))
	}
	for _, ref := range d.Statements {
		w.printf("    %s\n", printable(ref.String()))
	}
}
