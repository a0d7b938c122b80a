package shapes

import (
	"encoding/base64"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Decode sets the members of an input from an object with wire names. The input is a pointer to the operation's struct.
// An error about one member is an [*Error]. It quotes no secret.
func Decode(op *model.Operation, input any, node tree.Node) error {
	if node.Kind != tree.Object {
		return fmt.Errorf("expected an object with the parameters; found %s", node.Kind)
	}
	return decodeStructure(op.Input, reflect.ValueOf(input).Elem(), node)
}

// decodeStructure sets the fields of a struct.
func decodeStructure(shape *model.Shape, target reflect.Value, node tree.Node) error {
	for _, m := range node.Members {
		member := MemberOf(shape, m.Name)
		if member == nil {
			return UnknownMember(shape, m.Name)
		}
		if err := decode(member.Shape, target.FieldByName(member.Name), m.Value, member.Sensitive); err != nil {
			return Within(m.Name, err)
		}
	}
	return nil
}

// jsonKinds has the kind of JSON value of each type.
var jsonKinds = map[model.Type]tree.Kind{
	model.String: tree.String, model.Timestamp: tree.String, model.Blob: tree.String,
	model.Integer: tree.Number, model.Long: tree.Number, model.Boolean: tree.Bool,
	model.List: tree.Array, model.Map: tree.Object, model.Structure: tree.Object,
}

// decode sets a field, which may be a pointer. An error does not quote a sensitive value.
func decode(shape *model.Shape, target reflect.Value, node tree.Node, sensitive bool) error {
	if kind := jsonKinds[shape.Type]; node.Kind != kind {
		return fmt.Errorf("expected %s; found %s", TypeName(shape), node.Kind)
	}
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	mismatch := func(example string) error {
		if sensitive {
			return fmt.Errorf("expected %s, such as %s; found another value", TypeName(shape), example)
		}
		return fmt.Errorf("expected %s, such as %s; found %s", TypeName(shape), example, policy.Quote(node.Text))
	}
	switch shape.Type {
	case model.String:
		target.SetString(node.Text)
	case model.Integer, model.Long:
		n, err := strconv.ParseInt(node.Text, 10, target.Type().Bits())
		if err != nil {
			return mismatch("20")
		}
		target.SetInt(n)
	case model.Boolean:
		if node.Text != "true" && node.Text != "false" {
			return mismatch("true or false")
		}
		target.SetBool(node.Text == "true")
	case model.Timestamp:
		at, err := time.Parse(time.RFC3339, node.Text)
		if err != nil {
			return mismatch("2026-01-31T12:00:00Z")
		}
		target.Set(reflect.ValueOf(at))
	case model.Blob:
		bytes, err := base64.StdEncoding.DecodeString(node.Text)
		if err != nil {
			return errors.New("expected bytes in base64; found text that is not valid base64")
		}
		target.SetBytes(bytes)
	case model.List:
		target.Set(reflect.MakeSlice(target.Type(), len(node.Elements), len(node.Elements)))
		for i := range node.Elements {
			if err := decode(shape.Element, target.Index(i), node.Elements[i], sensitive); err != nil {
				return Within(strconv.Itoa(i+1), err)
			}
		}
	case model.Map:
		target.Set(reflect.MakeMapWithSize(target.Type(), len(node.Members)))
		for _, m := range node.Members {
			value := reflect.New(target.Type().Elem()).Elem()
			if err := decode(shape.Element, value, m.Value, sensitive); err != nil {
				return Within(m.Name, err)
			}
			target.SetMapIndex(reflect.ValueOf(m.Name).Convert(target.Type().Key()), value)
		}
	case model.Structure:
		return decodeStructure(shape, target, node)
	default:
		return fmt.Errorf("parameters of the type %s are not supported", TypeName(shape))
	}
	return nil
}
