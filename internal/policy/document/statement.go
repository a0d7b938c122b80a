package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// unknown is the node of a value that is known only after apply.
var unknown = tree.Node{Kind: tree.Unknown}

// statementWriter writes the statements of a document one by one, and collects their faults.
type statementWriter struct {
	index      int  // of the current statement
	oldVersion bool // the document has version 2008-10-17
	faults     []*Fault
}

func (w *statementWriter) fail(argument, format string, args ...any) {
	w.faults = append(w.faults, &Fault{Statement: w.index, Argument: argument, Message: fmt.Sprintf(format, args...)})
}

// statement writes one block, with its elements in the order of the AWS provider.
func (w *statementWriter) statement(block *tree.Node) tree.Node {
	if block.Kind == tree.Unknown {
		return unknown
	}
	out := tree.Node{Kind: tree.Object}
	if block.Kind != tree.Object {
		w.fail("", "expected an object with the arguments of a statement, found %s.", block.Kind)
		return out
	}
	put := func(name string, value tree.Node, ok bool) {
		if ok {
			out.Members = append(out.Members, tree.Member{Name: name, Value: value})
		}
	}
	for _, m := range block.Members {
		switch m.Name {
		case "sid", "effect", "actions", "not_actions", "resources", "not_resources",
			"principals", "not_principals", "condition", "conditions":
		default:
			w.fail("", "%q is not an argument of a statement; the arguments are sid, effect, actions, not_actions, "+
				"resources, not_resources, principals, not_principals and conditions.", m.Name)
		}
	}
	sid, ok := block.Member("sid")
	if ok && (sid.Kind != tree.String || sid.Text != "") {
		put("Sid", *sid, true)
	}
	effect := &tree.Node{Kind: tree.String, Text: string(policy.Allow)}
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
		if values.Kind == tree.Array && len(values.Elements) == 0 {
			return // the AWS provider ignores an empty list
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
		w.fail("conditions", "condition and conditions are the same argument; keep only one of them.")
	case one:
		written, some := w.conditions(condition)
		put("Condition", written, some)
	case many:
		written, some := w.conditions(conditions)
		put("Condition", written, some)
	}
	return out
}

// strings reads a string or a list of strings. With variables set, it turns the policy variables &{…} into
// ${…}: authors write &{…} because ${…} is Terraform's own syntax.
func (w *statementWriter) strings(value *tree.Node, argument string, variables bool) tree.Node {
	if value.Kind == tree.Unknown {
		return unknown
	}
	elements := []tree.Node{*value}
	if value.Kind == tree.Array {
		elements = value.Elements
	}
	out := tree.Node{Kind: tree.Array, Elements: make([]tree.Node, 0, len(elements))}
	for _, element := range elements {
		switch element.Kind {
		case tree.Unknown:
		case tree.String:
			if variables && strings.Contains(element.Text, "&{") {
				if w.oldVersion {
					w.fail(argument, "%q contains a policy variable, which version %s does not support; use version %s.",
						element.Text, policy.Version2008, policy.Version2012)
				}
				element.Text = strings.ReplaceAll(element.Text, "&{", "${")
			}
		default:
			w.fail(argument, "expected a string or a list of strings, found %s.", element.Kind)
		}
		out.Elements = append(out.Elements, element)
	}
	return out
}

// descending sorts strings in descending order, drops duplicates, and writes a single one without a list.
func descending(list tree.Node) tree.Node {
	if list.Kind != tree.Array {
		return list
	}
	slices.SortStableFunc(list.Elements, func(a, b tree.Node) int { return strings.Compare(b.Text, a.Text) })
	list.Elements = slices.CompactFunc(list.Elements, func(a, b tree.Node) bool {
		return a.Kind == tree.String && b.Kind == tree.String && a.Text == b.Text
	})
	return unlistSingle(list)
}

// unlistSingle returns the element of a list with one element, and any other node unchanged.
func unlistSingle(list tree.Node) tree.Node {
	if list.Kind == tree.Array && len(list.Elements) == 1 {
		return list.Elements[0]
	}
	return list
}

// blocks returns the objects of a repeated block, written as a list of objects or as one object.
// known is false if any of them is unknown.
func (w *statementWriter) blocks(value *tree.Node, argument string, names ...string) (parts []tree.Node, known bool) {
	switch value.Kind {
	case tree.Unknown:
		return nil, false
	case tree.Object:
		parts = []tree.Node{*value}
	case tree.Array:
		parts = value.Elements
	default:
		w.fail(argument, "expected an object or a list of objects, found %s.", value.Kind)
		return nil, true
	}
	known = true
	for _, part := range parts {
		if part.Kind == tree.Unknown {
			known = false
			continue
		}
		if part.Kind != tree.Object {
			w.fail(argument, "expected an object with %s, found %s.", strings.Join(names, ", "), part.Kind)
			continue
		}
		for _, name := range names {
			if _, ok := part.Member(name); !ok {
				w.fail(argument, "%s is missing; %s must have %s.", name, argument, strings.Join(names, ", "))
			}
		}
		for _, m := range part.Members {
			if !slices.Contains(names, m.Name) {
				w.fail(argument, "%q is not an argument of %s; the arguments are %s.", m.Name, argument, strings.Join(names, ", "))
			}
		}
	}
	return parts, known
}

