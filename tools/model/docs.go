package main

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// tag matches an HTML tag.
var tag = regexp.MustCompile(`<[^>]*>`)

// firstSentence returns the first sentence of HTML documentation as plain text.
func firstSentence(text string) string {
	// Find the first paragraph with text.
	for paragraph := range strings.SplitSeq(text, "</p>") {
		plain := strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(paragraph, " "))), " ")
		if plain == "" {
			continue
		}
		return cutSentence(punctuation.Replace(plain))
	}
	return ""
}

// punctuation removes the spaces that removed tags leave before punctuation.
var punctuation = strings.NewReplacer(" .", ".", " ,", ",", " ;", ";", " :", ":", " )", ")", "( ", "(")

// cutSentence returns the text up to the end of its first sentence.
func cutSentence(text string) string {
	for i := 0; i+2 < len(text); i++ {
		if text[i] != '.' || text[i+1] != ' ' {
			continue
		}
		next := []rune(text[i+2:])[0]
		abbreviated := strings.HasSuffix(text[:i], "e.g") || strings.HasSuffix(text[:i], "i.e")
		if unicode.IsUpper(next) && !abbreviated {
			return text[:i+1]
		}
	}
	return text
}
