package simulation

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Error is one mistake in a question.
type Error struct {
	// Path is the field, such as boundary, scps[0][1], identity["dev"] or context["aws:SourceIp"].
	// It is empty for an error about the question as a whole.
	Path string
	// Pos is the position in the question's text, if the question came from text. For a policy
	// written as an object it is the position inside the policy.
	Pos tree.Pos
	// Source is the name of the file that the policy was loaded from, if it was loaded.
	Source string
	// Within is the position in the policy's own text, for a policy given as a string of JSON or
	// loaded from a file.
	Within tree.Pos
	// JSONPath is the place inside the policy, such as $.Statement[0].Action, and Code is the
	// finding's issue code. Both are empty for an error that is not about a policy.
	JSONPath string
	Code     policy.Code
	Message  string // whole sentences
}

// Error returns the field, the message, and the place inside the policy. It leaves Pos and Source to
// the caller, who knows how to name the question's text.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString(e.Message)
	var details []string
	if e.Code != "" {
		details = append(details, string(e.Code))
	}
	if e.JSONPath != "" {
		details = append(details, "at "+e.JSONPath)
	}
	if e.Within.Known() && e.Source == "" {
		details = append(details, fmt.Sprintf("line %d, column %d of its text", e.Within.Line, e.Within.Column))
	}
	if len(details) > 0 {
		b.WriteString(" (" + strings.Join(details, ", ") + ")")
	}
	return b.String()
}

// Field returns the name of the field that the error is about, such as boundary or scps. It returns
// "" for an error about the question as a whole.
func (e *Error) Field() string {
	if i := strings.IndexAny(e.Path, "[."); i >= 0 {
		return e.Path[:i]
	}
	return e.Path
}

// Errors lists all mistakes in a question, in the order of its fields. Every error that this package
// returns about a question has this type.
type Errors []*Error

// Error returns one line for each error, with its position.
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
