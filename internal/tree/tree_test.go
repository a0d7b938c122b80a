package tree_test

import (
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func TestNode_HasUnknown(t *testing.T) {
	unknown, known := tree.Node{Kind: tree.Unknown}, tree.Node{Kind: tree.String, Text: "a"}
	for _, tc := range []struct {
		name string
		node tree.Node
		want bool
	}{
		{"unknown", unknown, true},
		{"string", known, false},
		{"element", tree.Node{Kind: tree.Array, Elements: []tree.Node{known, unknown}}, true},
		{"known elements", tree.Node{Kind: tree.Array, Elements: []tree.Node{known}}, false},
		{"member", tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "a", Value: unknown}}}, true},
		{"known members", tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "a", Value: known}}}, false},
	} {
		if got := tc.node.HasUnknown(); got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestEqual(t *testing.T) {
	text := func(s string, line int) tree.Node {
		return tree.Node{Kind: tree.String, Text: s, Pos: tree.Pos{Line: line}}
	}
	object := func(name string, value tree.Node) tree.Node {
		return tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: name, Value: value}}}
	}
	list := tree.Node{Kind: tree.Array, Elements: []tree.Node{text("a", 1)}}
	for _, c := range []struct {
		name string
		a, b tree.Node
		want bool
	}{
		{"another position", object("a", text("x", 1)), object("a", text("x", 2)), true},
		{"another text", object("a", text("x", 1)), object("a", text("y", 1)), false},
		{"another name", object("a", list), object("b", list), false},
		{"another kind", text("", 0), tree.Node{}, false},
		{"another length", list, tree.Node{Kind: tree.Array}, false},
	} {
		if got := tree.Equal(c.a, c.b); got != c.want {
			t.Errorf("%s: got %t", c.name, got)
		}
	}
}
