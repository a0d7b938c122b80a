package output

import (
	"strings"
	"testing"
)

func TestPrintable_EscapesWhatReadersDoNotSee(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"ASCII":              {"role/ci `x` <b>", "role/ci `x` <b>"},
		"letters":            {"Größe 日本", "Größe 日本"},
		"line end":           {"a\nb\r", `a\x0ab\x0d`},
		"escape sequence":    {"\x1b[31m", `\x1b[31m`},
		"C1 control":         {"\u009b31m", `\x9b31m`},
		"bidi override":      {"a\u202eb", `a\u202eb`},
		"right to left":      {"a\u05d0b", `a\u05d0b`},
		"zero width":         {"a\u200bb", `a\u200bb`},
		"combining mark":     {"a\u0301", `a\u0301`},
		"invisible letter":   {"a\u3164b", `a\u3164b`},
		"tag character":      {"a\U000e0041", `a\U000e0041`},
		"no-break space":     {"a\u00a0b", `a\xa0b`},
		"invalid UTF-8":      {"a\xffb", `a\ufffdb`},
		"delete":             {"a\x7f", `a\x7f`},
		"variation selector": {"a\ufe0f", `a\ufe0f`},
	} {
		if got := Printable(test.text); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestMermaidText_EndsOnlyAtItsQuote(t *testing.T) {
	for text, want := range map[string]string{
		"s3:GetObject, role/a*": `"s3:GetObject, role/a*"`,
		"":                      `" "`,
		`a"]; click n0 "x`:      `"a#quot;#93;#59; click n0 #quot;x"`,
		"`**a**`":               `"#96;**a**#96;"`,
		`%%{init: {}}%%`:        `"#37;#37;#123;init: #123;#125;#125;#37;#37;"`,
		"<b>&lt;#35;\n":         `"#lt;b#gt;#38;lt#59;#35;35#59;\x0a"`,
	} {
		if got := MermaidText(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func FuzzMermaidText(f *testing.F) {
	f.Add("a\"b")
	f.Fuzz(func(t *testing.T, text string) {
		got := MermaidText(text)
		inside := strings.TrimSuffix(strings.TrimPrefix(got, `"`), `"`)
		if len(inside) != len(got)-2 || strings.ContainsAny(inside, "\"`%{}<>\n\r") {
			t.Errorf("%q: %s", text, got)
		}
	})
}
