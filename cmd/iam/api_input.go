package main

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

// fillInput puts parameters into an input of the SDK, which is a pointer to a structure. The error names the
// parameter and quotes no secret.
func fillInput(op *model.Operation, input any, node tree.Node) error {
	if node.Kind != tree.Object {
		return fmt.Errorf("the parameters are an object; found %s", node.Kind)
	}
	return fillStructure(op.Input, reflect.ValueOf(input).Elem(), node)
}

func fillStructure(shape *model.Shape, target reflect.Value, node tree.Node) error {
	for _, m := range node.Members {
		member := memberOf(shape, m.Name)
		if member == nil {
			return unknownMember(shape, m.Name)
		}
		if err := fill(member.Shape, target.FieldByName(member.Name), m.Value, member.Sensitive); err != nil {
			return within(m.Name, err)
		}
	}
	return nil
}

// wanted is the kind of JSON value that a shape is written as.
var wanted = map[model.Type]tree.Kind{
	model.String: tree.String, model.Timestamp: tree.String, model.Blob: tree.String,
	model.Integer: tree.Number, model.Boolean: tree.Bool,
	model.List: tree.Array, model.Structure: tree.Object,
}

// fill puts one value into a field, which may be a pointer to its type.
func fill(shape *model.Shape, target reflect.Value, node tree.Node, sensitive bool) error {
	if kind := wanted[shape.Type]; node.Kind != kind {
		return fmt.Errorf("it is %s; found %s", typeName(shape), node.Kind)
	}
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	wrong := func(example string) error {
		if sensitive {
			return fmt.Errorf("it is %s, such as %s; found something else", typeName(shape), example)
		}
		return fmt.Errorf("it is %s, such as %s; found %s", typeName(shape), example, policy.Quote(node.Text))
	}
	switch shape.Type {
	case model.String:
		target.SetString(node.Text)
	case model.Integer:
		n, err := strconv.ParseInt(node.Text, 10, 32)
		if err != nil {
			return wrong("20")
		}
		target.SetInt(n)
	case model.Boolean:
		if node.Text != "true" && node.Text != "false" {
			return wrong("true or false")
		}
		target.SetBool(node.Text == "true")
	case model.Timestamp:
		at, err := time.Parse(time.RFC3339, node.Text)
		if err != nil {
			return wrong("2026-01-31T12:00:00Z")
		}
		target.Set(reflect.ValueOf(at))
	case model.Blob:
		bytes, err := base64.StdEncoding.DecodeString(node.Text)
		if err != nil {
			return errors.New("it is bytes in base64; found a character that base64 does not have, or too few of them")
		}
		target.SetBytes(bytes)
	case model.List:
		target.Set(reflect.MakeSlice(target.Type(), len(node.Elements), len(node.Elements)))
		for i := range node.Elements {
			if err := fill(shape.Element, target.Index(i), node.Elements[i], sensitive); err != nil {
				return within(strconv.Itoa(i+1), err)
			}
		}
	case model.Structure:
		return fillStructure(shape, target, node)
	default: // no input of the API has a map
		return fmt.Errorf("it is %s, which cannot be given", typeName(shape))
	}
	return nil
}
