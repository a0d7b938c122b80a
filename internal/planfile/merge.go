package planfile

import (
	"fmt"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

var unknown = tree.Node{Kind: tree.Unknown}

// merge returns the planned value of a resource with its unknown parts. A plan file has them in a second tree, marks,
// which is true where a value is unknown, and false or missing elsewhere. Terraform omits an unknown attribute from the
// value, and writes null for an unknown element of a list.
//
// Where the trees do not fit together, the value is unknown.
func merge(value, marks tree.Node) tree.Node {
	switch marks.Kind {
	case tree.Bool:
		if marks.Text == "true" {
			return unknown
		}
	case tree.Object:
		if value.Kind != tree.Object {
			return mergeMismatch(value, marks)
		}
		merged := tree.Node{Kind: tree.Object, Members: slices.Clone(value.Members)}
		at := indexOf(merged.Members)
		for i := range marks.Members {
			mark := &marks.Members[i]
			if j, ok := at(mark.Name); ok {
				merged.Members[j].Value = merge(merged.Members[j].Value, mark.Value)
			} else if missing, any := marked(mark.Value); any {
				merged.Members = append(merged.Members, tree.Member{Name: mark.Name, Value: missing})
			}
		}
		return merged
	case tree.Array:
		if value.Kind != tree.Array {
			return mergeMismatch(value, marks)
		}
		merged := tree.Node{Kind: tree.Array, Elements: slices.Clone(value.Elements)}
		for i := range marks.Elements {
			if i < len(merged.Elements) {
				merged.Elements[i] = merge(merged.Elements[i], marks.Elements[i])
			} else if missing, any := marked(marks.Elements[i]); any {
				merged.Elements = append(merged.Elements, missing)
			}
		}
		return merged
	}
	return value
}

func mergeMismatch(value, marks tree.Node) tree.Node {
	if hasMark(marks) {
		return unknown
	}
	return value
}

// indexOf returns a function that finds the index of a member by its name.
func indexOf(members []tree.Member) func(string) (int, bool) {
	if len(members) <= 16 {
		return func(name string) (int, bool) {
			i := slices.IndexFunc(members, func(m tree.Member) bool { return m.Name == name })
			return i, i >= 0
		}
	}
	at := make(map[string]int, len(members))
	for i := range members {
		at[members[i].Name] = i
	}
	return func(name string) (int, bool) {
		i, ok := at[name]
		return i, ok
	}
}

// marked returns the value of an attribute that the planned value does not have at all. any is false if nothing of it
// is unknown.
func marked(marks tree.Node) (value tree.Node, any bool) {
	switch marks.Kind {
	case tree.Bool:
		return unknown, marks.Text == "true"
	case tree.Object:
		value.Kind = tree.Object
		for i := range marks.Members {
			if member, some := marked(marks.Members[i].Value); some {
				any = true
				value.Members = append(value.Members, tree.Member{Name: marks.Members[i].Name, Value: member})
			}
		}
	case tree.Array:
		value.Kind = tree.Array
		for i := range marks.Elements {
			element, some := marked(marks.Elements[i])
			if !some {
				element = unknown // the value of the element is missing
			}
			any = any || some
			value.Elements = append(value.Elements, element)
		}
	}
	return value, any
}

// hasMark reports whether a tree of marks, of after_unknown or of a sensitive value, has a true.
func hasMark(marks tree.Node) bool {
	if marks.Kind == tree.Bool {
		return marks.Text == "true"
	}
	return slices.ContainsFunc(marks.Elements, hasMark) ||
		slices.ContainsFunc(marks.Members, func(m tree.Member) bool { return hasMark(m.Value) })
}

// checkMarks refuses a tree that has other values than marks.
func checkMarks(field string, marks tree.Node) error {
	switch marks.Kind {
	case tree.String, tree.Number:
		return fmt.Errorf("%s: expected true, false, an object or a list, found %s", field, marks.Kind)
	}
	for i := range marks.Elements {
		if err := checkMarks(field, marks.Elements[i]); err != nil {
			return err
		}
	}
	for i := range marks.Members {
		if err := checkMarks(field, marks.Members[i].Value); err != nil {
			return err
		}
	}
	return nil
}
