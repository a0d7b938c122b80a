package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/escalation"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

func newEscalations() *cobra.Command {
	var source accountSource
	var from []string
	var to string
	cmd := &cobra.Command{
		Use:   "escalations",
		Short: "List the ways in which anyone could become administrator",
		Long: `List the ways in which a user or role of an account could become administrator:
requests one after another, each allowed once the earlier ones are made, with the
statements that allow them. A step gives credentials of a user, a role, more
permission or fewer limits.

A user or role is administrator if a statement allows it everything, and nothing
denies it the actions that give access to others.

--to asks for another target: a user or role by name or ARN, or an action and a
resource with a space between them, such as "s3:GetObject arn:aws:s3:::payroll/x".

Paths stay within IAM and STS. They end when a service runs code as a role that is
passed to it. The account does not tell which users have passwords and keys, so
a path names what it assumes.

The account is the one in --store, or that of --account-file.

Exit status: 0 if there is no path, 1 if there is one, 2 if there is no answer, 3
if there is no path and some answers are unknown.`,
		Example: `  iam escalations
  iam escalations --from alice --to deploy
  iam escalations --account-file account.json -o mermaid > escalations.mmd
  iam escalations -o dot | dot -Tsvg > escalations.svg`,
		Args: cobra.NoArgs,
	}
	output := outputFlag(cmd, "text", "json", "mermaid", "dot")
	source.register(cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&from, "from", nil, "start from a `PRINCIPAL` only: the name, unique id or ARN of a user or "+
		"role; may be repeated")
	flags.StringVar(&to, "to", "", "the `TARGET`: a user or role, or \"ACTION RESOURCE\"; administrator if not given")
	panicOnError(cmd.RegisterFlagCompletionFunc("from", cobra.NoFileCompletions))
	panicOnError(cmd.RegisterFlagCompletionFunc("to", cobra.NoFileCompletions))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		acc, err := source.readAll(cmd)
		if err != nil {
			return err
		}
		options, err := escalationOptions(acc, from, to)
		if err != nil {
			return err
		}
		show, end := progress(cmd, "Searching")
		options.Progress = show
		var result *escalation.Result
		err = interruptible(cmd, func(ctx context.Context) (err error) {
			result, err = escalation.Find(ctx, acc, options)
			return err
		})
		if end(); err != nil {
			return err
		}
		if err := reportEscalations(cmd, output.value, result); err != nil {
			return err
		}
		switch {
		case len(result.Paths) > 0:
			return status(exitNo)
		case len(result.Open) > 0:
			return status(exitUnknown)
		}
		return nil
	}
	return cmd
}

// escalationOptions returns the options that the flags describe.
func escalationOptions(acc *account.Account, from []string, to string) (o escalation.Options, err error) {
	for _, text := range from {
		p, err := identityNamed(acc, text)
		if err != nil {
			return o, fmt.Errorf("--from: %w", err)
		}
		if !slices.Contains(o.From, p) {
			o.From = append(o.From, p)
		}
	}
	if to == "" {
		return o, nil
	}
	if action, resource, ok := strings.Cut(to, " "); ok {
		q, err := accessQuestion(action, strings.TrimSpace(resource), nil)
		if err != nil {
			return o, fmt.Errorf("--to: %w", err)
		}
		o.Target = escalation.Access(q.Action, q.Resource)
		return o, nil
	}
	p, err := identityNamed(acc, to)
	if err != nil {
		return o, fmt.Errorf("--to: %w", err)
	}
	o.Target = escalation.Principal(p)
	return o, nil
}

// identityNamed returns the user or role that a text names.
func identityNamed(acc *account.Account, text string) (authz.Principal, error) {
	p, err := acc.Principal(text)
	if err == nil && p.Kind != authz.User && p.Kind != authz.Role {
		err = fmt.Errorf("%s is neither a user nor a role", text)
	}
	return p, err
}

// pathAnswer is a path in the form of the JSON output.
type pathAnswer struct {
	From    string       `json:"from"`
	Reaches string       `json:"reaches"`
	Steps   []stepAnswer `json:"steps"`
}

type stepAnswer struct {
	Actor    string          `json:"actor"`
	Requests []requestAnswer `json:"requests"`
	Result   string          `json:"result"`
	Assumes  string          `json:"assumes,omitempty"`
}

