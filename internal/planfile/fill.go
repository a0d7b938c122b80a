package planfile

import (
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/planned"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// maxComparisons bounds the work of matching the elements of two lists.
const maxComparisons = 1 << 17

// fill fills the unknown parts of a planned value in from another value of the same expression. fits is false if the
// values contradict each other. The planned value then is right, because Terraform has computed it.
//
// Terraform sorts the elements of sets, so that elements at different positions can be the same.
func fill(value, from tree.Node) (filled tree.Node, fits bool) {
	f := filler{budget: maxComparisons}
	filled, fits = f.fill(value, from)
	return filled, fits && f.budget > 0
}

type filler struct{ budget int }

func (f *filler) fill(value, from tree.Node) (tree.Node, bool) {
	if f.budget--; f.budget <= 0 {
		return value, false
	}
	switch {
	case value.Kind == tree.Unknown:
		return from, true
	case from.Kind == tree.Unknown:
		return value, true
	case isScalar(value) && isScalar(from):
		// The provider converts numbers and booleans to strings, and may write JSON in another form.
		return value, value.Text == from.Text || planned.HasHole(from.Text) || isDocument(value) && isDocument(from)
	case isEmpty(value) || isEmpty(from):
		// A provider writes null, an empty list or a default for an argument that is left out.
		return value, true
	case value.Kind == tree.Object && from.Kind == tree.Object:
		return f.object(value, from)
	case value.Kind == tree.Array && from.Kind == tree.Array:
		return f.array(value, from)
	case value.Kind == tree.Array && from.Kind == tree.Object && len(value.Elements) == 1:
		element, fits := f.fill(value.Elements[0], from)
		return tree.Node{Kind: tree.Array, Elements: []tree.Node{element}}, fits
	}
	return value, false
}

func isScalar(n tree.Node) bool {
	return n.Kind == tree.String || n.Kind == tree.Number || n.Kind == tree.Bool
}

func isEmpty(n tree.Node) bool {
	return n.Kind == tree.Null || n.Kind == tree.Array && len(n.Elements) == 0 ||
		n.Kind == tree.Object && len(n.Members) == 0
}

func (f *filler) object(value, from tree.Node) (tree.Node, bool) {
	filled := tree.Node{Kind: tree.Object, Members: slices.Clone(value.Members)}
	at := indexOf(from.Members)
	for i := range filled.Members {
		j, ok := at(filled.Members[i].Name)
		if !ok {
			continue
		}
		if filled.Members[i].Value, ok = f.fill(filled.Members[i].Value, from.Members[j].Value); !ok {
			return value, false
		}
	}
	return filled, true
}

func (f *filler) array(value, from tree.Node) (tree.Node, bool) {
	if slices.ContainsFunc(from.Elements, func(n tree.Node) bool { return n.Kind == tree.Unknown && !n.Scalar }) {
		return value, true // an unknown block stands for any number of blocks
	}
	if len(value.Elements) != len(from.Elements) {
		return value, false
	}
	filled := tree.Node{Kind: tree.Array, Elements: make([]tree.Node, len(value.Elements))}
	inOrder := true
	for i := range value.Elements {
		var fits bool
		filled.Elements[i], fits = f.fill(value.Elements[i], from.Elements[i])
		inOrder = inOrder && fits
	}
	if inOrder {
		return filled, true
	}
	// The elements that are known entirely come first, so that none of theirs is given to an unknown one.
	used := make([]bool, len(from.Elements))
	for _, known := range []bool{true, false} {
		for i := range value.Elements {
			if value.Elements[i].HasUnknown() == known {
				continue
			}
			found := false
			for j := range from.Elements {
				if used[j] {
					continue
				}
				if element, fits := f.fill(value.Elements[i], from.Elements[j]); fits {
					filled.Elements[i], used[j], found = element, true, true
					break
				}
			}
			if !found {
				return value, false
			}
		}
	}
	return filled, true
}
