package casefile

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// MaxSize is the most bytes a file may have.
const MaxSize = 64 << 20

// Item is one question of a file, or what is wrong in its place.
type Item struct {
	Node tree.Node
	Err  *SyntaxError
}

// SyntaxError says where and why a text cannot be read.
type SyntaxError struct {
	Pos     tree.Pos
	Message string // whole sentences
}

// Error is the message with its position.
func (e *SyntaxError) Error() string {
	if e.Pos.Known() {
		return e.Pos.String() + ": " + e.Message
	}
	return e.Message
}

// Read takes a file's text apart into its questions, in their order. The
// name's extension says how it is written: .yaml and .yml are YAML, .jsonl and
// .ndjson JSON Lines. Under any other name, a text that begins with { or [ is
// one JSON value or JSON Lines, and everything else YAML.
//
// A JSON text or a YAML document is one question or a list of them; a line of
// JSON Lines is one question.
func Read(name string, text []byte) []Item {
	if len(text) > MaxSize {
		return broken(tree.Pos{Line: 1, Column: 1}, fmt.Sprintf("The file has %d bytes; at most %d are read.", len(text), MaxSize))
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml":
		return readYAML(text)
	case ".jsonl", ".ndjson":
		return readLines(text)
	}
	start := bytes.TrimLeft(text, " \t\r\n")
	if len(start) == 0 {
		return nil
	}
	if start[0] != '{' && start[0] != '[' {
		return readYAML(text)
	}
	if firstLineIsWhole(start) {
		return readLines(text)
	}
	return readJSON(text)
}

// firstLineIsWhole tells JSON Lines from a value that goes over several lines.
func firstLineIsWhole(text []byte) bool {
	line, _, more := bytes.Cut(text, []byte("\n"))
	if !more {
		return false
	}
	node, err := policy.ParseJSON(line)
	return err == nil && node.Kind == tree.Object
}

func readJSON(text []byte) []Item {
	node, err := policy.ParseJSON(text)
	if err != nil {
		return syntax(err, 0, 0)
	}
	return spread(node)
}

// spread makes questions of a document: of each element of a list.
func spread(node tree.Node) []Item {
	if node.Kind != tree.Array {
		return []Item{{Node: node}}
	}
	items := make([]Item, len(node.Elements))
	for i, e := range node.Elements {
		items[i].Node = e
	}
	return items
}

func readLines(text []byte) []Item {
	var items []Item
	line, offset := 0, 0
	for len(text) > 0 {
		one, rest, _ := bytes.Cut(text, []byte("\n"))
		if len(bytes.TrimSpace(one)) > 0 {
			node, err := policy.ParseJSON(one)
			if err != nil {
				items = append(items, syntax(err, line, offset)...)
			} else {
				shift(&node, line, offset)
				items = append(items, Item{Node: node})
			}
		}
		line++
		offset += len(text) - len(rest)
		text = rest
	}
	return items
}

// shift moves the positions of a line's tree to where the line stands.
func shift(node *tree.Node, lines, offset int) {
	move(&node.Pos, lines, offset)
	for i := range node.Elements {
		shift(&node.Elements[i], lines, offset)
	}
	for i := range node.Members {
		move(&node.Members[i].Pos, lines, offset)
		shift(&node.Members[i].Value, lines, offset)
	}
}

func move(pos *tree.Pos, lines, offset int) {
	pos.Line += lines
	pos.Offset += offset
}

// syntax makes an item of what the JSON reader found.
func syntax(err error, lines, offset int) []Item {
	var findings policy.Findings
	if errors.As(err, &findings) && len(findings) > 0 {
		pos := findings[0].Pos
		move(&pos, lines, offset)
		return broken(pos, findings[0].Message)
	}
	return broken(tree.Pos{Line: lines + 1, Column: 1, Offset: offset}, err.Error())
}

func broken(pos tree.Pos, message string) []Item {
	return []Item{{Err: &SyntaxError{Pos: pos, Message: message}}}
}