type requestAnswer struct {
	Action     string         `json:"action"`
	Resource   string         `json:"resource"`
	Context    map[string]any `json:"context"`
	Condition  map[string]any `json:"condition,omitempty"`
	Statements []statement    `json:"statements"`
}

func newPathAnswer(p *escalation.Path) pathAnswer {
	out := pathAnswer{From: p.From.String(), Reaches: p.Reaches.String(), Steps: []stepAnswer{}}
	for i := range p.Steps {
		s := &p.Steps[i]
		step := stepAnswer{Actor: s.Actor.String(), Result: s.Result, Assumes: s.Assumes}
		for j := range s.Requests {
			r := &s.Requests[j]
			request := requestAnswer{Action: r.Action.String(), Resource: r.Resource, Context: contextValues(r.Given),
				Statements: accountStatements(r.Statements)}
			if len(r.If) > 0 {
				request.Condition = contextValues(r.If)
			}
			step.Requests = append(step.Requests, request)
		}
		out.Steps = append(out.Steps, step)
	}
	return out
}

// openAnswer is the reason why the answer about a principal is not known.
type openAnswer struct {
	Principal string `json:"principal"`
	Reason    string `json:"reason"`
}

func reportEscalations(cmd *cobra.Command, format string, r *escalation.Result) error {
	switch format {
	case "json":
		out := struct {
			Target  string       `json:"target"`
			Already []string     `json:"already"`
			Paths   []pathAnswer `json:"paths"`
			Unknown []openAnswer `json:"unknown"`
		}{r.Target.String(), []string{}, []pathAnswer{}, []openAnswer{}}
		for _, p := range r.Already {
			out.Already = append(out.Already, p.String())
		}
		for i := range r.Paths {
			out.Paths = append(out.Paths, newPathAnswer(&r.Paths[i]))
		}
		for _, o := range r.Open {
			out.Unknown = append(out.Unknown, openAnswer{o.From.String(), o.Reason})
		}
		return writeJSON(cmd.OutOrStdout(), out)
	case "mermaid", "dot":
		g := newEscalationGraph(r)
		_, err := fmt.Fprint(cmd.OutOrStdout(), g.text(format))
		return err
	}
	w := newWriter(cmd.OutOrStdout())
	for i := range r.Paths {
		w.path(r.Target, &r.Paths[i])
	}
	for _, o := range r.Open {
		w.printf("%s: %s, %s.\n", printable(o.From.String()), w.styled(yellow, "unknown"), printable(o.Reason))
	}
	for _, p := range r.Already {
		w.printf("%s %s without a step.\n", printable(p.String()), printable(r.Target.String()))
	}
	w.printf("%s can reach the target in steps, and %d without a step.\n", countOf(len(r.Paths), "principal"),
		len(r.Already))
	return w.err
}

// path writes a path.
func (w *writer) path(target escalation.Target, p *escalation.Path) {
	w.printf("%s\n", w.styled(bold, printable(p.From.String())))
	for i := range p.Steps {
		s := &p.Steps[i]
		w.printf("  %d. %s %s\n", i+1, printable(s.Actor.String()), printable(s.Result))
		for j := range s.Requests {
			r := &s.Requests[j]
			w.printf("     %s on %s%s\n", r.Action, printable(r.Resource), printable(givenKeys(r)))
			for _, st := range accountStatements(r.Statements) {
				w.printf("       %s\n", st)
			}
		}
		if s.Assumes != "" {
			w.printf("     %s.\n", printable(s.Assumes))
		}
	}
	who := p.Reaches.String()
	if target == escalation.Principal(p.Reaches) {
		who = "the person"
	}
	w.printf("  Then %s %s.\n\n", printable(who), printable(target.String()))
}

// givenKeys returns the context of a request as a clause.
func givenKeys(r *escalation.Request) string {
	list := func(word string, keys []authz.ContextKey) string {
		if len(keys) == 0 {
			return ""
		}
		texts := make([]string, len(keys))
		for i, k := range keys {
			texts[i] = k.String()
		}
		return word + strings.Join(texts, " and ")
	}
	return list(" with ", r.Given) + list(", for example if ", r.If)
}
