package policy

import (
	"fmt"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
	"slices"
	"strconv"
	"strings"
)

// FindingKind is how much a finding weighs, in Access Analyzer's terms.
type FindingKind uint8

// The kinds of finding, the gravest first.
const (
	// Error: AWS refuses the policy, or it cannot mean what it says.
	Error FindingKind = iota
	// SecurityWarning: the policy works and grants more than it should.
	SecurityWarning
	// Warning: the policy works and departs from what its author will expect.
	Warning
	// Suggestion: the policy could say the same more simply.
	Suggestion
)

// String is the kind as policy checks print it: ERROR, SECURITY_WARNING,
// WARNING, SUGGESTION.
func (k FindingKind) String() string {
	return [...]string{"ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"}[k]
}

// Code is an issue code: Access Analyzer's where one fits
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html),
// else one of this package's own, listed in codes.go.
type Code string

// Finding is one thing to say about a document.
type Finding struct {
	Kind    FindingKind
	Code    Code
	Message string   // whole sentences: what was found, and what to do
	Path    string   // JSON path, such as $.Statement[0].Action[1]
	Pos     tree.Pos // where the document came from text
}

// String is the finding on one line: position, code, path, message.
func (f Finding) String() string {
	var b strings.Builder
	if f.Pos.Known() {
		b.WriteString(f.Pos.String() + ": ")
	}
	fmt.Fprintf(&b, "%s (%s at %s)", f.Message, f.Code, f.Path)
	return b.String()
}

// newFinding puts a finding together.
func newFinding(kind FindingKind, code Code, path string, pos tree.Pos, format string, args ...any) Finding {
	return Finding{Kind: kind, Code: code, Path: path, Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// Findings are what is to say about a document, in the order of its text. As
// an error they hold only findings of kind Error.
type Findings []Finding

// Error joins the findings, one a line.
func (f Findings) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

// Errors are the findings of kind Error.
func (f Findings) Errors() Findings {
	var out Findings
	for _, finding := range f {
		if finding.Kind == Error {
			out = append(out, finding)
		}
	}
	return out
}

// maxFindings is the most findings about one document: more would help nobody,
// and a hostile document could have hundreds of thousands.
const maxFindings = 1000

// sort brings findings into the order of the text. Without positions the order
// in which they were found stays, which is the order of the elements.
func (f Findings) sort() {
	slices.SortStableFunc(f, func(a, b Finding) int { return a.Pos.Offset - b.Pos.Offset })
}

// elementPath is the JSON path of an array's element.
func elementPath(path string, i int) string {
	return path + "[" + strconv.Itoa(i) + "]"
}

// MemberPath is the JSON path of an object's member: dotted where the name
// allows it, else in brackets (RFC 9535).
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
