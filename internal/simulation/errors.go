package simulation

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Error is one thing that is wrong with a question.
type Error struct {
	// Path is the field, such as boundary, scps[0][1], identity["dev"] or
	// context["aws:SourceIp"]. It is empty where the question as a whole is meant.
	Path string
	// Pos is the place in the text that the question came from, if it came
	// from text. For a policy written in place it is the place inside of it.
	Pos tree.Pos
	// Source names the file that the policy was loaded from, if it was.
	Source string
	// Within is the place in the policy's own text, for a policy given as a
	// string of JSON or loaded from a file.
	Within tree.Pos
	// JSONPath is the place inside of the policy, such as
	// $.Statement[0].Action, and Code the issue code of what is wrong there.
	// Both are empty for what is not about a policy.
	JSONPath string
	Code     policy.Code
	Message  string // whole sentences
}

// Error is the message with the field and the place that the reader needs
// beside Pos, which only the caller can put into words.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString(e.Message)
	var where []string
	if e.Code != "" {
		where = append(where, string(e.Code))
	}
	if e.JSONPath != "" {
		where = append(where, "at "+e.JSONPath)
	}
	if e.Within.Known() && e.Source == "" {
		where = append(where, fmt.Sprintf("line %d, column %d of its text", e.Within.Line, e.Within.Column))
	}
	if len(where) > 0 {
		b.WriteString(" (" + strings.Join(where, ", ") + ")")
	}
	return b.String()
}

// Field is the name of the field that the error is about, such as boundary or
// scps; empty where the question as a whole is meant.
func (e *Error) Field() string {
	if i := strings.IndexAny(e.Path, "[."); i >= 0 {
		return e.Path[:i]
	}
	return e.Path
}

// Errors is everything that is wrong with a question, in the order of its
// fields. It is the type of every error of this package.
type Errors []*Error

// Error joins the errors, one a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
		if pos := e[i].Pos; pos.Known() {
			lines[i] = pos.String() + ": " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}
