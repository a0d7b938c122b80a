package model

import (
	"cmp"
	"iter"
	"slices"
)

// Operation is one operation of IAM or STS. All users share it, so it must not be changed, including everything it
// points to.
type Operation struct {
	// Service is iam or sts, as in the actions of policies and the names of endpoints.
	Service string
	Name    string
	// Doc describes the operation in one sentence.
	Doc string
	// Input is a structure. It has no members if the operation has no parameters.
	Input *Shape
	// Output is a structure, or nil. In the wire format, a response has no Result element if Output is nil, and an empty
	// one if Output has no members.
	Output *Shape
	// Page describes the pages of a list; nil if the operation has no pages.
	Page *Page
	// Errors lists the error codes that the model has for the operation.
	Errors []string
}

// Page names the members that control the pages of a list.
type Page struct {
	InputToken, OutputToken, LimitKey, MoreResults string
	// ResultKeys names the lists of the output.
	ResultKeys []string
}

// Type is the type of the values of a shape.
type Type string

// The types, each with its Go type in the SDK. A blob is a []byte; the keys of a map are strings.
const (
	String    Type = "string"    // string, or a string type for an enum
	Integer   Type = "integer"   // int32
	Long      Type = "long"      // int or int64; only the engine's own operations have it
	Boolean   Type = "boolean"   // bool
	Timestamp Type = "timestamp" // time.Time
	Blob      Type = "blob"      // []byte
	List      Type = "list"      // a slice
	Map       Type = "map"       // a map
	Structure Type = "structure" // a struct
)

// Shape describes a value.
type Shape struct {
	// Name is the name in the model.
	Name string
	Type Type
	// Min and Max, if set, limit the value of an integer, the characters of a string, or the elements of a list.
	Min, Max       int64
	HasMin, HasMax bool
	// Pattern, if set, must match the whole string.
	Pattern *Pattern
	// Enum, if set, lists the values of a string.
	Enum []string
	// Element is the shape of the elements of a list or of the values of a map. Key is the shape of the keys of a map.
	Element, Key *Shape
	// Members has the members of a structure, in the order of the model.
	Members []Member
}

// Member is a member of a structure.
type Member struct {
	// Name is the name of the field in the SDK's struct. Wire is the name in requests and responses.
	Name, Wire string
	Shape      *Shape
	Required   bool
	// Sensitive marks passwords, secret keys, tokens, one-time codes and their seeds. They must never appear in logs,
	// audit records and errors. It marks more members than AWS's model.
	Sensitive bool
	// Doc describes the member in one sentence, or is empty.
	Doc string
}

// Member returns the shape of a member of a structure, or of a list of structures. It panics if there is none.
func (s *Shape) Member(name string) *Shape {
	if s.Type == List {
		s = s.Element
	}
	for _, m := range s.Members {
		if m.Name == name {
			return m.Shape
		}
	}
	panic("the shape " + s.Name + " has no member " + name)
}

// noMembers is the input of an operation without parameters.
var noMembers = Shape{Type: Structure}

// Lookup returns the operation with a name, such as CreateUser. The two services have no name in common.
func Lookup(name string) (*Operation, bool) {
	i, found := slices.BinarySearchFunc(operations[:], name,
		func(op Operation, name string) int { return cmp.Compare(op.Name, name) })
	if !found {
		return nil, false
	}
	return &operations[i], true
}

// All iterates over the operations, sorted by name.
func All() iter.Seq[*Operation] {
	return func(yield func(*Operation) bool) {
		for i := range operations {
			if !yield(&operations[i]) {
				return
			}
		}
	}
}
