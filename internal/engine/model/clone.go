package model

import "reflect"

// Clone returns a deep copy of an SDK input or output. Nil values stay nil and empty values stay empty. The copy has no
// request metadata, which only the SDK's own client sets.
func Clone[T any](v *T) *T {
	if v == nil {
		return nil
	}
	out := new(T)
	clone(reflect.ValueOf(out).Elem(), reflect.ValueOf(v).Elem())
	return out
}

// clone copies from into to, which must be settable.
func clone(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Pointer:
		if !from.IsNil() {
			to.Set(reflect.New(from.Type().Elem()))
			clone(to.Elem(), from.Elem())
		}
	case reflect.Interface:
		if !from.IsNil() {
			inner := reflect.New(from.Elem().Type()).Elem()
			clone(inner, from.Elem())
			to.Set(inner)
		}
	case reflect.Slice:
		if !from.IsNil() {
			to.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
			for i := range from.Len() {
				clone(to.Index(i), from.Index(i))
			}
		}
	case reflect.Map:
		if !from.IsNil() {
			to.Set(reflect.MakeMapWithSize(from.Type(), from.Len()))
			for entries := from.MapRange(); entries.Next(); {
				value := reflect.New(from.Type().Elem()).Elem()
				clone(value, entries.Value())
				to.SetMapIndex(entries.Key(), value)
			}
		}
	case reflect.Struct:
		if from.Type() == metadataType {
			return
		}
		// Unexported fields are copied as they are. Only times have them, and they do not change.
		to.Set(from)
		for i := range from.NumField() {
			if from.Type().Field(i).IsExported() {
				to.Field(i).SetZero() // do not share the memory that from refers to
				clone(to.Field(i), from.Field(i))
			}
		}
	default:
		to.Set(from)
	}
}
