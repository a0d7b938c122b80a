package policy

import "strings"

// sid checks a statement's Sid (rule 8).
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
func (c *checker) sid(s *Statement, at string) {
	if !s.HasSid || s.Sid.Unknown {
		return
	}
	sid, pos := s.Sid.Value, s.Sid.Pos
	if sid == "" {
		c.add(Suggestion, CodeEmptySid, at, pos, "The Sid is empty. Give the statement a name, or remove the Sid.")
		return
	}
	if c.kind == Resource {
		// The service decides which characters the Sid of a resource policy may
		// contain: spaces, hyphens and underscores are common.
		c.characters(s.Sid, at)
	} else if i := strings.IndexFunc(sid, func(r rune) bool { return !asciiLetter(r) && (r < '0' || r > '9') }); i >= 0 {
		c.fail(CodeUnsupportedSid, at, pos, "The Sid %s contains %s. In %s a Sid may contain only letters and digits.",
			Quote(sid), Quote(firstRune(sid[i:])), c.policy())
	}
	first, again := c.sids[sid]
	if !again {
		c.sids[sid] = s.Index
		return
	}
	if c.kind == Resource {
		c.add(Warning, CodeUniqueSidsRecommended, at, pos, "The Sid %s is also the Sid of %s. Give each statement its own "+
			"Sid, so that a decision can name it; some services require that.", Quote(sid), c.doc.statementPath(first))
		return
	}
	c.fail(CodeUniqueSidsRequired, at, pos, "The Sid %s is also the Sid of %s; in %s it must be unique. Change one of "+
		"them.", Quote(sid), c.doc.statementPath(first), c.policy())
}

func asciiLetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

// firstRune returns the first character of s.
func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

// characters checks that a text has only characters that IAM accepts in a policy
// document: tab, line feed, carriage return and U+0020 to U+00FF (rule
// 10). Organizations and other services have no such rule.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
func (c *checker) characters(v Text, at string) {
	if c.kind == Resource || c.kind == ServiceControl || c.kind == ResourceControl {
		return
	}
	for _, r := range v.Value {
		if r > 0xff || r < 0x20 && r != '\t' && r != '\n' && r != '\r' {
			c.fail(CodeUnsupportedCharacter, at, v.Pos, "%s contains the character %U, and IAM accepts only tab, line feed, "+
				"carriage return and U+0020 to U+00FF in a policy. Replace it, for example by ?, which matches any one "+
				"character.", Quote(v.Value), r)
			return
		}
	}
}

// literalVariable reports whether a text seems to have a policy variable in a
// document whose version has none (rule 27), and adds a finding if so.
func (c *checker) literalVariable(v Text, at string) bool {
	_, after, found := strings.Cut(v.Value, "${")
	if c.variables || !found || !strings.Contains(after, "}") {
		return false
	}
	c.fail(CodeVariableInVersion, at, v.Pos, "%s contains ${…} as literal text, because only Version 2012-10-17 has "+
		"policy variables. Write \"Version\": \"2012-10-17\".", Quote(v.Value))
	return true
}
