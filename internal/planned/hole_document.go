package planned

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// literalKey takes the place of the key of a hole that the author of a text wrote.
const literalKey = "text-terraform:"

// LiteralText returns a text of an author in which nothing is a hole. A policy variable that reads as one gets another
// key. To AWS, and to the analysis, it remains the variable of a key that requests may have: an author who writes a
// hole would otherwise state that two different values are equal.
func LiteralText(text string) string {
	const start = "${"
	var out strings.Builder
	rest := text
	for {
		before, after, found := strings.Cut(rest, start)
		out.WriteString(before)
		if !found {
			break
		}
		out.WriteString(start)
		if IsHoleKey(after) {
			out.WriteString(literalKey)
			after = after[len(holeKey):]
		}
		rest = after
	}
	text = out.String()
	// In a JSON text, an escape sequence can hide a character.
	if trimmed := strings.TrimSpace(text); strings.Contains(text, `\u`) && strings.HasPrefix(trimmed, "{") {
		if node, err := policy.ParseJSON([]byte(text)); err == nil {
			if changed, ok := literalNode(node); ok {
				return string(appendNode(nil, changed))
			}
		}
	}
	return text
}

// literalNode applies LiteralText to the texts of a tree. ok is false if nothing changes.
func literalNode(n tree.Node) (out tree.Node, ok bool) {
	out = n
	if n.Kind == tree.String {
		out.Text = LiteralText(n.Text)
		return out, out.Text != n.Text
	}
	out.Elements = slices.Clone(n.Elements)
	for i := range out.Elements {
		changed := false
		out.Elements[i], changed = literalNode(out.Elements[i])
		ok = ok || changed
	}
	out.Members = slices.Clone(n.Members)
	for i := range out.Members {
		m := &out.Members[i]
		name := LiteralText(m.Name)
		value, changed := literalNode(m.Value)
		ok = ok || changed || name != m.Name
		m.Name, m.Value = name, value
	}
	return out, ok
}

// ReplaceHoles returns the text with other text in place of its holes.
func ReplaceHoles(text string, with func(hole string) string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, holeStart)
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, rest, closed := strings.Cut(after, holeEnd)
		if !closed {
			out.WriteString(holeStart + after)
			return out.String()
		}
		out.WriteString(with(holeStart + name + holeEnd))
		text = rest
	}
}

// Document returns a policy document whose JSON text has holes. It is the text itself if all holes stand where policy
// variables may: in the last field of a resource or the value of a condition, in Version 2012-10-17. Otherwise it is
// the tree of the document, with unknown nodes in place of the other texts that have holes. A text with holes that is
// not JSON is unknown, because the values could make it a document.
func Document(text string) tree.Node {
	if !HasHole(text) {
		return tree.Node{Kind: tree.String, Text: text}
	}
	node, err := policy.ParseJSON([]byte(text))
	if err != nil {
		return tree.Node{Kind: tree.Unknown, Scalar: true}
	}
	result := (&documentHoles{}).document(node)
	if !result.HasUnknown() {
		return tree.Node{Kind: tree.String, Text: text}
	}
	return result
}

// DocumentNode is like [Document] for the tree of a JSON text, which may also have unknown nodes.
func DocumentNode(node tree.Node) tree.Node {
	result := (&documentHoles{}).document(node)
	if result.HasUnknown() {
		return result
	}
	return tree.Node{Kind: tree.String, Text: string(appendNode(nil, result))}
}

// documentHoles replaces misplaced holes by unknown nodes.
type documentHoles struct {
	variables bool // the document has policy variables
}

func (d *documentHoles) document(n tree.Node) tree.Node {
	if version, ok := n.Member("Version"); ok && version.Kind == tree.String {
		d.variables = version.Text == policy.Version2012
	}
	return d.object(n, func(name string, value tree.Node) tree.Node {
		if name != "Statement" {
			return d.known(value)
		}
		return d.each(value, func(statement tree.Node) tree.Node { return d.object(statement, d.element) })
	})
}

// element returns the value of an element of a statement.
func (d *documentHoles) element(name string, value tree.Node) tree.Node {
	switch name {
	case "Resource", "NotResource":
		return d.each(value, func(text tree.Node) tree.Node {
			if text.Kind == tree.String && HasHole(text.Text) && d.parsed(text.Text) {
				if _, err := policy.ParseResource(text.Text, true); err == nil {
					return text
				}
			}
			return d.known(text)
		})
	case "Condition":
		return d.object(value, func(name string, keys tree.Node) tree.Node {
			operator, ok := policy.ParseOperator(name)
			return d.object(keys, func(_ string, values tree.Node) tree.Node {
				return d.each(values, func(text tree.Node) tree.Node {
					if ok && operator.AllowsVariables() && text.Kind == tree.String && d.parsed(text.Text) {
						return text
					}
					return d.known(text)
				})
			})
		})
	}
	return d.known(value)
}

// parsed reports whether all holes of a text are policy variables.
func (d *documentHoles) parsed(text string) bool {
	if !d.variables {
		return !HasHole(text)
	}
	p, err := pattern.Parse(text, true)
	if err != nil {
		return !HasHole(text)
	}
	holes := 0
	for t := range p.Tokens() {
		if t.Kind == pattern.Variable && IsHoleKey(t.Text) {
			holes++
		}
	}
	return holes == strings.Count(ascii.Fold(text), holeStart)
}

// each applies a function to the elements of a list, or to the node itself.
func (d *documentHoles) each(n tree.Node, apply func(tree.Node) tree.Node) tree.Node {
	if n.Kind != tree.Array {
		return apply(n)
	}
	n.Elements = slices.Clone(n.Elements)
	for i := range n.Elements {
		n.Elements[i] = apply(n.Elements[i])
	}
	return n
}

// object applies a function to the members of an object. An object with a hole in a name is unknown.
func (d *documentHoles) object(n tree.Node, apply func(name string, value tree.Node) tree.Node) tree.Node {
	if n.Kind != tree.Object {
		return d.known(n)
	}
	n.Members = slices.Clone(n.Members)
	for i := range n.Members {
		m := &n.Members[i]
		if HasHole(m.Name) {
			return tree.Node{Kind: tree.Unknown}
		}
		m.Value = apply(m.Name, m.Value)
	}
	return n
}

// known returns the node with unknown nodes in place of all texts with holes.
func (d *documentHoles) known(n tree.Node) tree.Node {
	switch n.Kind {
	case tree.String:
		if HasHole(n.Text) {
			return tree.Node{Kind: tree.Unknown, Scalar: true, Pos: n.Pos}
		}
	case tree.Array:
		return d.each(n, d.known)
	case tree.Object:
		return d.object(n, func(_ string, value tree.Node) tree.Node { return d.known(value) })
	}
	return n
}

// appendNode appends a tree without unknown nodes as JSON.
func appendNode(out []byte, n tree.Node) []byte {
	switch n.Kind {
	case tree.Bool, tree.Number:
		return append(out, n.Text...)
	case tree.String:
		return appendText(out, n.Text)
	case tree.Array:
		out = append(out, '[')
		for i, element := range n.Elements {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendNode(out, element)
		}
		return append(out, ']')
	case tree.Object:
		out = append(out, '{')
		for i, m := range n.Members {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(appendText(out, m.Name), ':')
			out = appendNode(out, m.Value)
		}
		return append(out, '}')
	}
	return append(out, "null"...)
}

func appendText(out []byte, text string) []byte {
	var quoted strings.Builder
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil { // a text can always be written
		return append(out, `""`...)
	}
	return append(out, strings.TrimSuffix(quoted.String(), "\n")...)
}
