package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
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
	Version    *policy.Node // nil: the default
	ID         *policy.Node
	Statements []policy.Node
}

// documentOf makes a document of statement blocks. Values that are unknown stay unknown nodes in it.
// All faults are returned, each with its place.
func documentOf(b blocks) (policy.Node, []*documentError) {
	doc := policy.Node{Kind: policy.ObjectNode}
	version := policy.Node{Kind: policy.StringNode, Text: policy.Version2012}
	if b.Version != nil {
		version = *b.Version
	}
	doc.Members = append(doc.Members, policy.Member{Name: "Version", Value: version})
	if b.ID != nil && (b.ID.Kind != policy.StringNode || b.ID.Text != "") {
		doc.Members = append(doc.Members, policy.Member{Name: "Id", Value: *b.ID})
	}
	w := &statementWriter{oldVersion: version.Kind == policy.StringNode && version.Text == policy.Version2008}
	statements := policy.Node{Kind: policy.ArrayNode}
	sids := map[string]int{}
	for i := range b.Statements {
		w.index = i
		written := w.statement(&b.Statements[i])
		if sid, ok := written.Member("Sid"); ok && sid.Kind == policy.StringNode {
			if first, seen := sids[sid.Text]; seen {
				w.fail("sid", "the sid %q is that of statement %d already; sids must be unique.", sid.Text, first)
			} else {
				sids[sid.Text] = i
			}
		}
		statements.Elements = append(statements.Elements, written)
	}
	if len(statements.Elements) > 0 {
		doc.Members = append(doc.Members, policy.Member{Name: "Statement", Value: statements})
	}
	if len(w.faults) > 0 {
		return doc, w.faults
	}
	return doc, judgeDocument(doc)
}

