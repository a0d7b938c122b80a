package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The elements of a JUnit report that all common readers support.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		File      string        `xml:"file,attr,omitempty"`
		Line      int           `xml:"line,attr,omitempty"`
		Time      string        `xml:"time,attr"`
		Failure   *junitMessage `xml:"failure"`
		Error     *junitMessage `xml:"error"`
		Skipped   *junitMessage `xml:"skipped"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// reportJUnit writes a suite for each file, with the tests in the order of the file. A test without an expected
// answer counts as skipped, and a test that cannot be read as an error.
func (t *testRun) reportJUnit(out io.Writer) error {
	report := junitSuites{Name: "iam test"}
	index := map[string]int{}
	add := func(c junitCase) {
		i, ok := index[c.ClassName]
		if !ok {
			i = len(report.Suites)
			index[c.ClassName] = i
			report.Suites = append(report.Suites, junitSuite{Name: c.ClassName})
		}
		s := &report.Suites[i]
		count := func(applies bool, suite, all *int) {
			if applies {
				*suite, *all = *suite+1, *all+1
			}
		}
		count(true, &s.Tests, &report.Tests)
		count(c.Failure != nil, &s.Failures, &report.Failures)
		count(c.Error != nil, &s.Errors, &report.Errors)
		count(c.Skipped != nil, &s.Skipped, &report.Skipped)
		s.Cases = append(s.Cases, c)
	}
	for _, r := range t.results {
		c := junitCase{Name: r.id, ClassName: r.File, File: r.File, Line: r.Line, Time: "0"}
		switch {
		case r.expect == "":
			c.Skipped = &junitMessage{Message: fmt.Sprintf("no expected answer; the decision is %s", r.outcome)}
		case !r.pass:
			var text strings.Builder
			w := &writer{out: &text}
			w.printf("%s\n%s\n", r.place, r.answer.Reason)
			w.explain(r.answer, "", false)
			c.Failure = &junitMessage{Message: r.why, Type: "decision", Text: text.String()}
		}
		add(c)
	}
	for _, p := range t.problems {
		add(junitCase{
			Name: p.place.String(), ClassName: p.File, File: p.File, Line: p.Line, Time: "0",
			Error: &junitMessage{Message: p.Message, Type: "input", Text: p.String()},
		})
	}
	for i := range report.Suites {
		slices.SortStableFunc(report.Suites[i].Cases, func(a, b junitCase) int { return a.Line - b.Line })
	}
	slices.SortStableFunc(report.Suites, func(a, b junitSuite) int { return t.position(a.Name) - t.position(b.Name) })
	if _, err := io.WriteString(out, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}
