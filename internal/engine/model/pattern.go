package model

import (
	"regexp"
	"regexp/syntax"
	"sync"
	"unicode/utf8"
)

// Pattern is a regular expression that must match the whole value. The first call of Match compiles it.
type Pattern struct {
	text        string
	expressions []string // in the syntax of RE2; all must match

	compile sync.Once
	class   *class
	regexps []*regexp.Regexp
}

// String returns the pattern in Java's syntax, as the service's messages contain it.
func (p *Pattern) String() string { return p.text }

// Match reports whether the whole of a value matches.
func (p *Pattern) Match(value string) bool {
	p.compile.Do(func() {
		if p.class = parseClass(p.expressions); p.class != nil {
			return
		}
		for _, e := range p.expressions {
			p.regexps = append(p.regexps, regexp.MustCompile(`\A(?:`+e+`)\z`))
		}
	})
	if p.class != nil {
		return p.class.match(value)
	}
	for _, r := range p.regexps {
		if !r.MatchString(value) {
			return false
		}
	}
	return true
}

// class is an expression such as [\w+=,.@-]+. Nearly all patterns are of this kind, and some are for
// documents of hundreds of kilobytes. Checking each character once takes a ninth of the time of the regular expression.
type class struct {
	ascii  [utf8.RuneSelf]bool
	ranges []rune // pairs of first and last
	empty  bool   // the empty string matches
}

// parseClass parses one repeated class of characters. It returns nil for any other expression.
func parseClass(expressions []string) *class {
	if len(expressions) != 1 {
		return nil
	}
	parsed, err := syntax.Parse(expressions[0], syntax.Perl)
	if err != nil || parsed.Op != syntax.OpPlus && parsed.Op != syntax.OpStar || parsed.Sub[0].Op != syntax.OpCharClass {
		return nil
	}
	c := &class{ranges: parsed.Sub[0].Rune, empty: parsed.Op == syntax.OpStar}
	for r := range c.ascii {
		c.ascii[r] = c.contains(rune(r))
	}
	return c
}

// contains reports whether a character is in the class.
func (c *class) contains(r rune) bool {
	for i := 0; i < len(c.ranges); i += 2 {
		if c.ranges[i] <= r && r <= c.ranges[i+1] {
			return true
		}
	}
	return false
}

// match reports whether a value contains only characters of the class.
func (c *class) match(value string) bool {
	for _, r := range value {
		if r < utf8.RuneSelf && !c.ascii[r] || r >= utf8.RuneSelf && !c.contains(r) {
			return false
		}
	}
	return value != "" || c.empty
}

// Invalid returns the first character of a value that no value with this pattern has. found is false if there is none,
// or if the pattern is not a repeated class of characters.
func (p *Pattern) Invalid(value string) (invalid rune, found bool) {
	if p.Match(value) || p.class == nil {
		return 0, false
	}
	for _, r := range value {
		if !p.class.contains(r) {
			return r, true
		}
	}
	return 0, false
}
