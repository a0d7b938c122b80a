package casefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Limits of a YAML text. A few lines of aliases could expand to billions of values, so maxNodes counts
// the values after expansion.
const (
	maxYAMLSize = 8 << 20
	maxNodes    = 1 << 20
	maxDepth    = 64
)

// readYAML reads every document of a YAML text.
//
// It supports less than YAML 1.1. A plain scalar is true, false, null or a number in JSON's notation;
// any other plain scalar is a string. So yes, 012 and 2012-10-17 are strings, and an account id keeps
// its zeros. Merge keys, tags other than !!str and keys that are not scalars are errors.
func readYAML(text []byte) []Item {
	if len(text) > maxYAMLSize {
		message := fmt.Sprintf("The file has %d bytes; the limit for YAML is %d.", len(text), maxYAMLSize)
		return syntaxError(tree.Pos{Line: 1, Column: 1}, message)
	}
	if !utf8.Valid(text) {
		return syntaxError(invalidUTF8(text), "The file is not UTF-8.")
	}
	var items []Item
	r := &yamlReader{anchors: map[*yaml.Node]expansion{}}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return items
		}
		if err != nil {
			return append(items, yamlSyntaxError(err)...)
		}
		if len(doc.Content) == 0 {
			continue
		}
		items = append(items, r.document(doc.Content[0])...)
	}
}

type yamlReader struct {
	nodes   int
	anchors map[*yaml.Node]expansion
}

// expansion is the value of an anchor. All aliases share it, so aliases cost no memory, but its size
// counts once for each alias. The size is 0 while the value is being read.
type expansion struct {
	node tree.Node
	size int
}

// document returns the questions of one document. It reads a list element by element, so that an error
// in one element does not affect the others.
func (r *yamlReader) document(root *yaml.Node) []Item {
	if root.Kind != yaml.SequenceNode {
		node, err := r.value(root, 0)
		if err == nil && node.Kind == tree.Null {
			return nil // an empty document, such as after a closing ---
		}
		return []Item{{Node: node, Err: err}}
	}
	items := make([]Item, len(root.Content))
	for i, child := range root.Content {
		items[i].Node, items[i].Err = r.value(child, 1)
		if r.nodes > maxNodes {
			return items[:i+1]
		}
	}
	return items
}

func position(n *yaml.Node) tree.Pos { return tree.Pos{Line: n.Line, Column: n.Column} }

func fail(n *yaml.Node, format string, args ...any) *SyntaxError {
	return &SyntaxError{Pos: position(n), Message: fmt.Sprintf(format, args...)}
}

func (r *yamlReader) value(n *yaml.Node, depth int) (tree.Node, *SyntaxError) {
	out := tree.Node{Pos: position(n)}
	if r.nodes++; r.nodes > maxNodes {
		return out, r.tooMany(n)
	}
	if depth > maxDepth {
		return out, fail(n, "Values are nested more than %d deep.", maxDepth)
	}
	if n.Style&yaml.TaggedStyle != 0 && n.Tag != "!!str" {
		return out, fail(n, "The tag %s is not supported; leave it out.", n.Tag)
	}
	switch n.Kind {
	case yaml.ScalarNode:
		out.Kind, out.Text = scalar(n)
		return out, nil
	case yaml.SequenceNode:
		out.Kind = tree.Array
		for _, child := range n.Content {
			element, err := r.value(child, depth+1)
			if err != nil {
				return out, err
			}
			out.Elements = append(out.Elements, element)
		}
		return out, nil
	case yaml.MappingNode:
		return r.mapping(n, depth)
	case yaml.AliasNode:
		return r.alias(n, depth)
	}
	return out, fail(n, "The value cannot be read.")
}

// alias returns the value that an alias refers to.
func (r *yamlReader) alias(n *yaml.Node, depth int) (tree.Node, *SyntaxError) {
	known, ok := r.anchors[n.Alias]
	if ok && known.size == 0 {
		return tree.Node{}, fail(n, "The alias *%s refers to a value that contains the alias.", n.Value)
	}
	if ok {
		if r.nodes += known.size; r.nodes > maxNodes {
			return tree.Node{}, r.tooMany(n)
		}
		return known.node, nil
	}
	r.anchors[n.Alias] = expansion{}
	before := r.nodes
	value, err := r.value(n.Alias, depth+1)
	if err != nil {
		delete(r.anchors, n.Alias)
		return value, err
	}
	r.anchors[n.Alias] = expansion{value, r.nodes - before}
	return value, nil
}

func (r *yamlReader) tooMany(n *yaml.Node) *SyntaxError {
	return fail(n, "The file expands to more than %d values; it has too many aliases.", maxNodes)
}

func (r *yamlReader) mapping(n *yaml.Node, depth int) (tree.Node, *SyntaxError) {
	out := tree.Node{Kind: tree.Object, Pos: position(n)}
	seen := map[string]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			return out, fail(key, "A name must be a plain or quoted string.")
		case key.Tag == "!!merge":
			return out, fail(key, "Merge keys (<<) are not supported; write the names out, "+
				"or use an alias for a whole value.")
		case key.Style&yaml.TaggedStyle != 0 && key.Tag != "!!str":
			return out, fail(key, "The tag %s is not supported; leave it out.", key.Tag)
		}
		folded := ascii.Fold(key.Value)
		switch earlier, ok := seen[folded]; {
		case ok && earlier == key.Value:
			return out, fail(key, "The name %q occurs twice in one object; readers would keep only one of them.",
				key.Value)
		case ok:
			return out, fail(key, "The names %q and %q of one object differ in case only.", earlier, key.Value)
		}
		seen[folded] = key.Value
		value, err := r.value(n.Content[i+1], depth+1)
		if err != nil {
			return out, err
		}
		out.Members = append(out.Members, tree.Member{Name: key.Value, Pos: position(key), Value: value})
	}
	return out, nil
}

var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// scalar returns the kind and text of a scalar. A quoted or tagged scalar is a string.
func scalar(n *yaml.Node) (tree.Kind, string) {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) != 0 {
		return tree.String, n.Value
	}
	switch n.Value {
	case "", "~", "null":
		return tree.Null, "null"
	case "true", "false":
		return tree.Bool, n.Value
	}
	if number.MatchString(n.Value) {
		return tree.Number, n.Value
	}
	return tree.String, n.Value
}

var yamlLine = regexp.MustCompile(`line ([0-9]+): `)

// yamlSyntaxError returns the error of the YAML parser, which names a line only, as an item.
func yamlSyntaxError(err error) []Item {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	pos := tree.Pos{Line: 1, Column: 1}
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		if line, err := strconv.Atoi(m[1]); err == nil {
			pos.Line = line
		}
		message = strings.Replace(message, m[0], "", 1)
	}
	return syntaxError(pos, "The YAML cannot be read: "+message+".")
}

// invalidUTF8 returns the position of the first byte that is not valid UTF-8.
func invalidUTF8(text []byte) tree.Pos {
	pos := tree.Pos{Line: 1, Column: 1}
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size == 1 {
			break
		}
		pos.Offset += size
		if pos.Column++; r == '\n' {
			pos.Line, pos.Column = pos.Line+1, 1
		}
		text = text[size:]
	}
	return pos
}
