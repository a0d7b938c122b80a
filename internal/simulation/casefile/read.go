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

// MaxSize is the largest size of a file in bytes.
const MaxSize = 64 << 20

// Item is one question of a file, or the error that stands in its place.
type Item struct {
	Node tree.Node
	Err  *SyntaxError
}

// SyntaxError reports where and why a text cannot be parsed.
type SyntaxError struct {
	Pos     tree.Pos
	Message string // whole sentences
}

// Error returns the message with its position.
func (e *SyntaxError) Error() string {
	if e.Pos.Known() {
		return e.Pos.String() + ": " + e.Message
	}
	return e.Message
}

// Read returns the questions of a file in order. The extension of the name decides the format: .yaml
// and .yml are YAML, .jsonl and .ndjson are JSON Lines. With any other name, a text that begins with {
// or [ is one JSON value or JSON Lines, and everything else is YAML.
//
// A JSON text or a YAML document contains one question or a list of questions. A line of JSON Lines contains
// one question.
func Read(name string, text []byte) []Item {
	if len(text) > MaxSize {
		message := fmt.Sprintf("The file has %d bytes; the limit is %d.", len(text), MaxSize)
		return syntaxError(tree.Pos{Line: 1, Column: 1}, message)
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
	if firstLineIsObject(start) {
		return readLines(text)
	}
	return readJSON(text)
}

// firstLineIsObject reports whether the first of several lines is a complete object. The text is then
// JSON Lines, and otherwise one JSON value.
func firstLineIsObject(text []byte) bool {
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
		return jsonSyntaxError(err, 0, 0)
	}
	return questionsOf(node)
}

// questionsOf returns the elements of a list as one question each, and any other value as one question.
func questionsOf(node tree.Node) []Item {
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
				items = append(items, jsonSyntaxError(err, line, offset)...)
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

// shift converts the positions in a node from positions in its line to positions in the file.
func shift(node *tree.Node, lines, offset int) {
	shiftPos(&node.Pos, lines, offset)
	for i := range node.Elements {
		shift(&node.Elements[i], lines, offset)
	}
	for i := range node.Members {
		shiftPos(&node.Members[i].Pos, lines, offset)
		shift(&node.Members[i].Value, lines, offset)
	}
}

func shiftPos(pos *tree.Pos, lines, offset int) {
	pos.Line += lines
	pos.Offset += offset
}

// jsonSyntaxError returns the first finding of the JSON parser as an item.
func jsonSyntaxError(err error, lines, offset int) []Item {
	var findings policy.Findings
	if errors.As(err, &findings) && len(findings) > 0 {
		pos := findings[0].Pos
		shiftPos(&pos, lines, offset)
		return syntaxError(pos, findings[0].Message)
	}
	return syntaxError(tree.Pos{Line: lines + 1, Column: 1, Offset: offset}, err.Error())
}

func syntaxError(pos tree.Pos, message string) []Item {
	return []Item{{Err: &SyntaxError{Pos: pos, Message: message}}}
}