// judgeDocument asks the policy package whether the document can be understood, and leads its findings back to
// the arguments. A document without statements is let through: others may be merged with it.
func judgeDocument(doc policy.Node) []*documentError {
	if _, ok := doc.Member("Statement"); !ok {
		doc.Members = append(slices.Clone(doc.Members), policy.Member{Name: "Statement", Value: policy.Node{Kind: policy.UnknownNode}})
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

type statementWriter struct {
	index      int
	oldVersion bool
	faults     []*documentError
}

func (w *statementWriter) fail(argument, format string, args ...any) {
	w.faults = append(w.faults, &documentError{Statement: w.index, Argument: argument, Message: fmt.Sprintf(format, args...)})
}

var unknownNode = policy.Node{Kind: policy.UnknownNode}

// statement writes one block. The order of the elements is that of the AWS provider.
func (w *statementWriter) statement(block *policy.Node) policy.Node {
	if block.Kind == policy.UnknownNode {
		return unknownNode
	}
	out := policy.Node{Kind: policy.ObjectNode}
	if block.Kind != policy.ObjectNode {
		w.fail("", "a statement must be an object; found %s.", block.Kind)
		return out
	}
	put := func(name string, value policy.Node, ok bool) {
		if ok {
			out.Members = append(out.Members, policy.Member{Name: name, Value: value})
		}
	}
	for _, m := range block.Members {
		switch m.Name {
		case "sid", "effect", "actions", "not_actions", "resources", "not_resources", "principals", "not_principals", "condition", "conditions":
		default:
			w.fail("", "%q is no argument of a statement; the arguments are sid, effect, actions, not_actions, resources, not_resources, principals, not_principals and conditions.", m.Name)
		}
	}
	sid, ok := block.Member("sid")
	if ok && (sid.Kind != policy.StringNode || sid.Text != "") {
		put("Sid", *sid, true)
	}
	effect := &policy.Node{Kind: policy.StringNode, Text: string(policy.Allow)}
	if written, ok := block.Member("effect"); ok {
		effect = written
	}
	put("Effect", *effect, true)
	list := func(element, argument string, variables bool) {
		value, ok := block.Member(argument)
		if !ok {
			return
		}
		values := w.strings(value, argument, variables)
		if values.Kind == policy.ArrayNode && len(values.Elements) == 0 {
			return // an empty list is as good as none to the AWS provider
		}
		put(element, descending(values), true)
	}
	list("Action", "actions", false)
	list("NotAction", "not_actions", false)
	list("Resource", "resources", true)
	list("NotResource", "not_resources", true)
	for i, argument := range [...]string{"principals", "not_principals"} {
		if value, ok := block.Member(argument); ok {
			written, some := w.principals(value, argument)
			put([...]string{"Principal", "NotPrincipal"}[i], written, some)
		}
	}
	condition, one := block.Member("condition")
	conditions, many := block.Member("conditions")
	switch {
	case one && many:
		w.fail("conditions", "condition and conditions are the same argument; keep one of them.")
	case one:
		written, some := w.conditions(condition)
		put("Condition", written, some)
	case many:
		written, some := w.conditions(conditions)
		put("Condition", written, some)
	}
	return out
}

// strings reads a string or a list of strings. With variables, those written &{…}, which spares their
// authors Terraform's own ${…}, become ${…}.
func (w *statementWriter) strings(value *policy.Node, argument string, variables bool) policy.Node {
	if value.Kind == policy.UnknownNode {
		return unknownNode
	}
	elements := []policy.Node{*value}
	if value.Kind == policy.ArrayNode {
		elements = value.Elements
	}
	out := policy.Node{Kind: policy.ArrayNode, Elements: make([]policy.Node, 0, len(elements))}
	for _, element := range elements {
		switch element.Kind {
		case policy.UnknownNode:
		case policy.StringNode:
			if variables && strings.Contains(element.Text, "&{") {
				if w.oldVersion {
					w.fail(argument, "%q has a policy variable; version %s knows none, so use %s.", element.Text, policy.Version2008, policy.Version2012)
				}
				element.Text = strings.ReplaceAll(element.Text, "&{", "${")
			}
		default:
			w.fail(argument, "a string or a list of strings is needed; found %s.", element.Kind)
		}
		out.Elements = append(out.Elements, element)
	}
	return out
}

// descending sorts strings backwards, drops repeated ones, and writes a single one without a list.
func descending(list policy.Node) policy.Node {
	if list.Kind != policy.ArrayNode {
		return list
	}
	slices.SortStableFunc(list.Elements, func(a, b policy.Node) int { return strings.Compare(b.Text, a.Text) })
	list.Elements = slices.CompactFunc(list.Elements, func(a, b policy.Node) bool {
		return a.Kind == policy.StringNode && b.Kind == policy.StringNode && a.Text == b.Text
	})
	return unlistSingle(list)
}

func unlistSingle(list policy.Node) policy.Node {
	if list.Kind == policy.ArrayNode && len(list.Elements) == 1 {
		return list.Elements[0]
	}
	return list
}

// parts lists the objects of a repeated block: a list of objects, or one.
func (w *statementWriter) parts(value *policy.Node, argument string, names ...string) (parts []policy.Node, known bool) {
	switch value.Kind {
	case policy.UnknownNode:
		return nil, false
	case policy.ObjectNode:
		parts = []policy.Node{*value}
	case policy.ArrayNode:
		parts = value.Elements
	default:
		w.fail(argument, "an object or a list of objects is needed; found %s.", value.Kind)
		return nil, true
	}
	known = true
	for _, part := range parts {
		if part.Kind == policy.UnknownNode {
			known = false
			continue
		}
		if part.Kind != policy.ObjectNode {
			w.fail(argument, "an object with %s is needed; found %s.", strings.Join(names, ", "), part.Kind)
			continue
		}
		for _, name := range names {
			if _, ok := part.Member(name); !ok {
				w.fail(argument, "%s is missing; %s needs %s.", name, argument, strings.Join(names, ", "))
			}
		}
		for _, m := range part.Members {
			if !slices.Contains(names, m.Name) {
				w.fail(argument, "%q is no argument of %s, which takes %s.", m.Name, argument, strings.Join(names, ", "))
			}
		}
	}
	return parts, known
}

func (w *statementWriter) principals(value *policy.Node, argument string) (policy.Node, bool) {
	before := len(w.faults)
	parts, known := w.parts(value, argument, "type", "identifiers")
	if len(w.faults) > before {
		return policy.Node{}, false
	}
	byType := map[string][]policy.Node{}
	inList := map[string]bool{}
	for i := range parts {
		part := &parts[i]
		kind, ok := part.Member("type")
		if !ok {
			continue // an unknown block
		}
		identifiers, _ := part.Member("identifiers")
		values := w.strings(identifiers, argument, true)
		switch {
		case kind.Kind == policy.UnknownNode || values.Kind == policy.UnknownNode:
			known = false
			continue
		case kind.Kind != policy.StringNode:
			w.fail(argument, "type must be a string; found %s.", kind.Kind)
			continue
		}
		sorted := descending(values)
		if sorted.Kind != policy.ArrayNode {
			sorted = policy.Node{Kind: policy.ArrayNode, Elements: []policy.Node{sorted}}
		} else {
			inList[kind.Text] = true
		}
		if _, again := byType[kind.Text]; again {
			inList[kind.Text] = true
		}
		byType[kind.Text] = append(byType[kind.Text], sorted.Elements...)
	}
	if everyone := byType["*"]; len(parts) == 1 && len(everyone) == 1 && everyone[0].Text == "*" {
		return everyone[0], true
	}
	out := policy.Node{Kind: policy.ObjectNode}
	for kind, values := range byType {
		list := policy.Node{Kind: policy.ArrayNode, Elements: values}
		if !inList[kind] {
			list = unlistSingle(list)
		}
		out.Members = append(out.Members, policy.Member{Name: kind, Value: list})
	}
	sortMembers(&out)
	if !known {
		if faults := judgePart("Principal", out); len(out.Members) > 0 && faults != "" {
			w.fail(argument, "%s", faults)
		}
		return unknownNode, true
	}
	return out, len(parts) > 0
}

func (w *statementWriter) conditions(value *policy.Node) (policy.Node, bool) {
	const argument = "condition"
	before := len(w.faults)
	parts, known := w.parts(value, argument, "test", "variable", "values")
	if len(w.faults) > before {
		return policy.Node{}, false
	}
	operators := map[string]map[string][]policy.Node{}
	for i := range parts {
		part := &parts[i]
		test, ok := part.Member("test")
		if !ok {
			continue // an unknown block
		}
		variable, _ := part.Member("variable")
		written, _ := part.Member("values")
		values := w.conditionValues(written)
		switch {
		case test.Kind == policy.UnknownNode || variable.Kind == policy.UnknownNode || values.Kind == policy.UnknownNode:
			known = false
			continue
		case test.Kind != policy.StringNode || variable.Kind != policy.StringNode:
			w.fail(argument, "test and variable must be strings.")
			continue
		}
		if operators[test.Text] == nil {
			operators[test.Text] = map[string][]policy.Node{}
		}
		operators[test.Text][variable.Text] = append(operators[test.Text][variable.Text], values.Elements...)
	}
	out := policy.Node{Kind: policy.ObjectNode}
	for test, keys := range operators {
		operator := policy.Node{Kind: policy.ObjectNode}
		for key, values := range keys {
			operator.Members = append(operator.Members, policy.Member{Name: key, Value: unlistSingle(policy.Node{Kind: policy.ArrayNode, Elements: values})})
		}
		sortMembers(&operator)
		out.Members = append(out.Members, policy.Member{Name: test, Value: operator})
	}
	sortMembers(&out)
	if !known {
		if faults := judgePart("Condition", out); len(out.Members) > 0 && faults != "" {
			w.fail(argument, "%s", faults)
		}
		return unknownNode, true
	}
	return out, len(parts) > 0
}

// conditionValues reads a condition's values. Numbers and booleans become their text, as they do in a
// data source's list of strings.
func (w *statementWriter) conditionValues(value *policy.Node) policy.Node {
	list := *value
	if list.Kind != policy.ArrayNode && list.Kind != policy.UnknownNode {
		list = policy.Node{Kind: policy.ArrayNode, Elements: []policy.Node{list}}
	}
	list.Elements = slices.Clone(list.Elements)
	for i := range list.Elements {
		scalarText(&list.Elements[i])
	}
	return w.strings(&list, "condition", true)
}

// judgePart judges the known part of an element whose other parts are unknown.
func judgePart(element string, known policy.Node) string {
	statement := policy.Node{Kind: policy.ObjectNode, Members: []policy.Member{
		{Name: "Effect", Value: unknownNode}, {Name: "Action", Value: unknownNode}, {Name: element, Value: known},
	}}
	doc := policy.Node{Kind: policy.ObjectNode, Members: []policy.Member{
		{Name: "Version", Value: unknownNode}, {Name: "Statement", Value: statement},
	}}
	if faults := judgeDocument(doc); len(faults) > 0 {
		return faults[0].Message
	}
	return ""
}

func sortMembers(node *policy.Node) {
	slices.SortFunc(node.Members, func(a, b policy.Member) int { return strings.Compare(a.Name, b.Name) })
}

// mergeDocument lays one document over another as the AWS provider does: a statement replaces the one
// with the same sid and is added otherwise, the later version wins, an Id replaces the earlier one.
func mergeDocument(base *policy.Node, over policy.Node) {
	version, id, statements := documentParts(*base)
	overVersion, overID, overStatements := documentParts(over)
	if overVersion.Text > version.Text {
		version = overVersion
	}
	if overID.Text != "" {
		id = overID
	}
	for _, statement := range overStatements {
		at := -1
		if sid := sidOf(&statement); sid != "" {
			at = slices.IndexFunc(statements, func(s policy.Node) bool { return sidOf(&s) == sid })
		}
		if at < 0 {
			statements = append(statements, statement)
		} else {
			statements[at] = statement
		}
	}
	base.Kind, base.Members = policy.ObjectNode, nil
	if version.Text != "" {
		base.Members = append(base.Members, policy.Member{Name: "Version", Value: version})
	}
	if id.Text != "" {
		base.Members = append(base.Members, policy.Member{Name: "Id", Value: id})
	}
	if len(statements) > 0 {
		base.Members = append(base.Members, policy.Member{Name: "Statement", Value: policy.Node{Kind: policy.ArrayNode, Elements: statements}})
	}
}

func documentParts(doc policy.Node) (version, id policy.Node, statements []policy.Node) {
	if m, ok := doc.Member("Version"); ok {
		version = *m
	}
	if m, ok := doc.Member("Id"); ok {
		id = *m
	}
	if m, ok := doc.Member("Statement"); ok {
		statements = []policy.Node{*m}
		if m.Kind == policy.ArrayNode {
			statements = slices.Clone(m.Elements)
		}
	}
	return version, id, statements
}

func sidOf(statement *policy.Node) string {
	if sid, ok := statement.Member("Sid"); ok {
		return sid.Text
	}
	return ""
}

// statementElements is the order in which the AWS provider writes a statement.
var statementElements = []string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition"}

// sourceDocument reads a document that is to be merged and brings it into the form in which the AWS
// provider writes such documents: elements in its order, principals sorted backwards, conditions sorted
// and single values of conditions without a list. Actions and resources stay as they are.
func sourceDocument(text string) (policy.Node, error) {
	doc, err := policy.ParseJSON([]byte(text))
	if err != nil {
		return policy.Node{}, err
	}
	if _, has := doc.Member("Statement"); has || doc.Kind != policy.ObjectNode {
		if _, err := policy.Decode(doc); err != nil {
			return policy.Node{}, err
		}
	} else if faults := judgeDocument(doc); len(faults) > 0 {
		return policy.Node{}, faults[0]
	}
	_, _, statements := documentParts(doc)
	for i := range statements {
		statements[i] = sourceStatement(&statements[i])
	}
	out := policy.Node{Kind: policy.ObjectNode}
	for _, name := range []string{"Version", "Id"} {
		if m, ok := doc.Member(name); ok {
			out.Members = append(out.Members, policy.Member{Name: name, Value: *m})
		}
	}
	if len(statements) > 0 {
		out.Members = append(out.Members, policy.Member{Name: "Statement", Value: policy.Node{Kind: policy.ArrayNode, Elements: statements}})
	}
	return out, nil
}

func sourceStatement(statement *policy.Node) policy.Node {
	out := policy.Node{Kind: policy.ObjectNode}
	for _, name := range statementElements {
		value, ok := statement.Member(name)
		if !ok || value.Text == "" && value.Kind == policy.StringNode {
			continue
		}
		written := *value
		switch name {
		case "Principal", "NotPrincipal":
			written.Members = slices.Clone(written.Members)
			for i := range written.Members {
				list := written.Members[i].Value
				list.Elements = slices.Clone(list.Elements)
				slices.SortStableFunc(list.Elements, func(a, b policy.Node) int { return strings.Compare(b.Text, a.Text) })
				written.Members[i].Value = list
			}
			sortMembers(&written)
		case "Condition":
			if len(written.Members) == 0 {
				continue
			}
			written.Members = slices.Clone(written.Members)
			for i := range written.Members {
				operator := written.Members[i].Value
				operator.Members = slices.Clone(operator.Members)
				for j := range operator.Members {
					value := operator.Members[j].Value
					value.Elements = slices.Clone(value.Elements)
					for k := range value.Elements {
						scalarText(&value.Elements[k])
					}
					scalarText(&value)
					operator.Members[j].Value = unlistSingle(value)
				}
				sortMembers(&operator)
				written.Members[i].Value = operator
			}
			sortMembers(&written)
		}
		out.Members = append(out.Members, policy.Member{Name: name, Value: written})
	}
	return out
}

// scalarText makes a number or boolean of a condition the string that it counts as.
func scalarText(node *policy.Node) {
	if node.Kind == policy.NumberNode || node.Kind == policy.BoolNode {
		node.Kind = policy.StringNode
	}
}

// writeJSON writes a tree without unknown parts as JSON, indented and not, with the escapes of
// encoding/json, which the AWS provider uses.
func writeJSON(node *policy.Node) (indented, compact string) {
	var buffer bytes.Buffer
	appendJSON(&buffer, node)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, buffer.Bytes(), "", "  "); err != nil {
		return buffer.String(), buffer.String() // cannot be: appendJSON writes JSON
	}
	return pretty.String(), buffer.String()
}

func appendJSON(b *bytes.Buffer, node *policy.Node) {
	switch node.Kind {
	case policy.StringNode:
		appendString(b, node.Text)
	case policy.NumberNode, policy.BoolNode:
		b.WriteString(node.Text)
	case policy.ArrayNode:
		b.WriteByte('[')
		for i := range node.Elements {
			if i > 0 {
				b.WriteByte(',')
			}
			appendJSON(b, &node.Elements[i])
		}
		b.WriteByte(']')
	case policy.ObjectNode:
		b.WriteByte('{')
		for i := range node.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			appendString(b, node.Members[i].Name)
			b.WriteByte(':')
			appendJSON(b, &node.Members[i].Value)
		}
		b.WriteByte('}')
	default:
		b.WriteString("null")
	}
}

func appendString(b *bytes.Buffer, text string) {
	quoted, err := json.Marshal(text)
	if err != nil {
		quoted = []byte(`""`) // cannot be: every string can be marshalled
	}
	b.Write(quoted)
}
