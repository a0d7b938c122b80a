package main

import (
	"fmt"
	"regexp"
)

// The one pattern that looks ahead, which RE2 cannot: letters, digits and single hyphens, 3 to 63
// of them, no hyphen first or last. Two expressions that must both match say the same.
const aliasPattern = `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`

var aliasExpressions = []string{`[a-z0-9][a-z0-9-]{1,61}[a-z0-9]`, `[a-z0-9](-?[a-z0-9])*`}

// javaEscape is Java's way to write a character: exactly four digits, also where a fifth follows.
var javaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// translate writes one of the model's patterns, which are Java's, as expressions of RE2 that must
// all match the whole of a value.
func translate(pattern string) ([]string, error) {
	if pattern == aliasPattern {
		return aliasExpressions, nil
	}
	expression := javaEscape.ReplaceAllString(pattern, `\x{$1}`)
	if _, err := regexp.Compile(expression); err != nil {
		return nil, fmt.Errorf("the pattern %s has no form in RE2 yet, give it one in tools/model: %w", pattern, err)
	}
	return []string{expression}, nil
}
