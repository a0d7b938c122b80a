package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func newWhoCan() *cobra.Command {
	var source accountSource
	var keys []string
	var resourcePolicy string
	var all, direct bool
	cmd := &cobra.Command{
		Use:   "who-can ACTION RESOURCE",
		Short: "List everyone who may perform an action on a resource",
		Long: `List the users and roles of an account that may perform an action on a resource,
with the statements that decide. The answer about each is yes, no, yes under a
condition in the words of the policies, or unknown with a reason. For a principal
without a certain yes, the answer also has a way through roles that it may assume.

RESOURCE is one ARN, or "*" for an action without resources; it is not a pattern.
If ACTION is to assume a role of the account, the role's trust policy applies, and
the answer has the principals outside the account that may assume it. Policies of
other resources are not part of an account; --resource-policy gives one.

--context key=value sets a context key of the requests, as for iam simulate. Every
other key may have any value.

The account is the one in --store, or that of --account-file.

Exit status: 0 if a user, a role or a principal outside the account may, 1 if
nobody may, 2 if there is no answer, 3 if nobody may for certain and some answers
are unknown. The root user does not count.`,
		Example: `  iam who-can s3:GetObject arn:aws:s3:::payroll/2026.csv
  iam who-can iam:CreateUser arn:aws:iam::123456789012:user/new --context aws:MultiFactorAuthPresent=false
  iam who-can sts:AssumeRole arn:aws:iam::123456789012:role/deploy --account-file account.json -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return fmt.Errorf("expected an ACTION and a RESOURCE (see iam who-can --help)")
			}
			return nil
		},
	}
	output := outputFlag(cmd, "text", "json")
	source.register(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&keys, "context", nil, "a context key of the requests, as `KEY=VALUE`")
	flags.StringVar(&resourcePolicy, "resource-policy", "", "the policy `FILE` of the resource")
	flags.BoolVar(&all, "all", false, "list also those who may not")
	flags.BoolVar(&direct, "direct", false, "omit the ways through roles")
	panicOnError(cmd.MarkFlagFilename("resource-policy", "json"))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		q, err := accessQuestion(args[0], args[1], keys)
		if err != nil {
			return err
		}
		for _, warning := range requestWarnings(q) {
			_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "iam: %s\n", printable(warning))
		}
		q.ThroughRoles = !direct
		if resourcePolicy != "" {
			if q.ResourcePolicy, err = readResourcePolicy(cmd, resourcePolicy); err != nil {
				return err
			}
		}
		acc, err := source.read(cmd)
		if err != nil {
			return err
		}
		var holders *access.Holders
		if err := interruptible(cmd, func(ctx context.Context) error {
			found, err := access.WhoCan(ctx, acc, q)
			holders = found
			return err
		}); err != nil {
			return err
		}
		if err := reportHolders(cmd, output.value, args, holders, all); err != nil {
			return err
		}
		return holdersStatus(holders)
	}
	return cmd
}

// accessQuestion returns the question about an action and a resource.
func accessQuestion(action, resource string, keys []string) (access.Question, error) {
	var q access.Question
	var err error
	if q.Action, err = authz.ParseAction(action); err != nil {
		return q, err
	}
	if resource != "*" {
		if _, err := policy.ParseARN(resource); err != nil {
			return q, err
		}
		if strings.ContainsAny(resource, "*?") {
			return q, fmt.Errorf("%q has a wildcard; the question is about one resource, such as one object of a bucket",
				resource)
		}
	}
	q.Resource = resource
	node, err := contextNode(keys)
	if err != nil {
		return q, fmt.Errorf("--context: %w", err)
	}
	for _, m := range node.Members {
		key := access.Key{Name: m.Name, Values: []string{m.Value.Text}}
		if m.Value.Kind == tree.Array {
			key.Multivalued, key.Values = true, nil
			for _, e := range m.Value.Elements {
				key.Values = append(key.Values, e.Text)
			}
		}
		q.Keys = append(q.Keys, key)
	}
	return q, nil
}

// requestWarnings compares the action and the resource of a question with the catalog of services.
func requestWarnings(q access.Question) []string {
	c := catalog.Default()
	a := c.Action(q.Action.String())
	if a == nil {
		return []string{fmt.Sprintf("the catalog of %s does not have the action %s; it may be misspelt, or newer", c.Date(),
			q.Action)}
	}
	var forms []string
	required := false
	for i := range a.Resources {
		use := &a.Resources[i]
		required = required || use.Required
		for j, p := range use.Type.Patterns() {
			if pattern := p.Fieldwise(); pattern.Match(q.Resource) {
				return nil
			}
			forms = append(forms, use.Type.ARNs[j])
		}
	}
	const most = 3
	list := strings.Join(forms[:min(most, len(forms))], ", ")
	switch {
	case q.Resource == "*" && !required:
		return nil
	case len(forms) == 0:
		return []string{fmt.Sprintf("%s concerns no single resource; ask about the resource \"*\"", a)}
	}
	return []string{fmt.Sprintf("no request for %s has the resource %s; its resources have ARNs such as %s", a, q.Resource,
		list)}
}

// readResourcePolicy reads and compiles the policy of a resource.
func readResourcePolicy(cmd *cobra.Command, file string) (*authz.Layer, error) {
	text, err := readFile(cmd.InOrStdin(), file, policy.MaxSize)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", displayName(file), err)
	}
	document, err := policy.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", displayName(file), err)
	}
	return authz.CompileLayer(authz.ResourcePolicy, []authz.Policy{{Name: displayName(file), Document: document}})
}

// holdersStatus returns the exit status of the answers.
func holdersStatus(h *access.Holders) error {
	unknown := false
	for _, list := range [][]access.Finding{h.Principals, h.Outside} {
		for i := range list {
			switch bestAnswer(&list[i]) {
			case access.Yes, access.Conditional:
				return nil
			case access.Unknown:
				unknown = true
			}
		}
	}
	if unknown {
		return status(exitUnknown)
	}
	return status(exitNo)
}

// bestAnswer returns the answer about a principal, through roles too.
func bestAnswer(f *access.Finding) access.Answer {
	if f.Through != nil {
		return f.Through.Answer()
	}
	return f.Answer
}

// holderAnswer is the answer about one principal, in the form of the JSON output.
type holderAnswer struct {
	Principal  string         `json:"principal"`
	Answer     string         `json:"answer"`
	Condition  string         `json:"condition,omitempty"`
	Example    map[string]any `json:"example_context,omitempty"`
	Statements []statement    `json:"statements"`
	Reasons    []string       `json:"reasons,omitempty"`
	Through    *chainAnswer   `json:"through,omitempty"`
}

// chainAnswer is a way through roles.
type chainAnswer struct {
	Answer string         `json:"answer"`
	Steps  []holderAnswer `json:"steps"`
	Role   holderAnswer   `json:"role"`
}

func newHolderAnswer(f *access.Finding) holderAnswer {
	out := holderAnswer{Principal: f.Name, Answer: f.Answer.String(), Condition: f.Condition,
		Statements: accountStatements(f.Statements), Reasons: f.Open}
	if len(f.Example) > 0 {
		out.Example = contextValues(f.Example)
	}
	if c := f.Through; c != nil {
		out.Through = &chainAnswer{Answer: c.Answer().String(), Role: newHolderAnswer(c.Role)}
		out.Through.Role.Through = nil
		for i := range c.Steps {
			out.Through.Steps = append(out.Through.Steps, newHolderAnswer(&c.Steps[i].Assume))
		}
	}
	return out
}

func reportHolders(cmd *cobra.Command, format string, args []string, h *access.Holders, all bool) error {
	if format == "json" {
		out := struct {
			Action     string         `json:"action"`
			Resource   string         `json:"resource"`
			Root       holderAnswer   `json:"root"`
			Principals []holderAnswer `json:"principals"`
			Outside    []holderAnswer `json:"outside"`
		}{Action: args[0], Resource: args[1], Root: newHolderAnswer(&h.Root), Principals: []holderAnswer{},
			Outside: []holderAnswer{}}
		for i := range h.Principals {
			out.Principals = append(out.Principals, newHolderAnswer(&h.Principals[i]))
		}
		for i := range h.Outside {
			out.Outside = append(out.Outside, newHolderAnswer(&h.Outside[i]))
		}
		return writeJSON(cmd.OutOrStdout(), out)
	}
	w := newWriter(cmd.OutOrStdout())
	counts := map[access.Answer]int{}
	for i := range h.Principals {
		f := &h.Principals[i]
		best := bestAnswer(f)
		if counts[best]++; best != access.No || all {
			w.holder(f)
		}
	}
	for i := range h.Outside {
		w.holder(&h.Outside[i])
	}
	w.printf("%s may, %d under a condition; %d may not; %d unknown. Outside the account: %d. The root user: %s.\n",
		countOf(counts[access.Yes], "principal"), counts[access.Conditional], counts[access.No], counts[access.Unknown],
		len(h.Outside), h.Root.Answer)
	return w.err
}

// holder writes the answer about a principal.
func (w *writer) holder(f *access.Finding) {
	w.printf("%s: %s\n", printable(f.Name), w.answer(f))
	w.reasons(f, "    ")
	if f.Through == nil {
		return
	}
	for i := range f.Through.Steps {
		s := &f.Through.Steps[i]
		w.printf("  assumes %s: %s\n", printable(s.Role), w.answer(&s.Assume))
		w.reasons(&s.Assume, "    ")
	}
	w.printf("  %s: %s\n", printable(f.Through.Role.Name), w.answer(f.Through.Role))
	w.reasons(f.Through.Role, "    ")
}

// answer returns the answer about a principal on one line.
func (w *writer) answer(f *access.Finding) string {
	switch f.Answer {
	case access.Yes:
		return w.styled(green, "yes")
	case access.Conditional:
		condition := "if " + f.Condition
		if strings.HasPrefix(f.Condition, "unless ") {
			condition = f.Condition
		}
		return w.styled(green, "yes") + ", " + printable(condition)
	case access.Unknown:
		return w.styled(yellow, "unknown") + ", it depends on " + printable(strings.Join(f.Open, "; "))
	}
	return w.styled(red, "no")
}

// reasons writes the statements that decide.
func (w *writer) reasons(f *access.Finding, indent string) {
	for _, s := range accountStatements(f.Statements) {
		w.printf("%s%s\n", indent, s)
	}
}
