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
