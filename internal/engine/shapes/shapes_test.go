package shapes_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/shapes"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// fill sets all members of a struct.
func fill(shape *model.Shape, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch shape.Type {
	case model.Structure:
		for _, m := range shape.Members {
			fill(m.Shape, v.FieldByName(m.Name))
		}
	case model.List:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(shape.Element, v.Index(i))
		}
	case model.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(shape.Element, value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key").Convert(v.Type().Key()), value)
	case model.Timestamp:
		v.Set(reflect.ValueOf(time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)))
	case model.Blob:
		v.SetBytes([]byte("bytes"))
	case model.Integer, model.Long:
		v.SetInt(7)
	case model.Boolean:
		v.SetBool(true)
	default:
		v.SetString("text")
	}
}

// TestDecode_InvertsEncode encodes and decodes the inputs of all operations.
func TestDecode_InvertsEncode(t *testing.T) {
	for op := range engine.Operations() {
		in := op.NewInput()
		fill(op.Model().Input, reflect.ValueOf(in).Elem())
		// Encode takes an output, so use the shape of the input as the output's.
		encoded, err := json.Marshal(shapes.Encode(&model.Operation{Output: op.Model().Input}, in))
		if err != nil {
			t.Fatal(err)
		}
		node, err := policy.ParseJSON(encoded)
		if err != nil {
			t.Fatal(err)
		}
		read := op.NewInput()
		if err := shapes.Decode(op.Model(), read, node); err != nil {
			t.Errorf("%s: %v\n%s", op.Model().Name, err, encoded)
		}
		if !reflect.DeepEqual(read, in) {
			t.Errorf("%s: read %s\nas %+v\nwant %+v", op.Model().Name, encoded, read, in)
		}
	}
}

func TestDecode_Errors(t *testing.T) {
	for name, test := range map[string]struct{ operation, text, path, want string }{
		"unknown member": {"CreateUser", `{"UserNam": "x"}`, "", `unknown parameter "UserNam"`},
		"wrong kind":     {"CreateUser", `{"UserName": 1}`, "UserName", "expected a string; found a number"},
		"list element":   {"CreateUser", `{"Tags": [{"Key": "a"}, {"Key": []}]}`, "Tags.2.Key", "expected a string"},
		"not a number":   {"ListUsers", `{"MaxItems": 1.5}`, "MaxItems", `such as 20; found "1.5"`},
		"not an object":  {"CreateUser", `[]`, "", "expected an object with the parameters; found"},
		"secret":         {"CreateLoginProfile", `{"Password": ["canary"]}`, "Password", "expected a string; found a list"},
		"large number":   {"SetLimits", `{"Limits": {"users": 9223372036854775808}}`, "Limits.users", "such as 20"},
	} {
		t.Run(name, func(t *testing.T) {
			op, _ := engine.Lookup(test.operation)
			node, err := policy.ParseJSON([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			err = shapes.Decode(op.Model(), op.NewInput(), node)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %s", err, test.want)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("the error quotes a secret: %v", err)
			}
			var memberError *shapes.Error
			if path := ""; errors.As(err, &memberError) {
				if path = memberError.Path; path != test.path {
					t.Errorf("the error has the path %q, want %q", path, test.path)
				}
			} else if test.path != "" {
				t.Errorf("the error has no path, want %q", test.path)
			}
		})
	}
}

func TestEncode_LeavesOutUnsetMembers(t *testing.T) {
	op, _ := engine.Lookup("ListUsers")
	got, err := json.Marshal(shapes.Encode(&model.Operation{Output: op.Model().Input}, op.NewInput()))
	if err != nil || string(got) != "{}" {
		t.Errorf("got %s, %v, want {}", got, err)
	}
}
