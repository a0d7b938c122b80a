package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// TestGenerate_TableIsCurrent fails if the table was edited, or not generated again.
func TestGenerate_TableIsCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the service models")
	}
	// `go test` caches results and does not notice changes of files outside this module. It notices a change of a linked
	// package.
	if _, ok := model.Lookup("CreateUser"); !ok {
		t.Error("the table has no CreateUser")
	}
	want, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join("..", "..", "internal", "engine", "model", "table.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("internal/engine/model/table.go differs from the output of tools/model: run make generate")
	}
}

func TestFirstSentence(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"empty text", "", ""},
		{"tags and entities", "<p>Creates a <i>new</i> user &amp; more.</p> <p>Second.</p>", "Creates a new user & more."},
		{"sentence within a paragraph", "<p>The name. This parameter allows more.</p>", "The name."},
		{"abbreviation", "<p>A name, e.g. Ana, of a user. Another.</p>", "A name, e.g. Ana, of a user."},
		{"version number", "<p>Version 2.0 of it.</p>", "Version 2.0 of it."},
		{"spaces at tags", "<p>The reply to <a>GetUser</a>.</p>", "The reply to GetUser."},
		{"empty paragraph", "<p/><p></p><p>Said.</p>", "Said."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := firstSentence(tc.text); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTranslate(t *testing.T) {
	matches := func(t *testing.T, pattern, value string) bool {
		t.Helper()
		expressions, err := translate(pattern)
		if err != nil {
			t.Fatal(err)
		}
		return !slices.ContainsFunc(expressions, func(e string) bool {
			return !regexp.MustCompile(`\A(?:` + e + `)\z`).MatchString(value)
		})
	}
	for _, tc := range []struct {
		pattern, value string
		want           bool
	}{
		{`[\u0009\u000A\u000D\u0020-\u00FF]+`, "a\tb\r\nÿ", true},
		{`[\u0009\u000A\u000D\u0020-\u00FF]+`, "Ā", false},
		{`[\u0009\u000A\u000D\u0020-\u00FF]+`, "\x0b", false},
		{`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "/", true},
		{`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "/a/b/", true},
		{`(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, "/a/b", false},
		// Java reads four digits. The fifth is another character.
		{`[\u10000]`, "0", true},
		{`[\u10000]`, "\U00010000", false},
		{aliasPattern, "abc", true},
		{aliasPattern, "a-b-c", true},
		{aliasPattern, "ab", false},
		{aliasPattern, "a--b", false},
		{aliasPattern, "-ab", false},
		{aliasPattern, "ab-", false},
	} {
		if got := matches(t, tc.pattern, tc.value); got != tc.want {
			t.Errorf("%s matches %q: %v, want %v", tc.pattern, tc.value, got, tc.want)
		}
	}
	if _, err := translate(`a(?!b)`); err == nil {
		t.Error("translate accepted a pattern with an unknown lookahead")
	}
}
