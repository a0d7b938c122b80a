// Package shapes converts between the inputs and outputs of operations and trees of values, by the shapes of the model.
//
// [Decode] fills an input from a [tree.Node], such as the parameters of a command. [Encode] turns an output into an
// [Object], whose members have their wire names and the model's order. The package knows no wire protocol: a protocol
// writes and parses trees.
package shapes

import (
	"errors"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// MemberOf returns the member of a structure with a wire name, or nil.
func MemberOf(shape *model.Shape, name string) *model.Member {
	for i := range shape.Members {
		if shape.Members[i].Wire == name {
			return &shape.Members[i]
		}
	}
	return nil
}

// MemberNames returns the wire names of a structure's members.
func MemberNames(shape *model.Shape) []string {
	names := make([]string, len(shape.Members))
	for i := range shape.Members {
		names[i] = shape.Members[i].Wire
	}
	return names
}

// UnknownMember returns the error for a name that no member has. The error lists the names and suggests a similar one.
func UnknownMember(shape *model.Shape, name string) error {
	names := MemberNames(shape)
	if len(names) == 0 {
		return fmt.Errorf("unknown parameter %s; the operation has no parameters", policy.Quote(name))
	}
	suggestion := policy.DidYouMean(strings.ReplaceAll(name, "-", ""), names...)
	return fmt.Errorf("unknown parameter %s%s; the parameters are %s", policy.Quote(name), suggestion,
		strings.Join(names, ", "))
}

// TypeName returns a shape's type for messages, with its article.
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

// Error is the error of one member.
type Error struct {
	// Path is the path of the member, such as Tags.1.Key.
	Path string
	Err  error
}

func (e *Error) Error() string { return printable(e.Path) + ": " + e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Within adds the name of the enclosing member or list index to an error's path.
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
