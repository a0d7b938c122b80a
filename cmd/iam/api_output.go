package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// object is a structure of an answer: the members that it has, in the model's order.
type object []member

type member struct {
	name  string
	value any // an object, a []any, a json.RawMessage, a string, a number or a boolean
}

// outputOf reads an output of the SDK. Policy documents become the JSON that they are, as the aws command line
// prints them, and times are ISO 8601 in UTC.
func outputOf(op *model.Operation, output any) object {
	if op.Output == nil {
		return nil
	}
	return objectOf(op.Output, reflect.ValueOf(output).Elem())
}

func objectOf(shape *model.Shape, v reflect.Value) object {
	out := object{}
	for i := range shape.Members {
		m := &shape.Members[i]
		field := v.FieldByName(m.Name)
		switch field.Kind() {
		case reflect.Pointer:
			if field.IsNil() {
				continue
			}
			field = field.Elem()
		case reflect.Slice, reflect.Map:
			if field.IsNil() {
				continue
			}
		case reflect.String: // an enumeration
			if field.Len() == 0 {
				continue
			}
		}
		out = append(out, member{m.Wire, valueOf(m.Shape, field)})
	}
	return out
}

// documentShape is the model's name of the texts that are percent-encoded policy documents in answers.
const documentShape = "policyDocumentType"

func valueOf(shape *model.Shape, v reflect.Value) any {
	switch shape.Type {
	case model.Structure:
		return objectOf(shape, v)
	case model.List:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = valueOf(shape.Element, v.Index(i))
		}
		return list
	case model.Map:
		out := make(object, 0, v.Len())
		for entries := v.MapRange(); entries.Next(); {
			out = append(out, member{entries.Key().String(), valueOf(shape.Element, entries.Value())})
		}
		slices.SortFunc(out, func(a, b member) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
		return out
	case model.Timestamp:
		return v.Interface().(time.Time).UTC().Format(time.RFC3339)
	case model.Blob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case model.Integer:
		return v.Int()
	case model.Boolean:
		return v.Bool()
	}
	if shape.Name == documentShape {
		return document(v.String())
	}
	return v.String()
}

// document decodes a policy document. One that is no JSON stays the text that it is.
func document(encoded string) any {
	text, err := url.PathUnescape(encoded)
	if err != nil || !json.Valid([]byte(text)) {
		return encoded
	}
	return json.RawMessage(text)
}

// without is the object but for some members.
func (o object) without(names ...string) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return slices.Contains(names, m.name) })
}

// MarshalJSON keeps the order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{m.name, m.value} {
			if j > 0 {
				b.WriteByte(':')
			}
			encoder := json.NewEncoder(&b)
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(part); err != nil {
				return nil, err
			}
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
