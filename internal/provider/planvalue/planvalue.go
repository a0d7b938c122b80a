// Package planvalue converts the values that Terraform plans into trees. A value in a tree may be
// unknown.
package planvalue

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Node converts a value of a plan or a state. Lists, sets and tuples become arrays. Maps and
// objects become objects whose members are sorted by name.
func Node(v tftypes.Value) (tree.Node, error) {
	switch {
	case !v.IsKnown():
		return tree.Node{Kind: tree.Unknown}, nil
	case v.IsNull():
		return tree.Node{Kind: tree.Null}, nil
	case v.Type().Is(tftypes.String):
		var text string
		err := v.As(&text)
		return tree.Node{Kind: tree.String, Text: text}, err
	case v.Type().Is(tftypes.Bool):
		var value bool
		err := v.As(&value)
		return tree.Node{Kind: tree.Bool, Text: strconv.FormatBool(value)}, err
	case v.Type().Is(tftypes.Number):
		number := new(big.Float)
		err := v.As(&number)
		return tree.Node{Kind: tree.Number, Text: number.Text('g', -1)}, err
	case v.Type().Is(tftypes.List{}), v.Type().Is(tftypes.Set{}), v.Type().Is(tftypes.Tuple{}):
		return list(v)
	case v.Type().Is(tftypes.Map{}), v.Type().Is(tftypes.Object{}):
		return object(v)
	}
	return tree.Node{}, fmt.Errorf("a value of type %s cannot be converted", v.Type())
}

func list(v tftypes.Value) (tree.Node, error) {
	var elements []tftypes.Value
	if err := v.As(&elements); err != nil {
		return tree.Node{}, err
	}
	node := tree.Node{Kind: tree.Array, Elements: make([]tree.Node, 0, len(elements))}
	for _, element := range elements {
		child, err := Node(element)
		if err != nil {
			return tree.Node{}, err
		}
		node.Elements = append(node.Elements, child)
	}
	return node, nil
}

func object(v tftypes.Value) (tree.Node, error) {
	var members map[string]tftypes.Value
	if err := v.As(&members); err != nil {
		return tree.Node{}, err
	}
	node := tree.Node{Kind: tree.Object, Members: make([]tree.Member, 0, len(members))}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		child, err := Node(members[name])
		if err != nil {
			return tree.Node{}, fmt.Errorf("%s: %w", name, err)
		}
		node.Members = append(node.Members, tree.Member{Name: name, Value: child})
	}
	return node, nil
}
