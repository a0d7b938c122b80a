package model

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// A plan maps the members of a shape to the fields of a Go type. It is computed once for each pair.
type plan struct {
	shape  *Shape
	fields []field
	// unknownFields are the exported fields for which the shape has no member.
	unknownFields []unknownField
	// element is the plan of the elements of a list or of the values of a map.
	element *plan
}

// field is a field of a struct with its member.
type field struct {
	*plan
	index  int
	member *Member
	label  string
}

// unknownField is a field without a member.
type unknownField struct {
	index int
	label string
}

var (
	plans        sync.Map // of planKey to *plan
	timeType     = reflect.TypeFor[time.Time]()
	metadataType = reflect.TypeFor[middleware.Metadata]()
)

type planKey struct {
	shape *Shape
	t     reflect.Type
}

// planOf returns the plan of a structure of the SDK. t is the struct's type. An error reports that type and
// shape do not fit.
func planOf(shape *Shape, t reflect.Type) (*plan, error) {
	key := planKey{shape, t}
	if found, ok := plans.Load(key); ok {
		return found.(*plan), nil
	}
	p, err := makePlan(shape, t)
	if err != nil {
		return nil, err
	}
	plans.Store(key, p)
	return p, nil
}

// kinds has the Go kind of the values of each type.
var kinds = map[Type]reflect.Kind{
	String: reflect.String, Integer: reflect.Int32, Long: reflect.Int64, Boolean: reflect.Bool, Timestamp: reflect.Struct,
	Blob: reflect.Slice, List: reflect.Slice, Map: reflect.Map, Structure: reflect.Struct,
}

// makePlan computes a plan.
func makePlan(shape *Shape, t reflect.Type) (*plan, error) {
	kind := t.Kind()
	if shape.Type == Long && kind == reflect.Int {
		kind = reflect.Int64
	}
	if kind != kinds[shape.Type] || shape.Type == Timestamp && t != timeType {
		return nil, fmt.Errorf("the Go type %s cannot represent the %s %s of the service's model", t, shape.Type, shape.Name)
	}
	p := &plan{shape: shape}
	var err error
	switch shape.Type {
	case List, Map:
		p.element, err = makePlan(shape.Element, t.Elem())
	case Structure:
		err = p.addFields(t)
	}
	return p, err
}

// addFields maps the members of a structure to the fields of a struct.
func (p *plan) addFields(t reflect.Type) error {
	known := map[string]bool{}
	for i := range p.shape.Members {
		m := &p.shape.Members[i]
		f, ok := t.FieldByName(m.Name)
		if !ok {
			return fmt.Errorf("%s has no field %s for the member of %s in the service's model", t, m.Name, p.shape.Name)
		}
		known[m.Name] = true
		value := f.Type
		if value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
		inner, err := makePlan(m.Shape, value)
		if err != nil {
			return fmt.Errorf("field %s of %s: %w", m.Name, t, err)
		}
		p.fields = append(p.fields, field{plan: inner, index: f.Index[0], member: m, label: label(m.Wire)})
	}
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() && !known[f.Name] && f.Type != metadataType {
			p.unknownFields = append(p.unknownFields, unknownField{index: i, label: label(f.Name)})
		}
	}
	return nil
}

// label returns a member's name as messages and CloudTrail records have it: userName, sAMLMetadataDocument.
func label(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// get returns a field's value; ok is false if the field is not set. A plain bool or integer of the SDK always counts as
// set.
func (f *field) get(structure reflect.Value) (reflect.Value, bool) {
	v := structure.Field(f.index)
	switch v.Kind() {
	case reflect.Pointer:
		return v.Elem(), !v.IsNil()
	case reflect.Slice, reflect.Map:
		return v, !v.IsNil()
	case reflect.String:
		// The types of enums are strings and not pointers. An empty string is not set.
		return v, v.Len() > 0
	default:
		return v, true
	}
}
