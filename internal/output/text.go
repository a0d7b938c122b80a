// Package output writes the formats in which other programs read findings, SARIF and JUnit, and makes texts of unknown
// origin safe to show to people.
package output

import (
	"fmt"
	"strings"
	"unicode"
)

// Printable returns a text with every character escaped that a reader would not see, or that could move the cursor,
// change colours, change the order of other characters or cover them.
func Printable(s string) string {
	if strings.IndexFunc(s, isUnprintable) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !isUnprintable(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// PrintableLines is [Printable] for each line of a text.
func PrintableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = Printable(line)
	}
	return strings.Join(lines, "\n")
}

func isUnprintable(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return !unicode.IsPrint(r) || r == unicode.ReplacementChar || unicode.Is(unicode.M, r) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || isRightToLeft(r)
}

// isRightToLeft reports whether the character is in a block of Unicode whose characters are written from right to left.
// Such a character also moves the digits and the punctuation beside it.
func isRightToLeft(r rune) bool {
	return r >= 0x590 && r <= 0x8ff || r >= 0xfb1d && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff ||
		r >= 0x10800 && r <= 0x10fff || r >= 0x1e800 && r <= 0x1efff
}

// MermaidText returns a text as a label of a Mermaid graph, in quotes. It escapes every character that Mermaid could
// read as its own syntax or as Markdown, also inside quotes.
func MermaidText(text string) string {
	if text == "" {
		return `" "` // Mermaid refuses an empty label
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range Printable(text) {
		switch {
		case r == '"':
			b.WriteString("#quot;")
		case r == '<':
			b.WriteString("#lt;")
		case r == '>':
			b.WriteString("#gt;")
		case r < 0x80 && strings.ContainsRune("#`%{}&;[]~|$!@", r):
			fmt.Fprintf(&b, "#%d;", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
