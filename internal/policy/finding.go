package policy

import (
	"fmt"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"slices"
	"strconv"
	"strings"
)

// FindingKind is the severity of a finding, in Access Analyzer's terms.
type FindingKind uint8

// The kinds of finding, the most severe first.
const (
	// Error means that AWS refuses the policy, or that it cannot have the meaning
	// it seems to have.
	Error FindingKind = iota
	// SecurityWarning means that the policy works but grants more than it should.
	SecurityWarning
	// Warning means that the policy works but not as its author probably expects.
	Warning
	// Suggestion means that the policy could be written more simply.
	Suggestion
)

// String returns the kind as policy checks print it: ERROR, SECURITY_WARNING,
// WARNING, SUGGESTION.
func (k FindingKind) String() string {
	return [...]string{"ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"}[k]
}

// Code is an issue code: Access Analyzer's where one fits
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html),
// otherwise one of this project, listed in codes.go.
type Code string

// Finding is one remark about a document.
type Finding struct {
	Kind    FindingKind
	Code    Code
	Message string   // whole sentences: the problem, and the remedy
	Path    string   // JSON path, such as $.Statement[0].Action[1]
	Pos     tree.Pos // if the document came from text
}

// String returns the finding on one line: position, message, code, path.
func (f Finding) String() string {
	var b strings.Builder
	if f.Pos.Known() {
		b.WriteString(f.Pos.String() + ": ")
	}
	fmt.Fprintf(&b, "%s (%s at %s)", f.Message, f.Code, f.Path)
	return b.String()
}

// newFinding returns a finding with a formatted message.
func newFinding(kind FindingKind, code Code, path string, pos tree.Pos, format string, args ...any) Finding {
	return Finding{Kind: kind, Code: code, Path: path, Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// Findings lists the findings about a document in the order of its text. As an
// error, it contains only findings of kind Error.
type Findings []Finding

// Error returns one line for each finding.
func (f Findings) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

// Errors returns the findings of kind Error.
func (f Findings) Errors() Findings {
	var out Findings
	for _, finding := range f {
		if finding.Kind == Error {
			out = append(out, finding)
		}
	}
	return out
}

// maxFindings limits the findings about one document, since a hostile document
// could have hundreds of thousands.
const maxFindings = 1000

// sort sorts the findings by their position. Findings without positions keep their
// order, which is the order of the elements.
func (f Findings) sort() {
	slices.SortStableFunc(f, func(a, b Finding) int { return a.Pos.Offset - b.Pos.Offset })
}

// elementPath returns the JSON path of an array's element.
func elementPath(path string, i int) string {
	return path + "[" + strconv.Itoa(i) + "]"
}

// MemberPath returns the JSON path of an object's member (RFC 9535): with a dot if
// the name allows it, otherwise in brackets.
func MemberPath(path, name string) string {
	plain := name != ""
	for i := 0; i < len(name); i++ {
		c := name[i]
		if (c < '0' || c > '9' || i == 0) && (c|0x20 < 'a' || c|0x20 > 'z') && c != '_' {
			plain = false
			break
		}
	}
	if plain {
		return path + "." + name
	}
	return path + "['" + pathEscaper.Replace(name) + "']"
}

var pathEscaper = strings.NewReplacer(`\`, `\\`, `'`, `\'`)
