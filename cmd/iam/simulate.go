package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation/casefile"
)

func newSimulate() *cobra.Command {
	var f questionFlags
	cmd := &cobra.Command{
		Use:   "simulate [FILE]",
		Short: "Answer one access question, with every reason",
		Long: `Answer one access question: do the policies allow an action on a resource? The
answer has the decision of each layer and the statements that decide. If nothing
allows the request, the answer has the statement that came nearest, and the
reasons why that statement does not match.

Ask with flags, or with a FILE that contains one question in the form of iam test
("-" is standard input).

Policies are JSON files. --identity, --group and --session may be repeated. Each
--scp or --rcp adds one level, from the organization's root to the account:
--scp full.json,deny.json is one level with two policies. Every level must allow
the request. --unknown-resource-policy says that the resource has a policy that
you do not know; the answer is Unknown where that policy decides.

--context key=value sets a context key. A key that is given several times is
multivalued; --context 'key[]=value' sets a multivalued key with one value.
--unknown-context says that the request has the key, with an unknown value. The
keys that follow from --principal, such as aws:PrincipalArn, are set already.

--principal may name a user or role of an account (--store): by its name or
unique id or, if the flag --store is given, also by its ARN. Its policies, the policies of its
groups and its boundary then come from the account, and so do context keys such
as its tags. If the action is to assume a role of the account, its trust policy
applies. Flags may add the policies of other layers, such as the resource's.

Exit status: 0 if the request is allowed, 1 if it is denied or the answer is
unknown, 2 if there is no answer.`,
		Example: `  iam simulate --identity dev.json --action s3:GetObject --resource arn:aws:s3:::reports/1.csv
  iam simulate --identity dev.json --boundary limits.json --action iam:CreateUser \
    --principal arn:aws:iam::123456789012:user/ana --context aws:MultiFactorAuthPresent=true
  iam simulate --resource-policy trust.json --action sts:AssumeRole \
    --principal ec2.amazonaws.com --resource arn:aws:iam::123456789012:role/app
  iam simulate --principal alice --action s3:GetObject --resource arn:aws:s3:::reports/1.csv
  iam simulate -o json question.yaml`,
		Args: cobra.MaximumNArgs(1),
	}
	output := outputFlag(cmd, "text", "json")
	f.register(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var file string
		var c *simulation.Case
		var invalid []problem
		var acc *account.Account
		switch {
		case len(args) == 0 && cmd.Flags().NFlag() == 0:
			return errors.New("the question is missing: give flags or a FILE (see iam simulate --help)")
		case len(args) == 0 && f.usesAccount(cmd):
			var err error
			if c, invalid, acc, err = f.accountQuestion(cmd); err != nil {
				return err
			}
		case len(args) == 0:
			c, invalid = f.question()
		default:
			if name := usedQuestionFlag(cmd); name != "" {
				return fmt.Errorf("--%s cannot be used with a FILE; put the value in the FILE", name)
			}
			file = displayName(args[0])
			c, invalid = questionIn(cmd.InOrStdin(), args[0])
		}
		for _, p := range invalid {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), printable(p.String()))
		}
		if len(invalid) > 0 {
			return status(exitBad)
		}
		d := c.Explain()
		if acc != nil {
			noteGroups(acc, c.Request.Principal, d)
		}
		if err := reportSimulation(cmd.OutOrStdout(), output.value, file, c, d); err != nil {
			return err
		}
		if d.Outcome != authz.Allowed {
			return status(exitNo)
		}
		return nil
	}
	return cmd
}

// usedQuestionFlag returns the name of a set flag that belongs to a question, or "".
func usedQuestionFlag(cmd *cobra.Command) string {
	for name := range questionFlagFields {
		if cmd.Flags().Changed(name) {
			return name
		}
	}
	return ""
}

// questionIn reads the question in a file.
func questionIn(in io.Reader, file string) (*simulation.Case, []problem) {
	name := displayName(file)
	text, err := readFile(in, file, casefile.MaxSize)
	if err != nil {
		return nil, []problem{{place{File: name}, err.Error()}}
	}
	items := casefile.Read(file, text)
	for _, item := range items {
		if item.Err != nil {
			return nil, []problem{{placeAt(name, item.Err.Pos), item.Err.Message}}
		}
	}
	if len(items) != 1 {
		return nil,
			[]problem{{place{File: name},
				fmt.Sprintf("Expected one question in the file; found %d. For several questions use iam test.", len(items))}}
	}
	files := policyFiles{limit: policy.MaxSize}
	c, err := simulation.DecodeWith(items[0].Node, files.loader(directoryOf(file)))
	if err != nil {
		return nil, problems(name, err)
	}
	return c, nil
}

// reportSimulation writes the answer, beginning with the outcome.
func reportSimulation(out io.Writer, format, file string, c *simulation.Case, d *authz.Decision) error {
	a := newAnswer(file, c, d)
	if format == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(struct {
			ID        string `json:"id,omitempty"`
			Principal string `json:"principal,omitempty"`
			Action    string `json:"action"`
			Resource  string `json:"resource"`
			answer
		}{c.ID, principalText(c), c.Request.Action.String(), c.Request.Resource, a})
	}
	w := newWriter(out)
	w.printf("%s\n", w.styled(outcomeStyle(d.Outcome), d.Outcome.String()))
	w.printf("%s\n\n", printable(d.Reason))
	principal := principalText(c)
	if principal == "" {
		principal = "any principal of the account"
	}
	for _, line := range [][2]string{{"principal", principal}, {"action", c.Request.Action.String()},
		{"resource", c.Request.Resource}} {
		w.printf("  %s %s\n", padRight(line[0], 9), printable(line[1]))
	}
	w.explain(a, "", true)
	return w.err
}

// principalText returns the principal, or "" if the question has none.
func principalText(c *simulation.Case) string {
	if c.Request.Principal.Kind == authz.Unnamed {
		return ""
	}
	return c.Request.Principal.String()
}

// flagOf returns the flag of a field of a question.
func flagOf(field string) string {
	for name, f := range questionFlagFields {
		if f == field {
			return "--" + name
		}
	}
	return "--" + strings.ReplaceAll(field, "_", "-")
}
