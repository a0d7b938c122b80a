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
		Long: `Answer one access question: whether the policies allow an action on a resource,
what each layer says, which statements decide and, where nothing allows it, what
came nearest and why it did not match.

The question is put with flags, or stands in a FILE: one question as iam test
takes them ("-" is standard input).

Policies are files of JSON. --identity, --group and --session may be repeated.
Each --scp or --rcp is one more level, from the organization's root to the
account; a level of several policies needs a FILE.

A context key is given with --context key=value. Given more than once the key is
multivalued; --context 'key[]=value' makes it so with a single value.
--unknown-context says that the request has the key, with a value not known now.

A principal of the account in a file (--store) is named by its name, or its ARN
or unique id with --store given: then its own policies, those of its groups and
its boundary are those that it has there, its tags and the like are context
keys, and a role that it would assume has its trust policy. Policies of other
layers, as of a resource, can be laid beside them.

Exit status: 0 if the request is allowed, 1 if it is denied or the answer is
unknown, 2 if the question could not be put.`,
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
		var wrong []problem
		var live *account.Account
		switch {
		case len(args) == 0 && cmd.Flags().NFlag() == 0:
			return errors.New("a question is needed: give flags, or a FILE (see iam simulate --help)")
		case len(args) == 0 && f.isLive(cmd):
			var err error
			if c, wrong, live, err = f.liveQuestion(cmd); err != nil {
				return err
			}
		case len(args) == 0:
			c, wrong = f.question()
		default:
			if name := givenFlag(cmd); name != "" {
				return fmt.Errorf("--%s and a FILE exclude each other; put it into the FILE", name)
			}
			file = shownName(args[0])
			c, wrong = questionIn(cmd.InOrStdin(), args[0])
		}
		for _, p := range wrong {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), plain(p.String()))
		}
		if len(wrong) > 0 {
			return status(exitBad)
		}
		d := c.Explain()
		if live != nil {
			noteGroups(live, c.Request.Principal, d)
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

// givenFlag is a flag that was given and is part of a question.
func givenFlag(cmd *cobra.Command) string {
	for name := range questionFlagFields {
		if cmd.Flags().Changed(name) {
			return name
		}
	}
	return ""
}

// questionIn reads the one question of a file.
func questionIn(in io.Reader, file string) (*simulation.Case, []problem) {
	name := shownName(file)
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
		return nil, []problem{{place{File: name}, fmt.Sprintf("There must be exactly one question in the file; found %d. For several, use iam test.", len(items))}}
	}
	files := policyFiles{most: policy.MaxSize}
	c, err := simulation.DecodeWith(items[0].Node, files.loader(folderOf(file)))
	if err != nil {
		return nil, problems(name, err)
	}
	return c, nil
}

// reportSimulation writes the answer: the outcome first.
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
	w.printf("%s\n\n", plain(d.Reason))
	principal := principalText(c)
	if principal == "" {
		principal = "some principal of the account"
	}
	for _, line := range [][2]string{{"principal", principal}, {"action", c.Request.Action.String()}, {"resource", c.Request.Resource}} {
		w.printf("  %s %s\n", column(line[0], 9), plain(line[1]))
	}
	w.explain(a, "", true)
	return w.err
}

// principalText is the principal as written; empty where there is none.
func principalText(c *simulation.Case) string {
	if c.Request.Principal.Kind == authz.Unnamed {
		return ""
	}
	return c.Request.Principal.String()
}

// flagOf is the flag that a field of a question is given with.
func flagOf(field string) string {
	for name, f := range questionFlagFields {
		if f == field {
			return "--" + name
		}
	}
	return "--" + strings.ReplaceAll(field, "_", "-")
}
