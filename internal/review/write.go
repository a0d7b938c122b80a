package review

import (
	"fmt"
	"io"
	"slices"
)

// Formats returns the names of the formats of a report.
func Formats() []string { return []string{"text", "markdown", "json", "sarif", "junit", "html"} }

// WriteOptions are options of single formats.
type WriteOptions struct {
	Version string   // of this program
	FailOn  Severity // of the findings that fail the review
}

// Write writes the report in a format.
func (r *Report) Write(w io.Writer, format string, o WriteOptions) error {
	switch format {
	case "text":
		return r.WriteText(w)
	case "markdown":
		return r.WriteMarkdown(w, MarkdownOptions{})
	case "json":
		return r.WriteJSON(w)
	case "sarif":
		return r.WriteSARIF(w, o.Version)
	case "junit":
		return r.WriteJUnit(w, o.FailOn)
	case "html":
		return r.WriteHTML(w)
	}
	return fmt.Errorf("unknown format %q; the formats are %v", format, Formats())
}

// Fails reports whether a finding that is not accepted, or a part that is not judged, has a severity or a higher one.
// Nothing has the severity "never".
func (r *Report) Fails(severity Severity) bool {
	at := slices.Index([]Severity{Error, Warning, Note}, severity)
	worst := slices.Index([]Severity{Error, Warning, Note}, r.worst())
	return at >= 0 && worst >= 0 && worst <= at
}
