package review

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/iam-as-code/terraform-provider-iam/internal/output"
)

//go:embed report.html
var pageText string

//go:embed report.css
var pageStyle string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// The data of the page.
type (
	pageSection struct {
		Title string
		Lines []pageLine
	}
	pageLine struct {
		Text []pageSpan
		More [][]pageSpan
		Path *drawing
	}
	pageSpan struct {
		Class string // name, or the word if this package emphasizes it
		Text  string
	}
)

// WriteHTML writes the report as one page, with everything that it needs, also the graphs of who can become whom. The
// page has no script, and its content security policy forbids scripts and loads nothing.
func (r *Report) WriteHTML(w io.Writer) error {
	c := r.content()
	sum := sha256.Sum256([]byte(pageStyle))
	data := map[string]any{
		"Style": template.CSS(pageStyle), //nolint:gosec // the style is constant
		"Policy": template.HTMLAttr(`content="default-src 'none'; style-src 'sha256-` + //nolint:gosec // constant
			base64.StdEncoding.EncodeToString(sum[:]) + `'; base-uri 'none'; form-action 'none'"`),
		"Headline": pageSpans(c.headline), "Summary": pageSpans(c.summary), "Drawings": r.drawings(),
		"Sections": each(c.sections, r.pageSection),
	}
	if len(c.details.lines) > 0 {
		data["Details"] = r.pageSection(c.details)
	}
	return pageTemplate.Execute(w, data)
}

func (r *Report) pageSection(s section) pageSection {
	return pageSection{s.title, each(s.lines, func(l line) pageLine {
		return pageLine{pageSpans(l.text), each(l.more, pageSpans), drawPath(l.graph, r.AccountID)}
	})}
}

func pageSpans(p phrase) []pageSpan {
	return each(p, func(s span) pageSpan {
		switch s.kind {
		case name:
			return pageSpan{"name", output.Printable(s.text)}
		case strong:
			return pageSpan{s.text, s.text}
		}
		return pageSpan{"", output.Printable(s.text)}
	})
}
