package document

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Merge merges the document over into base, as the AWS provider does. A statement replaces the
// statement with the same sid; other statements are added. The result has the later version, and
// the Id of over if there is one.
func Merge(base *tree.Node, over tree.Node) {
	version, id, statements := parts(*base)
	overVersion, overID, overStatements := parts(over)
	if overVersion.Text > version.Text {
		version = overVersion
	}
	if overID.Text != "" {
		id = overID
	}
	for _, statement := range overStatements {
		at := -1
		if sid := Sid(&statement); sid != "" {
			at = slices.IndexFunc(statements, func(s tree.Node) bool { return Sid(&s) == sid })
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
		list := tree.Node{Kind: tree.Array, Elements: statements}
		base.Members = append(base.Members, tree.Member{Name: "Statement", Value: list})
	}
}

// parts returns the elements of a document, with a single statement as a list.
func parts(doc tree.Node) (version, id tree.Node, statements []tree.Node) {
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

// Statements returns the statements of a document.
func Statements(doc tree.Node) []tree.Node {
	_, _, statements := parts(doc)
	return statements
}

// Sid returns the sid of a statement, or "" for none.
func Sid(statement *tree.Node) string {
	if sid, ok := statement.Member("Sid"); ok {
		return sid.Text
	}
	return ""
}

// statementElements lists the elements in the order in which the AWS provider writes a statement.
var statementElements = []string{"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource",
	"Principal", "NotPrincipal", "Condition"}

// Parse reads a document for merging and converts it to the form of the AWS provider: elements in
// its order, principals in descending order, conditions sorted, and a single condition value
// without a list. Actions and resources stay unchanged.
func Parse(text string) (tree.Node, error) {
	doc, err := policy.ParseJSON([]byte(text))
	if err != nil {
		return tree.Node{}, err
	}
	if _, has := doc.Member("Statement"); has || doc.Kind != tree.Object {
		if _, err := policy.Decode(doc); err != nil {
			return tree.Node{}, err
		}
	} else if faults := check(doc); len(faults) > 0 {
		return tree.Node{}, faults[0]
	}
	statements := Statements(doc)
	for i := range statements {
		statements[i] = parseStatement(&statements[i])
	}
	out := tree.Node{Kind: tree.Object}
	for _, name := range []string{"Version", "Id"} {
		if m, ok := doc.Member(name); ok {
			out.Members = append(out.Members, tree.Member{Name: name, Value: *m})
		}
	}
	if len(statements) > 0 {
		list := tree.Node{Kind: tree.Array, Elements: statements}
		out.Members = append(out.Members, tree.Member{Name: "Statement", Value: list})
	}
	return out, nil
}

// parseStatement writes one statement of a parsed document in the form of the AWS provider.
func parseStatement(statement *tree.Node) tree.Node {
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

// scalarText turns a number or boolean of a condition into the string that it counts as.
func scalarText(node *tree.Node) {
	if node.Kind == tree.Number || node.Kind == tree.Bool {
		node.Kind = tree.String
	}
}
