package review

import (
	"fmt"
	"io"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/output"
)

// WriteText writes the report for a terminal, without the examples.
func (r *Report) WriteText(w io.Writer) error {
	c := r.content()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", plainText(c.headline), plainText(c.summary))
	for _, s := range c.sections {
		fmt.Fprintf(&b, "\n%s:\n", s.title)
		for _, l := range s.lines {
			fmt.Fprintf(&b, "  %s\n", plainText(l.text))
			if s.folded {
				continue
			}
			for _, p := range l.more {
				fmt.Fprintf(&b, "      %s\n", plainText(p))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plainText returns a phrase in one line of plain text.
func plainText(p phrase) string {
	var b strings.Builder
	for _, s := range p {
		limit := maxSentence
		if s.kind == name {
			limit = maxName
		}
		b.WriteString(shorten(output.Printable(s.text), limit))
	}
	return b.String()
}