// principals writes Principal or NotPrincipal. some is false if there are no blocks.
func (w *statementWriter) principals(value *tree.Node, argument string) (written tree.Node, some bool) {
	before := len(w.faults)
	parts, known := w.blocks(value, argument, "type", "identifiers")
	if len(w.faults) > before {
		return tree.Node{}, false
	}
	byType := map[string][]tree.Node{}
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
		case kind.Kind == tree.Unknown || values.Kind == tree.Unknown:
			known = false
			continue
		case kind.Kind != tree.String:
			w.fail(argument, "type must be a string, found %s.", kind.Kind)
			continue
		}
		sorted := descending(values)
		if sorted.Kind != tree.Array {
			sorted = tree.Node{Kind: tree.Array, Elements: []tree.Node{sorted}}
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
	out := tree.Node{Kind: tree.Object}
	for kind, values := range byType {
		list := tree.Node{Kind: tree.Array, Elements: values}
		if !inList[kind] {
			list = unlistSingle(list)
		}
		out.Members = append(out.Members, tree.Member{Name: kind, Value: list})
	}
	sortMembers(&out)
	if !known {
		if message := checkElement("Principal", out); len(out.Members) > 0 && message != "" {
			w.fail(argument, "%s", message)
		}
		return unknown, true
	}
	return out, len(parts) > 0
}

// conditions writes Condition. some is false if there are no blocks.
func (w *statementWriter) conditions(value *tree.Node) (written tree.Node, some bool) {
	const argument = "condition"
	before := len(w.faults)
	parts, known := w.blocks(value, argument, "test", "variable", "values")
	if len(w.faults) > before {
		return tree.Node{}, false
	}
	operators := map[string]map[string][]tree.Node{}
	for i := range parts {
		part := &parts[i]
		test, ok := part.Member("test")
		if !ok {
			continue // an unknown block
		}
		variable, _ := part.Member("variable")
		list, _ := part.Member("values")
		values := w.conditionValues(list)
		switch {
		case test.Kind == tree.Unknown || variable.Kind == tree.Unknown || values.Kind == tree.Unknown:
			known = false
			continue
		case test.Kind != tree.String || variable.Kind != tree.String:
			w.fail(argument, "test and variable must be strings.")
			continue
		}
		if operators[test.Text] == nil {
			operators[test.Text] = map[string][]tree.Node{}
		}
		operators[test.Text][variable.Text] = append(operators[test.Text][variable.Text], values.Elements...)
	}
	out := tree.Node{Kind: tree.Object}
	for test, keys := range operators {
		operator := tree.Node{Kind: tree.Object}
		for key, values := range keys {
			list := tree.Node{Kind: tree.Array, Elements: values}
			operator.Members = append(operator.Members, tree.Member{Name: key, Value: unlistSingle(list)})
		}
		sortMembers(&operator)
		out.Members = append(out.Members, tree.Member{Name: test, Value: operator})
	}
	sortMembers(&out)
	if !known {
		if message := checkElement("Condition", out); len(out.Members) > 0 && message != "" {
			w.fail(argument, "%s", message)
		}
		return unknown, true
	}
	return out, len(parts) > 0
}

// conditionValues reads the values of a condition. Numbers and booleans become their text, as Terraform
// converts them for the data source.
func (w *statementWriter) conditionValues(value *tree.Node) tree.Node {
	list := *value
	if list.Kind != tree.Array && list.Kind != tree.Unknown {
		list = tree.Node{Kind: tree.Array, Elements: []tree.Node{list}}
	}
	list.Elements = slices.Clone(list.Elements)
	for i := range list.Elements {
		scalarText(&list.Elements[i])
	}
	return w.strings(&list, "condition", true)
}

// checkElement checks the known part of an element whose other parts are unknown, and returns the first
// fault, or "".
func checkElement(element string, known tree.Node) string {
	statement := tree.Node{Kind: tree.Object, Members: []tree.Member{
		{Name: "Effect", Value: unknown}, {Name: "Action", Value: unknown}, {Name: element, Value: known},
	}}
	doc := tree.Node{Kind: tree.Object, Members: []tree.Member{
		{Name: "Version", Value: unknown}, {Name: "Statement", Value: statement},
	}}
	if faults := check(doc); len(faults) > 0 {
		return faults[0].Message
	}
	return ""
}

func sortMembers(node *tree.Node) {
	slices.SortFunc(node.Members, func(a, b tree.Member) int { return strings.Compare(a.Name, b.Name) })
}
