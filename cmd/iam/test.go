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
		Short: "Run access tests: questions with the answers they must have",
		Long: `Run access tests. A test is an access question, with every policy that bears on
it, and the answer that is expected.

A FILE is YAML (one test, or a list of tests, a document), JSON (one, or a
list), or JSON Lines (one a line); "-" is standard input. The fields:

  id, note              for people
  expect                Allowed, ExplicitlyDenied, ImplicitlyDenied, Denied
                        (either of the two) or Unknown; a test without it only
                        reports
  principal             an ARN, a service, an identity provider, or anonymous
  principal_id          its unique id; service_linked_role: true or false
  action, resource      resource is "*" where it is left out
  resource_account      of the resource, where its ARN does not say
  management_account    of the organization
  context               key: value, or key: [values] for a multivalued key
  unknown_context_keys  keys whose value is not known
  identity, group       policies of the principal and of its groups
  boundary, session     its permissions boundary; its session's policies
  scps, rcps            a list of levels, each with its policies
  resource_policy       of the resource, or the trust policy of a role
  vpce                  of the VPC endpoint

A policy is an object, a string that holds JSON, or file://PATH, relative to
the test's file. Where there may be several, give one, a list of them, or an
object of name: policy.

Tests that cannot be read are reported, each with its place; the others are run
all the same.

Exit status: 0 if all tests passed, 1 if one failed, 2 if a file or a test could
not be read, or there was none.`,
		Example: `  iam test access/*.yaml
  iam test -o junit access/*.yaml > report.xml
  terraform output -json access_tests | iam test -`,
		Args: someFiles,
	}
	output := outputFlag(cmd, "text", "json", "junit")
	verbose := cmd.Flags().BoolP("verbose", "v", false, "list the tests that passed as well")
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		run := &testRun{in: cmd.InOrStdin()}
		for _, file := range files {
			run.file(file)
		}
		for _, p := range run.problems {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), plain(p.String()))
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

// testRun is the tests of one call and what became of them.
type testRun struct {
	in       io.Reader
	policies policyFiles
	results  []testResult
	problems []problem
	// broken counts the tests that could not be read.
	broken, passed, failed, unexpecting int
}

// testResult is one test that was run.
type testResult struct {
	id, note, expect string
	place
	pass     bool
	why      string
	outcome  authz.Outcome
	answer   answer
	question *simulation.Case
}

// file runs the tests of one file.
func (t *testRun) file(file string) {
	name := shownName(file)
	text, err := readFile(t.in, file, casefile.MaxSize)
	if err != nil {
		t.problems = append(t.problems, problem{place{File: name}, err.Error()})
		return
	}
	items := casefile.Read(file, text)
	if len(items) == 0 {
		t.problems = append(t.problems, problem{place{File: name}, "There are no tests in the file."})
	}
	t.policies.most = policy.MaxSize
	load := t.policies.loader(folderOf(file))
	for _, item := range items {
		if item.Err != nil {
			t.broken++
			t.problems = append(t.problems, problem{placeAt(name, item.Err.Pos), item.Err.Message})
			continue
		}
		c, err := simulation.DecodeWith(item.Node, load)
		if err != nil {
			t.broken++
			t.problems = append(t.problems, problems(name, err)...)
			continue
		}
		t.add(name, c)
	}
}

// folderOf is where references in a file start from.
func folderOf(file string) string {
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
		t.unexpecting++
	case pass:
		t.passed++
	default:
		t.failed++
	}
	t.results = append(t.results, r)
}

// report writes what became of the tests.
func (t *testRun) report(out io.Writer, format string, verbose bool) error {
	switch format {
	case "json":
		return t.reportJSON(out)
	case "junit":
		return t.reportJUnit(out)
	}
	return t.reportText(out, verbose)
}
