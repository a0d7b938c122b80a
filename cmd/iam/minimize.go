package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/rewrite"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation/casefile"
)

func newMinimize() *cobra.Command {
	var options rewrite.Options
	cmd := &cobra.Command{
		Use:   "minimize --policy FILE REQUESTS...",
		Short: "Write the part of a policy that some requests need",
		Long: `Write an identity policy that allows the requests in the files REQUESTS, and
nothing that the policy in FILE does not allow. Statements that no request needs
disappear, and wildcards become the actions and resources of the requests.
Conditions stay. Statements that deny stay, because they also limit the other
policies of the principal.

REQUESTS are files of access tests, as iam test reads them, without the fields
identity and group ("-" is standard input). Tests with another expected answer
than Allowed check the result: it must not allow them.

The policy is written to standard output. It is proved: it allows each request,
and gives no new access.

Exit status: 0 if there is such a policy, 1 if a request is not allowed or another
test fails, 2 if there is no answer, 3 if there is no proof.

The JSON output is that of iam compare, with the policy as policy, and with the
tests that fail, as failed_tests: message, file, line, column. For "fail", witness
is the first request that the policy in FILE does not allow.`,
		Example: `  iam minimize --policy dev.json access/dev.yaml > minimal.json
  iam minimize --policy dev.json --keep-resources access/*.yaml`,
		Args: cobra.MinimumNArgs(1),
	}
	output := outputFlag(cmd, "text", "json")
	cmd.Flags().SortFlags = false
	file := cmd.Flags().String("policy", "", "the `FILE` of an identity policy")
	panicOnError(cmd.MarkFlagRequired("policy"))
	panicOnError(cmd.MarkFlagFilename("policy", "json"))
	cmd.Flags().BoolVar(&options.KeepResources, "keep-resources", false,
		"keep the patterns of resources that the requests need")
	stepsFlag(cmd, &options.Analysis)
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		in := policyInput{in: cmd.InOrStdin()}
		old := authz.Policy{Name: displayName(*file), Document: in.policy(*file)}
		tests := in.tests(files)
		if err := in.report(cmd.ErrOrStderr()); err != nil {
			return err
		}
		required, other := divideTests(tests)
		needed := make([]rewrite.Needed, len(required))
		for i, t := range required {
			needed[i] = rewrite.Needed{Request: t.Request, Policies: t.Policies}
		}
		minimal, err := rewrite.Minimize(old, needed, options)
		if err != nil {
			return in.refuse(cmd.ErrOrStderr(), err)
		}
		run := minimizeRun{minimal: minimal}
		switch minimal.Verdict {
		case analysis.Pass:
			if err := run.check(old.Name, other); err != nil {
				return err
			}
		case analysis.Fail:
			run.failed = []problem{{required[minimal.Denied].place, "The policy does not allow this request."}}
		}
		return run.report(cmd.OutOrStdout(), output.value)
	}
	return cmd
}

// fileTest is an access test, and the file that contains it.
type fileTest struct {
	*simulation.Case
	place
}

// tests returns the tests in files.
func (p *policyInput) tests(files []string) (out []fileTest) {
	policies := policyFiles{limit: policy.MaxSize}
	for _, file := range files {
		name := displayName(file)
		if file == stdin && p.usedIn {
			p.fail(place{File: name}, errors.New("standard input is named twice; it can be read only once"))
			continue
		}
		p.usedIn = p.usedIn || file == stdin
		text, err := readFile(p.in, file, casefile.MaxSize)
		if err != nil {
			p.fail(place{File: name}, err)
			continue
		}
		for _, item := range casefile.Read(file, text) {
			if item.Err != nil {
				p.problems = append(p.problems, problem{placeAt(name, item.Err.Pos), item.Err.Message})
				continue
			}
			c, err := simulation.DecodeWith(item.Node, policies.loader(directoryOf(file)))
			switch {
			case err != nil:
				p.problems = append(p.problems, problems(name, err)...)
			case c.Policies.Identity != nil || c.Policies.Group != nil:
				p.fail(placeAt(name, c.Pos), errors.New("the test has identity or group policies, but the policy of "+
					"--policy takes their place; remove the fields identity and group"))
			default:
				out = append(out, fileTest{c, placeAt(name, c.Pos)})
			}
		}
	}
	return out
}

// divideTests returns the tests whose requests must be allowed, and those that expect another answer.
func divideTests(tests []fileTest) (required, other []fileTest) {
	for _, t := range tests {
		if t.Expect == "" || t.Expect == authz.Allowed.String() {
			required = append(required, t)
			continue
		}
		other = append(other, t)
	}
	return required, other
}

// minimizeRun is the result of one call.
type minimizeRun struct {
	minimal rewrite.Minimized
	// failed are the tests with another answer than the expected one: the test that the old policy denies, or those that
	// the smaller policy allows.
	failed []problem
}

// check runs tests with the smaller policy.
func (m *minimizeRun) check(name string, tests []fileTest) error {
	layer, err := authz.CompileLayer(authz.Identity, []authz.Policy{{Name: name, Document: m.minimal.Document}})
	if err != nil {
		return err
	}
	for _, t := range tests {
		c := *t.Case
		c.Policies.Identity = layer
		if pass, why, _ := c.Check(); !pass {
			m.failed = append(m.failed, problem{t.place, why})
		}
	}
	if len(m.failed) > 0 {
		m.minimal.Verdict = analysis.Fail
		m.minimal.Message = "The smallest policy that allows the requests fails other tests."
		m.minimal.Document = nil
	}
	return nil
}

func (m *minimizeRun) report(out io.Writer, format string) error {
	var text []byte
	var err error
	if m.minimal.Document != nil {
		if text, err = m.minimal.Document.MarshalJSON(); err != nil {
			return err
		}
	}
	switch {
	case format == "json":
		encoder := json.NewEncoder(out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(struct {
			proof
			Failed []problem       `json:"failed_tests,omitempty"`
			Policy json.RawMessage `json:"policy,omitempty"`
		}{newProof(m.minimal.Answer), m.failed, text})
	case text != nil:
		var indented bytes.Buffer
		if err = json.Indent(&indented, text, "", "  "); err == nil {
			_, err = fmt.Fprintln(out, &indented)
		}
	default:
		w := newWriter(out)
		w.proof(headlines{fail: "No such policy", reasons: "Denied by"}, newProof(m.minimal.Answer))
		if len(m.failed) > 0 {
			w.printf("\n%s\n", w.styled(bold, "Failed tests"))
		}
		for _, p := range m.failed {
			w.printf("  %s\n", printable(p.String()))
		}
		err = w.err
	}
	if err != nil {
		return err
	}
	return verdictStatus(m.minimal.Verdict)
}
