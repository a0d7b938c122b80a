package main

import (
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
)

func TestNewWriter_ColourOnTerminalOnly(t *testing.T) {
	var out strings.Builder
	w := newWriter(&out)
	if w.colour {
		t.Error("a writer to memory uses colours")
	}
	w.printf("%s", w.styled(red, "x"))
	if out.String() != "x" {
		t.Errorf("got %q", out.String())
	}
	w.colour = true
	if got := w.styled(outcomeStyle(authz.Allowed), "x"); got != "\x1b[32mx\x1b[0m" {
		t.Errorf("got %q", got)
	}
	if got := w.styled("", ""); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestPrintable_EscapesControlCharacters(t *testing.T) {
	for in, want := range map[string]string{
		"unchanged — ä": "unchanged — ä",
		"\x1b[31mred":   `\x1b[31mred`,
		"two\nlines":    `two\x0alines`,
		"\u202eright":   `\u202eright`,
	} {
		if got := printable(in); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFileURI_Paths(t *testing.T) {
	for in, want := range map[string]string{
		"a b/c.json": "a%20b/c.json",
		"/a/c.json":  "file:///a/c.json",
		"<stdin>":    "stdin",
		"a:b.json":   "./a:b.json",
	} {
		if got := fileURI(in); got != want {
			t.Errorf("fileURI(%q) = %q, want %q", in, got, want)
		}
	}
}
