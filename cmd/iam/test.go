package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation/casefile"
)

func newTest() *cobra.Command {
	var of testAccount
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
                        reports the answer. At least one test of a FILE has it
  principal             an ARN, a service, an identity provider, or anonymous
  principal_id          the principal's unique id
  service_linked_role   true if the principal is a service-linked role
  action, resource      the resource is "*" if not given
  resource_account      the resource's account, if its ARN does not contain it
  management_account    the organization's management account
  context               key: value, or key: [values] for a multivalued key. The
                        keys that follow from the principal, such as
                        aws:PrincipalArn and aws:username, are set unless given;
                        key: [] says that the request lacks a key
  unknown_context_keys  keys with unknown values
  identity, group       policies of the principal and of its groups
  boundary, session     the principal's permissions boundary and session policies
  scps, rcps            a list of levels, each with its policies: [[A, B]] is one
                        level with two policies, and [[A], [B]] is two levels
  resource_policy       the resource's policy, or the trust policy of a role
  unknown_resource_policy  true if the resource has a policy that is not known
  vpce                  the policy of the VPC endpoint

A policy is an object, a string that contains JSON, or file://PATH, relative to
the test's file. A field for several policies accepts one policy, a list, or an
object of name: policy.

With --plan, the tests are about the account as a Terraform plan would leave it: a
test that names a user or role of it, and has no identity, group and boundary, gets
them from the account. --account-file and --store give the account before the plan;
without --plan, the tests are about that account as it is. The guide "Review access
in a pull request" shows both.

iam reports each test that it cannot read with its place, and runs the others.

Exit status: 0 if all tests passed, 1 if one failed, 2 if a file or a test could
not be read, or a file has no test with an expected answer.`,
		Example: `  iam test access/*.yaml
  iam test -o junit access/*.yaml > report.xml
  iam test --plan plan.json --source . access/*.yaml
  terraform output -json access_tests | iam test -`,
		Args: requireFiles,
	}
	output := outputFlag(cmd, "text", "json", "junit")
	of.register(cmd)
	verbose := cmd.Flags().BoolP("verbose", "v", false, "list the tests that passed as well")
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		run := &testRun{in: cmd.InOrStdin()}
		var err error
		if run.account, err = of.read(cmd); err != nil {
			return err
		}
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
	account  *account.Account // of the principals that the tests name; nil if the tests bring all policies
	policies policyFiles
	files    []string // as messages name them, in order
	results  []testResult
	problems []problem // of tests that could not be read, and of files
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
	t.files = append(t.files, name)
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
	before := *t
	for _, item := range items {
		if item.Err != nil {
			t.unreadable++
			t.problems = append(t.problems, problem{placeAt(name, item.Err.Pos), item.Err.Message})
			continue
		}
		c, asked, err := askAccount(t.account, item.Node, load)
		if !asked {
			c, err = simulation.DecodeWith(item.Node, load)
		}
		if err != nil {
			t.unreadable++
			t.problems = append(t.problems, problems(name, err)...)
			continue
		}
		t.add(name, c, asked)
	}
	if tested := t.passed + t.failed - before.passed - before.failed; tested == 0 && len(items) > 0 &&
		t.unreadable == before.unreadable {
		t.problems = append(t.problems, problem{place{File: name}, "The file tests nothing: no question in it has an " +
			"expected answer. Give the answers as expect, or use iam simulate to see the answer to one question."})
	}
}

// directoryOf returns the directory that references in a file are relative to.
func directoryOf(file string) string {
	if file == stdin {
		return "."
	}
	return filepath.Dir(file)
}

// add runs one test. ofAccount says that its policies come from an account, so that places in them are not places in
// the file.
func (t *testRun) add(file string, c *simulation.Case, ofAccount bool) {
	pass, why, d := c.Check()
	policies := file
	if ofAccount {
		policies = ""
	}
	r := testResult{
		id: c.ID, note: c.Note, expect: c.Expect, place: placeAt(file, c.Pos),
		pass: pass, why: why, outcome: d.Outcome, answer: newAnswer(policies, c, d), question: c,
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

// position returns the position of a file among the files of the run. Files that tests refer to come last.
func (t *testRun) position(file string) int {
	if i := slices.Index(t.files, file); i >= 0 {
		return i
	}
	return len(t.files)
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
