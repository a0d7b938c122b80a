package policy

import (
	"fmt"
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"strings"
)

// PartKind says what a [Part] of a pattern is.
type PartKind uint8

// The parts of a pattern.
const (
	Literal  PartKind = iota
	Star              // `*`: any number of characters
	AnyOne            // `?`: exactly one character
	Variable          // ${key} or ${key, 'default'}
)

// Part is a piece of a string in which wildcards and policy variables may stand.
type Part struct {
	Kind PartKind
	// Text is the literal's text, or the variable's key as written.
	Text       string
	Default    string
	HasDefault bool
}

// PatternError says why a policy variable cannot be read.
type PatternError struct {
	Code    Code
	Message string
}

// Error is the message.
func (e *PatternError) Error() string { return e.Message }

// ParsePattern takes a string apart into literals, wildcards and, if variables
// is set (Version 2012-10-17), policy variables; `${*}`, `${?}` and `${$}` are
// literals. The error is a *[PatternError].
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func ParsePattern(text string, variables bool) ([]Part, error) {
	if !strings.ContainsAny(text, "*?$") {
		if text == "" {
			return nil, nil
		}
		return []Part{{Kind: Literal, Text: text}}, nil
	}
	var parts []Part
	// run is the literal being put together: a builder, so that a text of
	// nothing but dollar signs costs no more than any other.
	var run strings.Builder
	flush := func() {
		if run.Len() > 0 {
			parts = append(parts, Part{Kind: Literal, Text: run.String()})
			run.Reset()
		}
	}
	add := func(part Part) {
		flush()
		parts = append(parts, part)
	}
	for text != "" {
		i := strings.IndexAny(text, "*?$")
		if i < 0 {
			run.WriteString(text)
			break
		}
		run.WriteString(text[:i])
		text = text[i:]
		switch {
		case text[0] == '*':
			add(Part{Kind: Star})
			text = text[1:]
		case text[0] == '?':
			add(Part{Kind: AnyOne})
			text = text[1:]
		case !variables || !strings.HasPrefix(text, "${"):
			run.WriteByte('$')
			text = text[1:]
		default:
			part, rest, err := parseVariable(text)
			if err != nil {
				return nil, err
			}
			if part.Kind == Literal {
				run.WriteString(part.Text)
			} else {
				add(part)
			}
			text = rest
		}
	}
	flush()
	return parts, nil
}

// parseVariable reads the variable that text, from "${" on, begins with.
func parseVariable(text string) (Part, string, error) {
	fail := func(code Code, format string, args ...any) (Part, string, error) {
		return Part{}, "", &PatternError{Code: code, Message: fmt.Sprintf(format, args...)}
	}
	body := text[2:]
	end := strings.IndexAny(body, ",}")
	if end < 0 {
		return fail(CodeMissingBrace, "The policy variable %q has no closing brace.", text)
	}
	key := body[:end]
	shown := text[:2+end+1]
	switch {
	case key == "" || strings.TrimSpace(key) == "":
		return fail(CodeEmptyVariable, "The policy variable %q is empty; name a condition key, or write ${$} for a dollar sign.", shown)
	case strings.ContainsAny(key, " \t\r\n"):
		return fail(CodeSpaceInVariable, "The policy variable %q has white space in its key; a space may stand only after the comma of a default.", shown)
	case key != "$" && strings.ContainsAny(key, "${"):
		return fail(CodeMissingBrace, "The policy variable %q begins another one before it is closed.", shown)
	}
	if body[end] == '}' {
		rest := body[end+1:]
		if key == "*" || key == "?" || key == "$" {
			return Part{Kind: Literal, Text: key}, rest, nil
		}
		return Part{Kind: Variable, Text: key}, rest, nil
	}
	after := body[end+1:]
	value, ok := strings.CutPrefix(after, " '")
	if !ok {
		trimmed := strings.TrimLeft(after, " \t\r\n")
		if strings.HasPrefix(trimmed, "'") {
			return fail(CodeSpaceInVariable, "The default of the policy variable %q must follow the comma after exactly one space.", shown)
		}
		return fail(CodeMissingQuote, "The default of the policy variable %q must stand in single quotes, as in ${key, 'default'}.", shown)
	}
	value, rest, ok := strings.Cut(value, "'")
	if !ok {
		return fail(CodeMissingQuote, "The default of the policy variable %q has no closing quote.", shown)
	}
	if !strings.HasPrefix(rest, "}") {
		if strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), "}") {
			return fail(CodeSpaceInVariable, "The policy variable %q has a space before its closing brace.", shown)
		}
		return fail(CodeMissingBrace, "The policy variable %q has no closing brace after its default.", shown)
	}
	return Part{Kind: Variable, Text: key, Default: value, HasDefault: true}, rest[1:], nil
}

