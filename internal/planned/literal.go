package planned

import (
	"encoding/json"
	"slices"
	"strings"

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
				return DocumentText(changed)
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

// DocumentText returns the JSON text of a tree without unknown nodes.
func DocumentText(n tree.Node) string { return string(appendNode(nil, n)) }

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
