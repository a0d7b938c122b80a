package main

import (
	"fmt"
	"regexp"
)

// aliasPattern is the only pattern with a lookahead, which RE2 lacks. It accepts 3 to 63 letters, digits and
// single hyphens, without a hyphen at either end. aliasExpressions, which must both match, replace it.
const aliasPattern = `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`

var aliasExpressions = []string{`[a-z0-9][a-z0-9-]{1,61}[a-z0-9]`, `[a-z0-9](-?[a-z0-9])*`}

// javaEscape matches Java's escape of a character. It has exactly four digits, even if a fifth digit follows.
var javaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// translate translates a pattern from Java's syntax to RE2. A value is valid if every returned expression
// matches it as a whole.
func translate(pattern string) ([]string, error) {
	if pattern == aliasPattern {
		return aliasExpressions, nil
	}
	expression := javaEscape.ReplaceAllString(pattern, `\x{$1}`)
	if _, err := regexp.Compile(expression); err != nil {
		return nil, fmt.Errorf("RE2 cannot compile the pattern %s; add a translation to tools/model: %w", pattern, err)
	}
	return []string{expression}, nil
}
