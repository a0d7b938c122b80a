package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

func newWhatCan() *cobra.Command {
	var source accountSource
	var all bool
	cmd := &cobra.Command{
		Use:   "what-can PRINCIPAL",
		Short: "List everything that a user or role may do",
		Long: `List the access of a user or role of an account by service, access level and
resource, with the conditions in the words of the policies. PRINCIPAL is the name,
unique id or ARN of a user or role.

The list has the actions that the catalog in this program knows, and those that
the policies name. The resources are those of the account: the policies of a
principal alone give no access to those of other accounts. Policies of resources
are not part of an account, apart from the trust policies of its roles.

The account is the one in --store, or that of --account-file.

Exit status: 0 if the principal may do something, 1 if it may do nothing, 2 if
there is no answer, 3 if some access is unknown.`,
		Example: `  iam what-can alice
  iam what-can arn:aws:iam::123456789012:role/deploy --account-file account.json -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("expected one PRINCIPAL (see iam what-can --help)")
			}
			return nil
		},
	}
	output := outputFlag(cmd, "text", "json")
	source.register(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "name all actions, also if a line has many")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		acc, err := source.read(cmd)
		if err != nil {
			return err
		}
		p, err := identityNamed(acc, args[0])
		if err != nil {
			return err
		}
		var abilities *access.Abilities
		if err := interruptible(cmd, func(ctx context.Context) error {
			found, err := access.WhatCan(ctx, acc, p, catalog.Default())
			abilities = found
			return err
		}); err != nil {
			return err
		}
		if output.value == "json" {
			err = writeJSON(cmd.OutOrStdout(), newAbilitiesAnswer(abilities))
		} else {
			w := newWriter(cmd.OutOrStdout())
			w.abilities(abilities, all)
			err = w.err
		}
		switch {
		case err != nil:
			return err
		case len(abilities.Open) > 0:
			return status(exitUnknown)
		case len(abilities.Grants) == 0:
			return status(exitNo)
		}
		return nil
	}
	return cmd
}

// abilitiesAnswer is the access of a principal in the form of the JSON output.
type abilitiesAnswer struct {
	Principal string        `json:"principal"`
	Grants    []grantAnswer `json:"grants"`
	Unknown   []string      `json:"unknown"`
	Notes     []string      `json:"notes"`
}

type grantAnswer struct {
	Service     string      `json:"service"`
	AccessLevel string      `json:"access_level,omitempty"`
	Actions     []string    `json:"actions"`
	AllActions  bool        `json:"all_actions"`
	Resource    string      `json:"resource"`
	Except      []string    `json:"except,omitempty"`
	Answer      string      `json:"answer"`
	Condition   string      `json:"condition,omitempty"`
	Statements  []statement `json:"statements"`
}

func newAbilitiesAnswer(a *access.Abilities) abilitiesAnswer {
	out := abilitiesAnswer{Principal: a.Principal.String(), Grants: []grantAnswer{}, Unknown: append([]string{},
		a.Open...),
		Notes: append([]string{}, a.Notes...)}
	for _, g := range a.Grants {
		out.Grants = append(out.Grants, grantAnswer{Service: g.Service, AccessLevel: g.Level, Actions: g.Actions,
			AllActions: g.All, Resource: g.Resource, Except: g.Except, Answer: g.Answer.String(), Condition: g.Condition,
			Statements: accountStatements(g.Statements)})
	}
	return out
}

// abilities writes the access of a principal, service by service.
func (w *writer) abilities(a *access.Abilities, all bool) {
	service := ""
	for i := range a.Grants {
		g := &a.Grants[i]
		if g.Service != service {
			service = g.Service
			w.printf("%s\n", w.styled(bold, printable(service)))
		}
		level := g.Level
		if level == "" {
			level = "Actions that the catalog does not have"
		}
		w.printf("  %s: %s\n", level, printable(actionNames(g, all)))
		w.printf("    on %s%s\n", printable(g.Resource), printable(grantLimits(g)))
	}
	for _, reason := range a.Open {
		w.printf("%s: it depends on %s\n", w.styled(yellow, "Unknown"), printable(reason))
	}
	for _, note := range a.Notes {
		w.printf("%s\n", printable(note))
	}
	if len(a.Grants) == 0 && len(a.Open) == 0 {
		w.printf("%s may do nothing.\n", printable(a.Principal.String()))
	}
}

// actionNames returns the actions of a grant without the prefix of the service. It counts them if there are many.
func actionNames(g *access.Grant, all bool) string {
	names := make([]string, len(g.Actions))
	for i, action := range g.Actions {
		_, names[i], _ = strings.Cut(action, ":")
	}
	const most = 6
	switch {
	case all || len(names) <= most && !g.All:
		return strings.Join(names, ", ")
	case g.All && len(names) == 1:
		return names[0] + ", the only action"
	case g.All:
		return fmt.Sprintf("all %d actions", len(names))
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most-1], ", "), len(names)-most+1)
}

// grantLimits returns the condition and the exceptions of a grant as a clause.
func grantLimits(g *access.Grant) string {
	text := ""
	switch {
	case g.Answer == access.Unknown:
		text = ", perhaps"
	case strings.HasPrefix(g.Condition, "unless "):
		text = ", " + g.Condition
	case g.Condition != "":
		text = ", if " + g.Condition
	}
	if len(g.Except) > 0 {
		text += ", except on " + strings.Join(g.Except, " and on ")
	}
	return text
}
