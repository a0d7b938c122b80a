package planfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy/document"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// readData returns the attributes of a data source that Terraform reads in apply, as far as they follow from its
// arguments.
func (r *resolver) readData(in *instance, attributes tree.Node) tree.Node {
	place := r.plan.place(in.change)
	text := func(value string) tree.Node { return tree.Node{Kind: tree.String, Text: value} }
	results := map[string]tree.Node{}
	switch in.change.Type {
	case "aws_iam_policy_document", "iam_policy_document":
		doc, reason := writeDocument(in.change.Address, attributes)
		if reason != "" {
			in.reasons["json"] = reason
			return attributes
		}
		results["json"], results["minified_json"] = doc, doc
		if !doc.HasUnknown() {
			indented, compact := document.JSON(&doc)
			results["json"], results["minified_json"] = text(indented), text(compact)
		}
	case "aws_caller_identity", "iam_caller_identity":
		results["account_id"] = text(place.Account)
	case "aws_partition":
		results["partition"] = text(place.Partition)
	case "aws_region":
		if place.regionKnown {
			results["region"], results["name"], results["id"] = text(place.Region), text(place.Region), text(place.Region)
		}
	}
	attributes.Members = slices.Clone(attributes.Members)
	for i := range attributes.Members {
		m := &attributes.Members[i]
		if result, ok := results[m.Name]; ok && m.Value.Kind == tree.Unknown {
			m.Value = result
		}
	}
	return attributes
}

// writeDocument writes the document of a data source aws_iam_policy_document or iam_policy_document, with the rules of
// the AWS provider. It returns the reason if it cannot.
func writeDocument(address string, attributes tree.Node) (doc tree.Node, reason string) {
	w := documentWriter{address: address}
	argument := func(name string) *tree.Node {
		if value, ok := attributes.Member(name); ok && value.Kind != tree.Null {
			return value
		}
		return nil
	}
	doc = tree.Node{Kind: tree.Object}
	w.merge(&doc, "source_policy_documents", argument("source_policy_documents"))

	from := document.Arguments{Version: argument("version"), ID: argument("policy_id")}
	w.variables = from.Version == nil || from.Version.Text == policy.Version2012
	if from.ID != nil {
		id := withoutHole(*from.ID)
		from.ID = &id
	}
	statements := argument("statement")
	if statements != nil && statements.Kind == tree.Unknown {
		from.Statements = []tree.Node{unknown} // any statements: each of them is allowed to be anything
	} else if statements != nil {
		if statements.Kind != tree.Array {
			return doc, fmt.Sprintf("The argument statement is %s, and not a list.", statements.Kind)
		}
		for i := range statements.Elements {
			from.Statements = append(from.Statements, w.statement(i, statements.Elements[i]))
		}
	}
	own, faults := document.Build(from)
	if len(faults) > 0 {
		return doc, "The document is not valid: " + faults[0].Error()
	}
	mergeDocument(&doc, own)
	w.merge(&doc, "override_policy_documents", argument("override_policy_documents"))
	return doc, w.reason
}

// documentWriter writes one document.
type documentWriter struct {
	address   string
	variables bool // the version of the document has policy variables
	reason    string
}

// merge merges the documents in an argument into a document.
func (w *documentWriter) merge(doc *tree.Node, argument string, list *tree.Node) {
	isOverride := argument == "override_policy_documents"
	if list == nil || w.reason != "" {
		return
	}
	elements := list.Elements
	if list.Kind == tree.Unknown {
		elements = []tree.Node{unknown}
	}
	var sids []string
	for i := range elements {
		var source tree.Node
		switch element := &elements[i]; element.Kind {
		case tree.Null:
			continue
		case tree.Unknown:
			source = tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "Statement", Value: unknown}}}
			if isOverride { // it may replace any of the others
				*doc = tree.Node{Kind: tree.Object, Members: []tree.Member{
					{Name: "Version", Value: unknown}, {Name: "Statement", Value: unknown}}}
				continue
			}
		case tree.Object:
			source = *element
		default:
			var err error
			if planned.HasHole(element.Text) {
				source, err = planned.SettleHoles(*element)
			} else {
				source, err = document.Parse(element.Text)
			}
			if err != nil {
				w.reason = fmt.Sprintf("The document %s[%d] cannot be merged: %s", argument, i, err)
				return
			}
		}
		statements := document.Statements(source)
		if isOverride && (hasUnknownSid(document.Statements(*doc)) || hasUnknownSid(statements)) {
			// A statement with an unknown sid may replace another one, or be replaced.
			statements = nil
			source = tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "Statement", Value: unknown}}}
			*doc = tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "Version", Value: unknown}}}
		}
		for j := range statements {
			sid := document.Sid(&statements[j])
			if !isOverride && sid != "" && slices.Contains(sids, sid) {
				w.reason = fmt.Sprintf("Several documents in %s have the sid %q.", argument, sid)
				return
			}
			sids = append(sids, sid)
		}
		mergeDocument(doc, source)
	}
}

// mergeDocument merges a document into another one. If a version is unknown, the result's is.
func mergeDocument(doc *tree.Node, source tree.Node) {
	open := func(n tree.Node) bool {
		version, ok := n.Member("Version")
		return ok && version.Kind == tree.Unknown
	}
	isOpen := open(*doc) || open(source)
	document.Merge(doc, source)
	if !isOpen {
		return
	}
	if version, ok := doc.Member("Version"); ok {
		*version = tree.Node{Kind: tree.Unknown, Scalar: true}
	} else {
		version := tree.Member{Name: "Version", Value: tree.Node{Kind: tree.Unknown, Scalar: true}}
		doc.Members = append([]tree.Member{version}, doc.Members...)
	}
}