// ResourcePattern is a Resource or NotResource entry taken apart: the six
// fields of its ARN, or everything.
type ResourcePattern struct {
	// Everything says that the pattern is "*".
	Everything bool
	// Fields are the ARN's six fields: arn, partition, service, region,
	// account and resource.
	Fields [6][]Part
	// Padded says that the ARN had fewer fields, and `*` stands for the rest.
	Padded bool
}

// ParseResource takes a Resource or NotResource entry apart. An ARN with fewer
// than six fields is padded with `*`, as IAM does in identity policies; the
// caller refuses Padded elsewhere. The error is a *[PatternError].
//
// Variables may stand in the sixth field only
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-wheretouse),
// but AWS's own managed policies use one as the whole of the account field, so
// a key that holds an account id is let through there.
func ParseResource(text string, variables bool) (ResourcePattern, error) {
	var out ResourcePattern
	if text == "*" {
		out.Everything = true
		return out, nil
	}
	parts, err := ParsePattern(text, variables)
	if err != nil {
		return out, err
	}
	// variable says that the account field is a variable, which nothing may join.
	variable := func() bool { return len(out.Fields[4]) > 0 && out.Fields[4][0].Kind == Variable }
	partly := func() (ResourcePattern, error) {
		return out, &PatternError{Code: CodeVariableInElement, Message: fmt.Sprintf(
			"In %q a policy variable is only a part of the account field; it may stand there only as the whole of it.", text)}
	}
	field := 0
	for _, part := range parts {
		if part.Kind == Variable && field < 5 && !(field == 4 && len(out.Fields[4]) == 0 && IsAccountKey(part.Text)) {
			return out, &PatternError{Code: CodeVariableInElement, Message: fmt.Sprintf(
				"In %q the policy variable ${%s} stands before the fifth colon; variables may stand only in the last field of an ARN.", text, part.Text)}
		}
		for part.Kind == Literal && field < 5 {
			head, tail, found := strings.Cut(part.Text, ":")
			if !found {
				break
			}
			if head != "" && field == 4 && variable() {
				return partly()
			}
			if head != "" {
				out.Fields[field] = append(out.Fields[field], Part{Kind: Literal, Text: head})
			}
			field++
			part.Text = tail
		}
		if part.Kind == Literal && part.Text == "" {
			continue
		}
		if field == 4 && variable() {
			return partly()
		}
		out.Fields[field] = append(out.Fields[field], part)
	}
	if first := out.Fields[0]; len(first) != 1 || first[0].Kind != Literal || first[0].Text != "arn" {
		return out, &PatternError{Code: CodeInvalidARNPrefix, Message: fmt.Sprintf(
			"%q is neither \"*\" nor an ARN, which begins with \"arn:\" and has the form arn:partition:service:region:account:resource.", text)}
	}
	for ; field < 5; field++ {
		out.Padded = true
		out.Fields[field+1] = []Part{{Kind: Star}}
	}
	return out, nil
}

// IsAccountKey reports whether a condition key always holds an account id.
func IsAccountKey(key string) bool {
	switch ascii.Fold(key) {
	case "aws:principalaccount", "aws:resourceaccount", "aws:sourceaccount":
		return true
	}
	return false
}
