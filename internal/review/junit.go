package review

import (
	"cmp"
	"io"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/accesscheck"
	"github.com/iam-as-code/terraform-provider-iam/internal/output"
)

// WriteJUnit writes a test for each check and for each finding. A finding that is at least as severe as failOn is a
// failure, as is a part that could not be judged if such parts are as severe; an empty failOn means [Error]. A less
// severe finding passes with its text. Accepted findings, and other parts that could not be judged, are skipped.
func (r *Report) WriteJUnit(w io.Writer, failOn Severity) error {
	checks := each(accesscheck.Checks(), func(c accesscheck.Check) string { return string(c) })
	for i := range r.Findings {
		if check := r.Findings[i].Check; !slices.Contains(checks, check) {
			checks = append(checks, check)
		}
	}
	s := output.Suite{Name: "iam review"}
	for _, check := range checks {
		before := len(s.Cases)
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Check == check {
				s.Cases = append(s.Cases, f.testCase(failOn))
			}
		}
		if len(s.Cases) == before {
			s.Cases = append(s.Cases, output.Case{Name: check, ClassName: check})
		}
	}
	for _, open := range r.openParts() {
		c := output.Case{Name: "not judged: " + plainText(open.title), ClassName: notJudgedRule}
		outcome := &output.Outcome{Message: output.Printable(open.reason), Type: notJudgedRule}
		if rank(r.NotJudgedSeverity) >= rank(cmp.Or(failOn, Error)) {
			c.Failure = outcome
		} else {
			c.Skipped = outcome
		}
		place(&c, open.sources)
		s.Cases = append(s.Cases, c)
	}
	return output.WriteJUnit(w, "iam review", []output.Suite{s})
}

func (f *Finding) testCase(failOn Severity) output.Case {
	c := output.Case{Name: output.Printable(f.Check + " " + f.ID), ClassName: f.Check}
	place(&c, f.Sources)
	text := f.message()
	for _, source := range f.Sources {
		text += "\n" + plainText(phrase{}.source(source))
	}
	switch {
	case f.Accepted != nil:
		c.Skipped = &output.Outcome{Message: "accepted: " + f.Accepted.text(), Text: text}
	case rank(Severity(f.severity())) >= rank(cmp.Or(failOn, Error)):
		c.Failure = &output.Outcome{Message: output.Printable(f.Summary), Type: f.severity(), Text: text}
	default:
		c.Output = f.severity() + ": " + text
	}
	return c
}

// place sets the file of a test to the first one that is known.
func place(c *output.Case, sources []Source) {
	if i := slices.IndexFunc(sources, func(s Source) bool { return s.File != "" }); i >= 0 {
		c.File, c.Line = output.Printable(sources[i].File), sources[i].Line
	}
}

// rank returns the order of a severity. Nothing is as severe as "never".
func rank(s Severity) int { return slices.Index([]Severity{"", Off, Note, Warning, Error, "never"}, s) }
