package review

import (
	"io"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/output"
)

const (
	// guide is the page about reviews.
	guide = "https://github.com/iam-as-code/terraform-provider-iam/blob/main/docs/guides/review.md"

	// notJudgedRule is the rule of the parts of a plan that could not be judged.
	notJudgedRule = "not_judged"

	// planURI is the place of a result whose file is not known. GitHub refuses a report in which a result has no file.
	planURI = "plan.json"
)

// WriteSARIF writes the findings as SARIF 2.1.0, with the accepted ones as suppressed results. Parts that could not be
// judged are results too, because a viewer would not show them otherwise. version is the version of this program.
func (r *Report) WriteSARIF(w io.Writer, version string) error {
	var results []output.Result
	for i := range r.Findings {
		f := &r.Findings[i]
		result := output.Result{Rule: ruleOf(f.Check, f.severity()), Level: f.severity(), Message: f.message(),
			Fingerprint: f.ID, Locations: locationsOf(f.Sources)}
		if f.Accepted != nil {
			result.Accepted = f.Accepted.text()
		}
		results = append(results, result)
	}
	level := string(r.NotJudgedSeverity)
	if r.NotJudgedSeverity != Error && r.NotJudgedSeverity != Warning {
		level = string(Note)
	}
	for _, part := range r.openParts() {
		results = append(results, output.Result{Rule: ruleOf(notJudgedRule, level), Level: level,
			Message: "Not judged: " + part.text(), Locations: locationsOf(part.sources)})
	}
	return output.WriteSARIF(w, version, results)
}

func ruleOf(check, level string) output.Rule {
	return output.Rule{ID: check, HelpURI: guide, Level: level, Help: "Review access in a pull request: " + guide,
		HelpMarkdown: "[Review access in a pull request](" + guide + ")"}
}

// message returns the summary and the details of a finding, each on its line.
func (f *Finding) message() string {
	var lines []string
	for _, text := range append([]string{f.Summary}, f.Details...) {
		if text != "" {
			lines = append(lines, output.Printable(text))
		}
	}
	if len(lines) == 0 {
		return f.Check
	}
	return strings.Join(lines, "\n")
}

// text returns the reason of an acceptance with its end.
func (a *Acceptance) text() string {
	text := output.Printable(a.Reason)
	if text == "" {
		text = "Accepted without a reason"
	}
	if a.Expires != "" {
		text += " (until " + output.Printable(a.Expires) + ")"
	}
	return text
}

// text returns the name of a part with the reason.
func (o *openPart) text() string {
	if len(o.title) == 0 {
		return output.Printable(o.reason)
	}
	return plainText(o.title) + ": " + output.Printable(o.reason)
}

// locationsOf returns the sources as places, those with a file first.
func locationsOf(sources []Source) []output.Location {
	var with, without []output.Location
	for _, s := range sources {
		l := output.Location{URI: planURI, Logical: output.Printable(s.Address)}
		if s.File == "" {
			without = append(without, l)
			continue
		}
		l.URI, l.Line = output.FileURI(s.File), s.Line
		with = append(with, l)
	}
	if with = append(with, without...); len(with) > 0 {
		return with
	}
	return []output.Location{{URI: planURI}}
}
