package review

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

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
			b.WriteString(wrapped(plainText(l.text), "  ", "    "))
			if s.folded {
				continue
			}
			for _, p := range l.more {
				b.WriteString(wrapped(plainText(p), "      ", "        "))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// textWidth is the width of the lines of a report for a terminal.
const textWidth = 100

// wrapped returns a text in lines. The first line has another indent than the others.
func wrapped(text, first, others string) string {
	var b strings.Builder
	width, indent := 0, first
	for word := range strings.SplitSeq(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case width == 0:
			b.WriteString(indent + word)
			width = len(indent) + n
		case width+1+n > textWidth:
			indent = others
			b.WriteString("\n" + indent + word)
			width = len(indent) + n
		default:
			b.WriteString(" " + word)
			width += 1 + n
		}
	}
	b.WriteString("\n")
	return b.String()
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
