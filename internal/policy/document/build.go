package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Arguments contains the arguments of a document: those of the data source or of the function
// policy_document.
type Arguments struct {
	Version    *tree.Node // nil for the default
	ID         *tree.Node // nil for none
	Statements []tree.Node
}

// Fault is an error in the arguments of a document.
type Fault struct {
	Statement int    // the index of the statement, or -1 for a fault outside the statements
	Argument  string // the name of the argument, such as actions, or empty
	Message   string
}

// Error returns the message with the position of the fault.
func (e *Fault) Error() string {
	switch {
	case e.Statement < 0 && e.Argument == "":
		return e.Message
	case e.Statement < 0:
		return e.Argument + ": " + e.Message
	case e.Argument == "":
		return fmt.Sprintf("statement %d: %s", e.Statement, e.Message)
	}
	return fmt.Sprintf("statement %d, %s: %s", e.Statement, e.Argument, e.Message)
}

// Build builds a document from statement blocks. It returns all faults.
func Build(from Arguments) (tree.Node, []*Fault) {
	doc := tree.Node{Kind: tree.Object}
	version := tree.Node{Kind: tree.String, Text: policy.Version2012}
	if from.Version != nil {
		version = *from.Version
	}
	doc.Members = append(doc.Members, tree.Member{Name: "Version", Value: version})
	if from.ID != nil && (from.ID.Kind != tree.String || from.ID.Text != "") {
		doc.Members = append(doc.Members, tree.Member{Name: "Id", Value: *from.ID})
	}
	w := &statementWriter{oldVersion: version.Kind == tree.String && version.Text == policy.Version2008}
	statements := tree.Node{Kind: tree.Array}
	sids := map[string]int{}
	for i := range from.Statements {
		w.index = i
		written := w.statement(&from.Statements[i])
		if sid, ok := written.Member("Sid"); ok && sid.Kind == tree.String {
			if first, seen := sids[sid.Text]; seen {
				w.fail("sid", "statement %d already has the sid %q; sids must be unique.", first, sid.Text)
			} else {
				sids[sid.Text] = i
			}
		}
		statements.Elements = append(statements.Elements, written)
	}
	if len(statements.Elements) > 0 {
		doc.Members = append(doc.Members, tree.Member{Name: "Statement", Value: statements})
	}
	if len(w.faults) > 0 {
		return doc, w.faults
	}
	return doc, check(doc)
}

// check returns the faults that make a document invalid for every kind of policy. Missing
// statements are not a fault, because other documents may be merged into the document.
func check(doc tree.Node) []*Fault {
	if _, ok := doc.Member("Statement"); !ok {
		doc.Members = append(slices.Clone(doc.Members), tree.Member{Name: "Statement", Value: unknown})
	}
	_, err := policy.Decode(doc)
	if err == nil {
		return nil
	}
	findings, ok := err.(policy.Findings) //nolint:errorlint // Decode returns them bare
	if !ok {
		return []*Fault{{Statement: -1, Message: err.Error()}}
	}
	var faults []*Fault
	for _, finding := range findings {
		statement, argument := ArgumentOf(finding.Path)
		faults = append(faults, &Fault{Statement: statement, Argument: argument, Message: finding.Message})
	}
	return faults
}

// argumentNames maps the elements of a document to the arguments that they come from.
var argumentNames = map[string]string{
	"Version": "version", "Id": "policy_id", "Sid": "sid", "Effect": "effect",
	"Action": "actions", "NotAction": "not_actions", "Resource": "resources", "NotResource": "not_resources",
	"Principal": "principals", "NotPrincipal": "not_principals", "Condition": "condition",
}

// ArgumentOf returns the statement and the argument that the element at a path of the document comes
// from. The statement is -1 for an element outside the statements.
func ArgumentOf(path string) (statement int, argument string) {
	if n, _ := fmt.Sscanf(path, "$.Statement[%d]", &statement); n == 0 {
		element, _, _ := strings.Cut(strings.TrimPrefix(path, "$."), "[")
		return -1, argumentNames[element]
	}
	_, rest, _ := strings.Cut(path, "].")
	if i := strings.IndexAny(rest, ".["); i >= 0 {
		rest = rest[:i]
	}
	return statement, argumentNames[rest]
}
