// Package shapes converts between the inputs and outputs of operations and trees of values, by the shapes of the model.
//
// [Decode] fills an input from a [tree.Node], as the command line reads parameters. [Encode] turns an output into an
// [Object], whose members have their names on the wire and their order in the model. The walkers know nothing of a wire
// protocol, so that a protocol only has to write and parse trees.
package shapes

import (
	"errors"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// MemberOf returns the member of a structure with a name on the wire, or nil.
func MemberOf(shape *model.Shape, name string) *model.Member {
	for i := range shape.Members {
		if shape.Members[i].Wire == name {
			return &shape.Members[i]
		}
	}
	return nil
}

// MemberNames returns the names of a structure's members on the wire.
func MemberNames(shape *model.Shape) []string {
	names := make([]string, len(shape.Members))
	for i := range shape.Members {
		names[i] = shape.Members[i].Wire
	}
	return names
}

// UnknownMember returns the error for a name that no member has. It lists the names, and suggests the likely one.
func UnknownMember(shape *model.Shape, name string) error {
	names := MemberNames(shape)
	if len(names) == 0 {
		return fmt.Errorf("there is no parameter %s: there are none", policy.Quote(name))
	}
	likely := policy.DidYouMean(strings.ReplaceAll(name, "-", ""), names...)
	return fmt.Errorf("there is no parameter %s%s; there are %s", policy.Quote(name), likely, strings.Join(names, ", "))
}

// TypeName names a shape's type in messages, with its article.
func TypeName(shape *model.Shape) string {
	switch shape.Type {
	case model.Integer, model.Long:
		return "a number"
	case model.Timestamp:
		return "a time"
	case model.Blob:
		return "bytes in base64"
	case model.List:
		return "a list of " + strings.TrimPrefix(strings.TrimPrefix(TypeName(shape.Element), "a "), "an ") + "s"
	}
	return "a " + string(shape.Type)
}

// Error reports what is wrong with a member.
type Error struct {
	// Path leads to the member, such as Tags.1.Key.
	Path string
	Err  error
}

func (e *Error) Error() string { return printable(e.Path) + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Within returns the error of a member, with the name of what it is a part of before its path.
func Within(name string, err error) error {
	var inner *Error
	if errors.As(err, &inner) {
		return &Error{name + "." + inner.Path, inner.Err}
	}
	return &Error{name, err}
}

// printable replaces the characters of a name that a terminal would interpret.
func printable(name string) string {
	return strings.TrimSuffix(strings.TrimPrefix(policy.Quote(name), `"`), `"`)
}
