package model

import (
	"cmp"
	"iter"
	"slices"
)

// Operation is one operation of IAM or STS. It is shared, and not to be changed, like all it
// leads to.
type Operation struct {
	// Service is iam or sts, as in actions of policies and names of endpoints.
	Service string
	Name    string
	// Doc is one sentence.
	Doc string
	// Input is a structure, without members where the operation takes none.
	Input *Shape
	// Output is a structure, or nil. The answer on the wire has no Result element where it is nil,
	// and an empty one where it is a structure without members.
	Output *Shape
	// Page says how a list goes on, and is nil for what comes in one piece.
	Page *Page
	// Errors lists the codes that the model names for the operation.
	Errors []string
}

// Page names the members that lead through a list page by page.
type Page struct {
	InputToken, OutputToken, LimitKey, MoreResults string
	// ResultKeys are the output's lists.
	ResultKeys []string
}

// Type says what kind of value a shape describes.
type Type string

// The types, with Go's in the SDK. A blob is bytes; the keys of a map are strings.
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
	// Name is the model's.
	Name string
	Type Type
	// Min and Max, where given, limit an integer's value, a string's length in characters, a list's
	// in elements.
	Min, Max       int64
	HasMin, HasMax bool
	// Pattern, where given, is what a string must match as a whole.
	Pattern *Pattern
	// Enum, where given, lists a string's values.
	Enum []string
	// Element is the shape of a list's elements or a map's values, Key that of a map's keys.
	Element, Key *Shape
	// Members are a structure's, in the model's order.
	Members []Member
}

// Member is a member of a structure.
type Member struct {
	// Name is that of the field in the SDK's struct, Wire that in requests and answers.
	Name, Wire string
	Shape      *Shape
	Required   bool
	// Sensitive marks passwords, secret keys, tokens, one-time codes and their seeds: never to be
	// logged, recorded or told in an error. It marks more than AWS's model does.
	Sensitive bool
	// Doc is one sentence, or empty.
	Doc string
}

var noMembers = Shape{Type: Structure}

// Lookup finds an operation by its name, such as CreateUser. No name is in both services.
func Lookup(name string) (*Operation, bool) {
	i, found := slices.BinarySearchFunc(operations[:], name, func(op Operation, name string) int { return cmp.Compare(op.Name, name) })
	if !found {
		return nil, false
	}
	return &operations[i], true
}

// All lists the operations by name.
func All() iter.Seq[*Operation] {
	return func(yield func(*Operation) bool) {
		for i := range operations {
			if !yield(&operations[i]) {
				return
			}
		}
	}
}
