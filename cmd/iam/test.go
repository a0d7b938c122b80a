package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation/casefile"
)

func newTest() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test FILE...",
		Short: "Run access tests: questions with expected answers",
		Long: `Run access tests. A test is an access question with all its policies, and the
expected answer.

A FILE is YAML (each document one test or a list of tests), JSON (one test or a
list), or JSON Lines (one test on each line); "-" is standard input. The fields:

  id, note              for people
  expect                Allowed, ExplicitlyDenied, ImplicitlyDenied, Denied
                        (either of the two) or Unknown; without it, iam only
                        reports the answer
  principal             an ARN, a service, an identity provider, or anonymous
  principal_id          the principal's unique id
  service_linked_role   true if the principal is a service-linked role
  action, resource      the resource is "*" if not given
  resource_account      the resource's account, if its ARN does not contain it
  management_account    the organization's management account
  context               key: value, or key: [values] for a multivalued key
  unknown_context_keys  keys with unknown values
  identity, group       policies of the principal and of its groups
  boundary, session     the principal's permissions boundary and session policies
  scps, rcps            a list of levels, each with its policies
  resource_policy       the resource's policy, or the trust policy of a role
  vpce                  the policy of the VPC endpoint

A policy is an object, a string that contains JSON, or file://PATH, relative to
the test's file. A field for several policies accepts one policy, a list, or an
object of name: policy.

iam reports each test that it cannot read with its place, and runs the others.

Exit status: 0 if all tests passed, 1 if one failed, 2 if a file or a test could
not be read, or there were no tests.`,
		Example: `  iam test access/*.yaml
  iam test -o junit access/*.yaml > report.xml
  terraform output -json access_tests | iam test -`,
		Args: requireFiles,
	}
	output := outputFlag(cmd, "text", "json", "junit")
	verbose := cmd.Flags().BoolP("verbose", "v", false, "list the tests that passed as well")
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		run := &testRun{in: cmd.InOrStdin()}
		for _, file := range files {
			run.runFile(file)
		}
		for _, p := range run.problems {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), printable(p.String()))
		}
		if err := run.report(cmd.OutOrStdout(), output.value, *verbose); err != nil {
			return err
		}
		switch {
		case len(run.problems) > 0:
			return status(exitBad)
		case run.failed > 0:
			return status(exitNo)
		}
		return nil
	}
	return cmd
}

// testRun contains the tests of one call and their results.
type testRun struct {
	in       io.Reader
	policies policyFiles
	results  []testResult
	problems []problem
	// unreadable counts the tests that could not be read, and withoutExpectation counts the tests without an expected
	// answer.
	unreadable, passed, failed, withoutExpectation int
}

// testResult is the result of one test.
type testResult struct {
	id, note, expect string
	place
	pass     bool
	why      string
	outcome  authz.Outcome
	answer   answer
	question *simulation.Case
}

// runFile runs the tests of one file.
func (t *testRun) runFile(file string) {
	name := displayName(file)
	text, err := readFile(t.in, file, casefile.MaxSize)
	if err != nil {
		t.problems = append(t.problems, problem{place{File: name}, err.Error()})
		return
	}
	items := casefile.Read(file, text)
	if len(items) == 0 {
		t.problems = append(t.problems, problem{place{File: name}, "The file contains no tests."})
	}
	t.policies.limit = policy.MaxSize
	load := t.policies.loader(directoryOf(file))
	for _, item := range items {
		if item.Err != nil {
			t.unreadable++
			t.problems = append(t.problems, problem{placeAt(name, item.Err.Pos), item.Err.Message})
			continue
		}
		c, err := simulation.DecodeWith(item.Node, load)
		if err != nil {
			t.unreadable++
			t.problems = append(t.problems, problems(name, err)...)
			continue
		}
		t.add(name, c)
	}
}

// directoryOf returns the directory that references in a file are relative to.
func directoryOf(file string) string {
	if file == stdin {
		return "."
	}
	return filepath.Dir(file)
}

// add runs one test.
func (t *testRun) add(file string, c *simulation.Case) {
	pass, why, d := c.Check()
	r := testResult{
		id: c.ID, note: c.Note, expect: c.Expect, place: placeAt(file, c.Pos),
		pass: pass, why: why, outcome: d.Outcome, answer: newAnswer(file, c, d), question: c,
	}
	if r.id == "" {
		r.id = fmt.Sprintf("%s:%d", file, c.Pos.Line)
	}
	switch {
	case r.expect == "":
		t.withoutExpectation++
	case pass:
		t.passed++
	default:
		t.failed++
	}
	t.results = append(t.results, r)
}

// report writes the results.
func (t *testRun) report(out io.Writer, format string, verbose bool) error {
	switch format {
	case "json":
		return t.reportJSON(out)
	case "junit":
		return t.reportJUnit(out)
	}
	return t.reportText(out, verbose)
}
