package policy

import "fmt"

// Pos is a place in a document's text. The zero Pos means that the document
// did not come from text.
type Pos struct {
	Offset int // bytes from the start, from 0
	Line   int // from 1
	Column int // characters from the start of the line, from 1
}

// Known reports whether the position is one in a text.
func (p Pos) Known() bool { return p.Line > 0 }

// String is "line:column", or "" where the position is not known.
func (p Pos) String() string {
	if !p.Known() {
		return ""
	}
	return fmt.Sprintf("%d:%d", p.Line, p.Column)
}

// NodeKind says what a [Node] is.
type NodeKind uint8

// The kinds of node: JSON's, and a value that is not known yet.
const (
	NullNode NodeKind = iota
	BoolNode
	NumberNode
	StringNode
	ArrayNode
	ObjectNode
	// UnknownNode stands for a value that is known only later, of any kind.
	UnknownNode
)

// String names the kind as a message does.
func (k NodeKind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object", "an unknown value"}[k]
}

// Node is a JSON value with its position: the form in which documents reach
// [Decode], whatever they were before.
type Node struct {
	Kind NodeKind
	// Text is a string's value, or a number's or boolean's text as written.
	Text     string
	Elements []Node   // of an array
	Members  []Member // of an object, in the order written
	Pos      Pos
}

// Member is one name and value of an object.
type Member struct {
	Name  string
	Pos   Pos // of the name
	Value Node
}

// Member returns the value of the member with exactly this name.
func (n *Node) Member(name string) (*Node, bool) {
	for i := range n.Members {
		if n.Members[i].Name == name {
			return &n.Members[i].Value, true
		}
	}
	return nil, false
}
