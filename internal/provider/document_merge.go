package provider

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// mergeDocument lays one document over another as the AWS provider does: a statement replaces the one
// with the same sid and is added otherwise, the later version wins, an Id replaces the earlier one.
func mergeDocument(base *tree.Node, over tree.Node) {
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
			at = slices.IndexFunc(statements, func(s tree.Node) bool { return sidOf(&s) == sid })
		}
		if at < 0 {
			statements = append(statements, statement)
		} else {
			statements[at] = statement
		}
	}
	base.Kind, base.Members = tree.Object, nil
	if version.Text != "" {
		base.Members = append(base.Members, tree.Member{Name: "Version", Value: version})
	}
	if id.Text != "" {
		base.Members = append(base.Members, tree.Member{Name: "Id", Value: id})
	}
	if len(statements) > 0 {
		base.Members = append(base.Members, tree.Member{Name: "Statement", Value: tree.Node{Kind: tree.Array, Elements: statements}})
	}
}

func documentParts(doc tree.Node) (version, id tree.Node, statements []tree.Node) {
	if m, ok := doc.Member("Version"); ok {
		version = *m
	}
	if m, ok := doc.Member("Id"); ok {
		id = *m
	}
	if m, ok := doc.Member("Statement"); ok {
		statements = []tree.Node{*m}
		if m.Kind == tree.Array {
			statements = slices.Clone(m.Elements)
		}
	}
	return version, id, statements
}

func sidOf(statement *tree.Node) string {
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
func sourceDocument(text string) (tree.Node, error) {
	doc, err := policy.ParseJSON([]byte(text))
	if err != nil {
		return tree.Node{}, err
	}
	if _, has := doc.Member("Statement"); has || doc.Kind != tree.Object {
		if _, err := policy.Decode(doc); err != nil {
			return tree.Node{}, err
		}
	} else if faults := judgeDocument(doc); len(faults) > 0 {
		return tree.Node{}, faults[0]
	}
	_, _, statements := documentParts(doc)
	for i := range statements {
		statements[i] = sourceStatement(&statements[i])
	}
	out := tree.Node{Kind: tree.Object}
	for _, name := range []string{"Version", "Id"} {
		if m, ok := doc.Member(name); ok {
			out.Members = append(out.Members, tree.Member{Name: name, Value: *m})
		}
	}
	if len(statements) > 0 {
		out.Members = append(out.Members, tree.Member{Name: "Statement", Value: tree.Node{Kind: tree.Array, Elements: statements}})
	}
	return out, nil
}

func sourceStatement(statement *tree.Node) tree.Node {
	out := tree.Node{Kind: tree.Object}
	for _, name := range statementElements {
		value, ok := statement.Member(name)
		if !ok || value.Text == "" && value.Kind == tree.String {
			continue
		}
		written := *value
		switch name {
		case "Principal", "NotPrincipal":
			written.Members = slices.Clone(written.Members)
			for i := range written.Members {
				list := written.Members[i].Value
				list.Elements = slices.Clone(list.Elements)
				slices.SortStableFunc(list.Elements, func(a, b tree.Node) int { return strings.Compare(b.Text, a.Text) })
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
		out.Members = append(out.Members, tree.Member{Name: name, Value: written})
	}
	return out
}

// scalarText makes a number or boolean of a condition the string that it counts as.
func scalarText(node *tree.Node) {
	if node.Kind == tree.Number || node.Kind == tree.Bool {
		node.Kind = tree.String
	}
}