func hasUnknownSid(statements []tree.Node) bool {
	return slices.ContainsFunc(statements, func(s tree.Node) bool {
		sid, ok := s.Member("Sid")
		return s.Kind == tree.Unknown || ok && sid.Kind == tree.Unknown
	})
}

// statement returns a statement block without its null arguments, and with unknown values in a form that is valid where
// they stand.
func (w *documentWriter) statement(index int, block tree.Node) tree.Node {
	if block.Kind != tree.Object {
		return block
	}
	out := tree.Node{Kind: tree.Object}
	for _, m := range literalVariables(block).Members {
		if isEmpty(m.Value) {
			continue
		}
		at := fmt.Sprintf("%s.statement[%d].%s", w.address, index, m.Name)
		switch m.Name {
		case "resources", "not_resources":
			m.Value = each(m.Value, func(n tree.Node, _ int) tree.Node { return w.resource(n) })
		case "principals", "not_principals":
			m.Value = each(m.Value, func(block tree.Node, _ int) tree.Node {
				return arguments(block, func(_ string, value tree.Node) tree.Node { return each(value, scalar) })
			})
		case "condition":
			m.Value = each(m.Value, func(block tree.Node, i int) tree.Node {
				return w.condition(fmt.Sprintf("%s[%d]", at, i), block)
			})
		default:
			m.Value = each(m.Value, scalar)
		}
		out.Members = append(out.Members, m)
	}
	return out
}

// literalVariables returns a value in which no policy variable of an author, such as &{aws:username}, reads as a hole
// once it is written as ${aws:username}.
func literalVariables(n tree.Node) tree.Node {
	n.Elements, n.Members = slices.Clone(n.Elements), slices.Clone(n.Members)
	for i := range n.Elements {
		n.Elements[i] = literalVariables(n.Elements[i])
	}
	for i := range n.Members {
		n.Members[i].Value = literalVariables(n.Members[i].Value)
	}
	const start, written = "&{", "${"
	if n.Kind != tree.String || !strings.Contains(n.Text, start) {
		return n
	}
	parts := strings.Split(n.Text, start)
	for i := range parts[1:] {
		if planned.IsHoleKey(parts[i+1]) {
			parts[i+1] = strings.TrimPrefix(planned.LiteralText(written+parts[i+1]), written)
		}
	}
	n.Text = strings.Join(parts, start)
	return n
}

// condition returns a condition block. An unknown value is a hole, if its operator allows policy variables.
func (w *documentWriter) condition(at string, block tree.Node) tree.Node {
	test, ok := block.Member("test")
	operator, known := policy.OperatorName{}, false
	if ok && test.Kind == tree.String {
		operator, known = policy.ParseOperator(test.Text)
	}
	holes := w.variables && known && operator.AllowsVariables()
	return arguments(block, func(name string, value tree.Node) tree.Node {
		return each(value, func(n tree.Node, i int) tree.Node {
			switch {
			case name != "values" || !holes:
				return scalar(n, i)
			case n.Kind == tree.Unknown && value.Kind == tree.Array:
				return tree.Node{Kind: tree.String, Text: planned.Hole(fmt.Sprintf("%s.values[%d]", at, i))}
			}
			return n
		})
	})
}

// resource returns a resource of a statement. A hole outside the part where a policy variable may stand makes all of it
// unknown.
func (w *documentWriter) resource(n tree.Node) tree.Node {
	if n.Kind != tree.String || !planned.HasHole(n.Text) {
		return scalar(n, 0)
	}
	if _, err := policy.ParseResource(strings.ReplaceAll(n.Text, "&{", "${"), w.variables); err != nil || !w.variables {
		return tree.Node{Kind: tree.Unknown, Scalar: true}
	}
	return n
}

// scalar returns a value that can have no holes. An unknown one is a string.
func scalar(n tree.Node, _ int) tree.Node {
	if n.Kind == tree.Unknown {
		return tree.Node{Kind: tree.Unknown, Scalar: true}
	}
	return withoutHole(n)
}

// withoutHole returns an unknown value in place of a text with a hole.
func withoutHole(n tree.Node) tree.Node {
	if n.Kind == tree.String && planned.HasHole(n.Text) {
		return tree.Node{Kind: tree.Unknown, Scalar: true}
	}
	return n
}

// each applies a function to the elements of a list, or to a single value. An unknown list stays unknown.
func each(n tree.Node, apply func(tree.Node, int) tree.Node) tree.Node {
	if n.Kind != tree.Array {
		if n.Kind == tree.Unknown {
			return unknown
		}
		return apply(n, 0)
	}
	out := tree.Node{Kind: tree.Array, Elements: make([]tree.Node, len(n.Elements))}
	for i := range n.Elements {
		out.Elements[i] = apply(n.Elements[i], i)
	}
	return out
}

// arguments applies a function to the arguments of a block.
func arguments(block tree.Node, apply func(name string, value tree.Node) tree.Node) tree.Node {
	if block.Kind != tree.Object {
		return block
	}
	out := tree.Node{Kind: tree.Object, Members: slices.Clone(block.Members)}
	for i := range out.Members {
		out.Members[i].Value = apply(out.Members[i].Name, out.Members[i].Value)
	}
	return out
}
