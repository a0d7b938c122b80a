package main

import (
	"fmt"
	"io"
	"strings"
)

// reportText writes the results for people, in the order of the files: the failures with their reasons, then the
// counts.
func (t *testRun) reportText(out io.Writer, verbose bool) error {
	w := newWriter(out)
	for i := range t.results {
		switch r := &t.results[i]; {
		case r.expect == "":
			w.printf("     %s: %s\n       %s\n", printable(r.id), w.styled(outcomeStyle(r.outcome), r.outcome.String()),
				printable(r.answer.Reason))
		case !r.pass:
			w.failure(r)
		case verbose:
			w.printf("%s %s: %s\n", w.styled(green, "ok  "), printable(r.id), r.outcome)
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

// failure writes a test that failed, with its reasons.
func (w *writer) failure(r *testResult) {
	w.printf("%s %s: %s\n", w.styled(red, "FAIL"), printable(r.id), r.why)
	w.printf("       %s\n", printable(r.place.String()))
	if r.note != "" {
		w.printf("       %s\n", printable(r.note))
	}
	w.printf("       %s\n", printable(r.answer.Reason))
	w.explain(r.answer, "       ", false)
	w.printf("\n")
}
