package provider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// This file writes policy documents as the AWS provider's aws_iam_policy_document does, byte for byte, so
// that moving from it to this provider changes no plan. What is written is a tree of policy nodes whose
// members stand in that provider's order; what it means is for the policy package to judge.

// documentError is a fault of the arguments that a document is made of.
type documentError struct {
	Statement int    // its index, or -1 where the fault is not in one statement
	Argument  string // such as actions; empty where it is none in particular
	Message   string
}

func (e *documentError) Error() string {
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

// blocks is what a document is made of: the arguments of the data source, or of the function.
type blocks struct {
	Version    *tree.Node // nil: the default
	ID         *tree.Node
	Statements []tree.Node
}

// documentOf makes a document of statement blocks. Values that are unknown stay unknown nodes in it.
// All faults are returned, each with its place.
func documentOf(b blocks) (tree.Node, []*documentError) {
	doc := tree.Node{Kind: tree.Object}
	version := tree.Node{Kind: tree.String, Text: policy.Version2012}
	if b.Version != nil {
		version = *b.Version
	}
	doc.Members = append(doc.Members, tree.Member{Name: "Version", Value: version})
	if b.ID != nil && (b.ID.Kind != tree.String || b.ID.Text != "") {
		doc.Members = append(doc.Members, tree.Member{Name: "Id", Value: *b.ID})
	}
	w := &statementWriter{oldVersion: version.Kind == tree.String && version.Text == policy.Version2008}
	statements := tree.Node{Kind: tree.Array}
	sids := map[string]int{}
	for i := range b.Statements {
		w.index = i
		written := w.statement(&b.Statements[i])
		if sid, ok := written.Member("Sid"); ok && sid.Kind == tree.String {
			if first, seen := sids[sid.Text]; seen {
				w.fail("sid", "the sid %q is that of statement %d already; sids must be unique.", sid.Text, first)
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
	return doc, judgeDocument(doc)
}

// judgeDocument asks the policy package whether the document can be understood, and leads its findings back to
// the arguments. A document without statements is let through: others may be merged with it.
func judgeDocument(doc tree.Node) []*documentError {
	if _, ok := doc.Member("Statement"); !ok {
		doc.Members = append(slices.Clone(doc.Members), tree.Member{Name: "Statement", Value: tree.Node{Kind: tree.Unknown}})
	}
	_, err := policy.Decode(doc)
	if err == nil {
		return nil
	}
	findings, ok := err.(policy.Findings) //nolint:errorlint // Decode returns them bare
	if !ok {
		return []*documentError{{Statement: -1, Message: err.Error()}}
	}
	var faults []*documentError
	for _, finding := range findings {
		at, argument := argumentOf(finding.Path)
		faults = append(faults, &documentError{Statement: at, Argument: argument, Message: finding.Message})
	}
	return faults
}

// argumentNames leads from the elements of a document to the arguments they are made of.
var argumentNames = map[string]string{
	"Version": "version", "Id": "policy_id", "Sid": "sid", "Effect": "effect", "Action": "actions", "NotAction": "not_actions",
	"Resource": "resources", "NotResource": "not_resources", "Principal": "principals", "NotPrincipal": "not_principals", "Condition": "condition",
}

// argumentOf leads a path in the document back to the statement and the argument.
func argumentOf(path string) (statement int, argument string) {
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
