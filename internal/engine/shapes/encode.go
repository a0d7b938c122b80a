package shapes

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

// Object has the members of a structure that are set, in the model's order.
type Object []Member

// Member is a member of an [Object].
type Member struct {
	Name  string // the wire name
	Value any    // an Object, a []any, a json.RawMessage, a string, a number or a boolean
}

// Encode returns the members of an output, which is a pointer to the operation's struct. Policy documents are
// decoded to JSON, as the aws command line prints them. Times are ISO 8601 in UTC.
func Encode(op *model.Operation, output any) Object {
	if op.Output == nil {
		return nil
	}
	return encodeStructure(op.Output, reflect.ValueOf(output).Elem())
}

// encodeStructure returns the members that are set.
func encodeStructure(shape *model.Shape, v reflect.Value) Object {
	out := Object{}
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
		out = append(out, Member{m.Wire, encode(m.Shape, field)})
	}
	return out
}

// documentShape is the model's name of policy documents. In outputs they are percent-encoded.
const documentShape = "policyDocumentType"

// encode returns a value in the form of [Member.Value].
func encode(shape *model.Shape, v reflect.Value) any {
	switch shape.Type {
	case model.Structure:
		return encodeStructure(shape, v)
	case model.List:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = encode(shape.Element, v.Index(i))
		}
		return list
	case model.Map:
		out := make(Object, 0, v.Len())
		for entries := v.MapRange(); entries.Next(); {
			out = append(out, Member{entries.Key().String(), encode(shape.Element, entries.Value())})
		}
		slices.SortFunc(out, func(a, b Member) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
		return out
	case model.Timestamp:
		return v.Interface().(time.Time).UTC().Format(time.RFC3339)
	case model.Blob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case model.Integer, model.Long:
		return v.Int()
	case model.Boolean:
		return v.Bool()
	}
	if shape.Name == documentShape {
		return document(v.String())
	}
	return v.String()
}

// document decodes a policy document. It returns a text that is not JSON unchanged.
func document(encoded string) any {
	text, err := url.PathUnescape(encoded)
	if err != nil || !json.Valid([]byte(text)) {
		return encoded
	}
	return json.RawMessage(text)
}

// Without returns the object without some members.
func (o Object) Without(names ...string) Object {
	return slices.DeleteFunc(slices.Clone(o), func(m Member) bool { return slices.Contains(names, m.Name) })
}

// MarshalJSON writes the members in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, part := range []any{m.Name, m.Value} {
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
