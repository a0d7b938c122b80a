package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
)

func newCheckIneffective() *cobra.Command {
	var options analysis.Options
	cmd := &cobra.Command{
		Use:   "ineffective --kind KIND --policy FILE",
		Short: "Check that no statement is without effect",
		Long: `Check that no statement is without effect: that the removal of each statement would
change the answer to some request. A statement without effect is redundant, if
other statements cover it, shadowed, if other statements deny everything that it
allows, or never applies.

` + allRequestsHelp + ` The policies act
together, as the policies of one principal do.

Exit status: 0 if each statement has an effect, 1 if one has none, 2 if there is
no answer, 3 if it could not be decided for a statement.

The JSON output is one object:

  result      "pass", "fail" or "unknown"
  message     the answer in one sentence
  statements  the statements without effect: statement, why (never-applies,
              redundant or shadowed), because (the statements that make it so). A
              statement has layer, policy, sid, index, effect, file, line, column
  undecided   the statements that were not decided: reason, statement, file, line,
              column`,
		Example: `  iam check ineffective --kind identity --policy dev.json
  iam check ineffective --kind identity --policy policies/ -o json`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, "text", "json")
	cmd.Flags().SortFlags = false
	kindName := kindFlag(cmd)
	policies := policyFlag(cmd, "policy", "a policy: a `FILE`, or a directory of files")
	stepsFlag(cmd, &options)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		kind, err := parseKind(*kindName)
		if err != nil {
			return err
		}
		in := policyInput{in: cmd.InOrStdin()}
		docs := in.policies(*policies)
		if err := in.report(cmd.ErrOrStderr()); err != nil {
			return err
		}
		found, open, err := analysis.IneffectiveStatements(kind, docs, options)
		if err != nil {
			return in.refuse(cmd.ErrOrStderr(), err)
		}
		return reportEffects(cmd.OutOrStdout(), output.value, found, open)
	}
	return cmd
}

// effects is the answer of iam check ineffective, in the form of the JSON output.
type effects struct {
	Result     string                 `json:"result"`
	Message    string                 `json:"message"`
	Statements []ineffectiveStatement `json:"statements"`
	Undecided  []undecided            `json:"undecided,omitempty"`
}

// ineffectiveStatement is a statement without effect.
type ineffectiveStatement struct {
	Statement statement   `json:"statement"`
	Why       string      `json:"why"`
	Because   []statement `json:"because"`
}

// reportEffects writes the answer and returns its exit status as an error.
func reportEffects(out io.Writer, format string, found []analysis.Ineffective, open []analysis.Open) error {
	answer := effects{Statements: []ineffectiveStatement{}}
	verdict := analysis.Pass
	switch {
	case len(found) > 0:
		verdict = analysis.Fail
		answer.Message = fmt.Sprintf("%s no effect.", hasOf(len(found), "statement"))
	case len(open) > 0:
		verdict = analysis.Unknown
		answer.Message = fmt.Sprintf("It was not decided whether %s an effect.", hasOf(len(open), "statement"))
	default:
		answer.Message = "Each statement has an effect."
	}
	answer.Result = verdict.String()
	for _, f := range found {
		one := ineffectiveStatement{Statement: statementIn(f.Statement), Why: effectName(f.Effect), Because: []statement{}}
		for _, ref := range f.Because {
			one.Because = append(one.Because, statementIn(ref))
		}
		answer.Statements = append(answer.Statements, one)
	}
	for _, o := range open {
		answer.Undecided = append(answer.Undecided, newUndecided(o))
	}
	var err error
	if format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(answer)
	} else {
		w := newWriter(out)
		w.effects(verdict, answer)
		err = w.err
	}
	if err != nil {
		return err
	}
	return verdictStatus(verdict)
}

// hasOf returns a number with its noun and has or have.
func hasOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " has"
	}
	return fmt.Sprintf("%d %ss have", n, noun)
}

// effectName returns the name of an effect in the JSON output.
func effectName(e analysis.Effect) string {
	return map[analysis.Effect]string{
		analysis.NeverApplies: "never-applies", analysis.Redundant: "redundant", analysis.Shadowed: "shadowed",
	}[e]
}

func (w *writer) effects(verdict analysis.Verdict, answer effects) {
	style := map[analysis.Verdict]string{analysis.Pass: green, analysis.Fail: red, analysis.Unknown: yellow}[verdict]
	w.printf("%s\n", w.styled(style, answer.Message))
	for _, one := range answer.Statements {
		w.printf("\n%s\n  %s\n", one.Statement, map[string]string{
			"never-applies": "No request matches the statement.",
			"redundant":     "Other statements with the same effect cover it:",
			"shadowed":      "Other statements deny everything that it allows:",
		}[one.Why])
		for _, s := range one.Because {
			w.printf("    %s\n", s)
		}
	}
	if len(answer.Undecided) > 0 {
		w.printf("\n%s\n", w.styled(bold, "Not decided"))
		for _, u := range answer.Undecided {
			w.printf("  %s\n", u)
		}
	}
}
