package model_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
)

// sample returns a string that satisfies a shape's constraints.
func sample(t *testing.T, s *model.Shape) string {
	t.Helper()
	if s.Enum != nil {
		return s.Enum[0]
	}
	shortest := 1
	if s.HasMin {
		shortest = max(1, int(s.Min))
	}
	for _, candidate := range []string{
		strings.Repeat("a", shortest), strings.Repeat("1", shortest), "/", "v1",
		"o-aaaaaaaaaa/r-aaaa/", "p-aaaaaaaa",
	} {
		if n := utf8.RuneCountInString(candidate); n >= shortest && (!s.HasMax || n <= int(s.Max)) &&
			(s.Pattern == nil || s.Pattern.Match(candidate)) {
			return candidate
		}
	}
	t.Fatalf("sample has no string for %s with the pattern %s; add one", s.Name, s.Pattern)
	return ""
}

// fill sets every member of the shape to a valid value. text, if not nil, may choose the string or bytes of a member.
func fill(t *testing.T, v reflect.Value, s *model.Shape, text func(m model.Member) (string, bool)) {
	t.Helper()
	for _, m := range s.Members {
		field := v.FieldByName(m.Name)
		if text != nil && (m.Shape.Type == model.String || m.Shape.Type == model.Blob) {
			if chosen, ok := text(m); ok {
				setText(field, chosen)
				continue
			}
		}
		fillValue(t, field, m.Shape, text)
	}
}

// setText sets a string or a blob.
func setText(v reflect.Value, text string) {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice {
		v.SetBytes([]byte(text))
		return
	}
	v.SetString(text)
}

// fillValue sets a value of any type to a valid one.
func fillValue(t *testing.T, v reflect.Value, s *model.Shape, text func(m model.Member) (string, bool)) {
	t.Helper()
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch s.Type {
	case model.String:
		v.SetString(sample(t, s))
	case model.Integer:
		v.SetInt(max(1, s.Min))
	case model.Boolean:
		v.SetBool(true)
	case model.Timestamp:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 23, 13, 0, 0, 0, time.FixedZone("", 3600))))
	case model.Blob:
		v.SetBytes([]byte("blob"))
	case model.List:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fillValue(t, v.Index(i), s.Element, text)
		}
	case model.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fillValue(t, value, s.Element, text)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key").Convert(v.Type().Key()), value)
	case model.Structure:
		fill(t, v, s, text)
	}
}

// filled returns an operation's input with all members set.
func filled(t *testing.T, op *model.Operation) any {
	t.Helper()
	in := reflect.New(sdkTypes[op.Name].input)
	fill(t, in.Elem(), op.Input, nil)
	return in.Interface()
}

var sdkTypes = sdk()

// secret lists members that must never appear, independent of the table.
var secret = []string{
	"AuthenticationCode1", "AuthenticationCode2", "TokenCode", "Base32StringSeed", "QRCodePNG", "SecretAccessKey",
	"SessionToken", "Password", "OldPassword", "NewPassword", "ServicePassword", "PrivateKey", "WebIdentityToken",
	"SAMLAssertion", "ContextAssertion",
}

// isSecret reports whether a member must never appear.
func isSecret(m model.Member) bool { return m.Sensitive || slices.Contains(secret, m.Name) }
