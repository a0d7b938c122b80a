package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/output"
)

// reportJUnit writes a suite for each file, with the tests in the order of the file. A test without an expected
// answer counts as skipped, and a test that cannot be read as an error.
func (t *testRun) reportJUnit(out io.Writer) error {
	var suites []output.Suite
	index := map[string]int{}
	add := func(c output.Case) {
		i, ok := index[c.ClassName]
		if !ok {
			i = len(suites)
			index[c.ClassName] = i
			suites = append(suites, output.Suite{Name: c.ClassName})
		}
		suites[i].Cases = append(suites[i].Cases, c)
	}
	for _, r := range t.results {
		c := output.Case{Name: r.id, ClassName: r.File, File: r.File, Line: r.Line}
		switch {
		case r.expect == "":
			c.Skipped = &output.Outcome{Message: fmt.Sprintf("no expected answer; the decision is %s", r.outcome)}
		case !r.pass:
			var text strings.Builder
			w := &writer{out: &text}
			w.printf("%s\n%s\n", r.place, r.answer.Reason)
			w.explain(r.answer, "", false)
			c.Failure = &output.Outcome{Message: r.why, Type: "decision", Text: text.String()}
		}
		add(c)
	}
	for _, p := range t.problems {
		add(output.Case{
			Name: p.place.String(), ClassName: p.File, File: p.File, Line: p.Line,
			Error: &output.Outcome{Message: p.Message, Type: "input", Text: p.String()},
		})
	}
	for i := range suites {
		slices.SortStableFunc(suites[i].Cases, func(a, b output.Case) int { return a.Line - b.Line })
	}
	slices.SortStableFunc(suites, func(a, b output.Suite) int { return t.position(a.Name) - t.position(b.Name) })
	return output.WriteJUnit(out, "iam test", suites)
}
