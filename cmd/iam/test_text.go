package main

import (
	"fmt"
	"io"
	"strings"
)

// reportText writes the results for people: the failures with their reasons, then the
// counts.
func (t *testRun) reportText(out io.Writer, verbose bool) error {
	w := newWriter(out)
	for _, r := range t.results {
		if r.pass && r.expect != "" && verbose {
			w.printf("%s %s: %s\n", w.styled(green, "ok  "), printable(r.id), r.outcome)
		}
	}
	for _, r := range t.results {
		if r.expect == "" {
			w.printf("     %s: %s\n       %s\n", printable(r.id), w.styled(outcomeStyle(r.outcome), r.outcome.String()),
				printable(r.answer.Reason))
		}
	}
	for _, r := range t.results {
		if !r.pass {
			w.printf("%s %s: %s\n", w.styled(red, "FAIL"), printable(r.id), r.why)
			w.printf("       %s\n", printable(r.place.String()))
			if r.note != "" {
				w.printf("       %s\n", printable(r.note))
			}
			w.printf("       %s\n", printable(r.answer.Reason))
			w.explain(r.answer, "       ", false)
			w.printf("\n")
		}
	}
	var others []string
	if t.withoutExpectation > 0 {
		others = append(others, fmt.Sprintf("%d without an expected answer", t.withoutExpectation))
	}
	if t.unreadable > 0 {
		others = append(others, fmt.Sprintf("%d could not be read", t.unreadable))
	}
	if len(others) > 0 {
		w.printf("%s\n", strings.Join(others, ", "))
	}
	style := green
	if t.failed > 0 || len(t.problems) > 0 {
		style = red
	}
	w.printf("%s\n", w.styled(style, fmt.Sprintf("%d passed, %d failed", t.passed, t.failed)))
	return w.err
}
