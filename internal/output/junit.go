package output

import (
	"encoding/xml"
	"io"
)

// Suite is a test suite of a JUnit report.
type Suite struct {
	Name  string
	Cases []Case
}

// Case is a test of a JUnit report. At most one of Failure, Error and Skipped is set; without them, it passed.
type Case struct {
	Name      string
	ClassName string
	File      string // optional
	Line      int    // 0 if it is not known
	Failure   *Outcome
	Error     *Outcome
	Skipped   *Outcome
	// Output is a text about a test that passed. It is optional.
	Output string
}

// Outcome says why a test did not pass.
type Outcome struct{ Message, Type, Text string }

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
		Output    string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes test suites as JUnit's XML.
func WriteJUnit(w io.Writer, name string, suites []Suite) error {
	report := junitSuites{Name: name}
	for _, suite := range suites {
		s := junitSuite{Name: suite.Name}
		for i := range suite.Cases {
			c := &suite.Cases[i]
			count(c.Failure != nil, &s.Failures, &report.Failures)
			count(c.Error != nil, &s.Errors, &report.Errors)
			count(c.Skipped != nil, &s.Skipped, &report.Skipped)
			count(true, &s.Tests, &report.Tests)
			s.Cases = append(s.Cases, junitCase{Name: c.Name, ClassName: c.ClassName, File: c.File, Line: c.Line, Time: "0",
				Failure: message(c.Failure), Error: message(c.Error),
				Skipped: message(c.Skipped), Output: c.Output})
		}
		report.Suites = append(report.Suites, s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func count(applies bool, suite, all *int) {
	if applies {
		*suite, *all = *suite+1, *all+1
	}
}

func message(o *Outcome) *junitMessage {
	if o == nil {
		return nil
	}
	return &junitMessage{o.Message, o.Type, o.Text}
}
