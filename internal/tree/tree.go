// Package tree represents values of configuration and documents. It has JSON's kinds of values, each with its
// position in the source text, and one more kind for a value that is not known yet.
//
// Policy documents, access questions and planned resources are decoded from trees, whether their source is JSON, YAML
// or Terraform. The package does not parse text and does not interpret values.
package tree

import (
	"fmt"
	"slices"
)

// Pos is a position in a source text. The zero Pos means that the value did not come from text.
type Pos struct {
	Offset int // bytes from the start, from 0
	Line   int // from 1
	Column int // characters from the start of the line, from 1
}

// Known reports whether the value comes from text.
func (p Pos) Known() bool { return p.Line > 0 }

// String returns "line:column", or "" for an unknown position.
func (p Pos) String() string {
	if !p.Known() {
		return ""
	}
	return fmt.Sprintf("%d:%d", p.Line, p.Column)
}

// Kind is the kind of a [Node]: a kind of JSON value, or Unknown.
type Kind uint8

// The kinds of nodes.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
	// Unknown is a value that is not known yet.
	Unknown
)

// String returns the kind as messages name it, such as "a list".
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object", "an unknown value"}[k]
}

// Node is a value with its position.
type Node struct {
	Kind Kind
	// Text is the value of a string, or the text of a number or boolean as written.
	Text string
	// Scalar reports that an Unknown will become a string, a number or a boolean. If Scalar is false, an Unknown may
	// also become null, a list or an object.
	Scalar   bool
	Elements []Node   // the elements of an array
	Members  []Member // the members of an object, in the order of the text
	Pos      Pos
}

// Member is a name and a value in an object.
type Member struct {
	Name  string
	Pos   Pos // the position of the name
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

// HasUnknown reports whether the node, or a node inside it, is Unknown.
func (n *Node) HasUnknown() bool {
	if n.Kind == Unknown {
		return true
	}
	for i := range n.Elements {
		if n.Elements[i].HasUnknown() {
			return true
		}
	}
	for i := range n.Members {
		if n.Members[i].Value.HasUnknown() {
			return true
		}
	}
	return false
}

// Equal reports whether two values are equal, apart from their positions. Members in another order make a difference.
func Equal(a, b Node) bool {
	return a.Kind == b.Kind && a.Text == b.Text && slices.EqualFunc(a.Elements, b.Elements, Equal) &&
		slices.EqualFunc(a.Members, b.Members, func(x, y Member) bool { return x.Name == y.Name && Equal(x.Value, y.Value) })
}
