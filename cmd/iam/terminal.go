package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/output"
)

// writer writes text for people, with colours on a terminal and without elsewhere. It
// stores the first error, which the command returns.
type writer struct {
	out    io.Writer
	colour bool
	err    error
}

func newWriter(out io.Writer) *writer {
	return &writer{out: out, colour: isTerminal(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (w *writer) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}

// The styles of text, as the numbers of ANSI escapes.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
)

// styled returns the text in a style. Without colours it returns the text unchanged.
func (w *writer) styled(style, text string) string {
	if !w.colour || text == "" {
		return text
	}
	return "\x1b[" + style + "m" + text + "\x1b[0m"
}

// outcomeStyle returns the colour of an outcome.
func outcomeStyle(o authz.Outcome) string {
	switch {
	case o == authz.Allowed:
		return green
	case o.IsDenied():
		return red
	}
	return yellow
}

// padRight pads a text with spaces to a width. Callers pad before they style, because the
// escapes of a style have no width.
func padRight(text string, width int) string {
	if n := utf8.RuneCountInString(text); n < width {
		return text + strings.Repeat(" ", width-n)
	}
	return text
}

// widest returns the width of the widest text.
func widest(texts ...string) int {
	n := 0
	for _, t := range texts {
		n = max(n, utf8.RuneCountInString(t))
	}
	return n
}

// printable returns the text as [output.Printable] does. It makes input safe to print on a terminal.
func printable(s string) string { return output.Printable(s) }

// printableLines is printable for each line of a text.
func printableLines(text string) string { return output.PrintableLines(text) }
