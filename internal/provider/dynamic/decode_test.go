package dynamic

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic/dynamictest"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// format writes a node so that tests can compare it; ? stands for an unknown value.
func format(n tree.Node) string {
	switch n.Kind {
	case tree.Unknown:
		return "?"
	case tree.String:
		return `"` + n.Text + `"`
	case tree.Array:
		parts := make([]string, len(n.Elements))
		for i := range n.Elements {
			parts[i] = format(n.Elements[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	case tree.Object:
		parts := make([]string, len(n.Members))
		for i := range n.Members {
			parts[i] = n.Members[i].Name + ":" + format(n.Members[i].Value)
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return n.Text
}

func TestDecode(t *testing.T) {
	values := func(values ...attr.Value) []attr.Value { return values }
	a, b := types.StringValue("a"), types.StringValue("b")
	for name, tc := range map[string]struct {
		value attr.Value
		want  string
	}{
		"string":                  {a, `"a"`},
		"number":                  {dynamictest.Value(5), `5`},
		"bool":                    {types.BoolValue(true), `true`},
		"dynamic":                 {types.DynamicValue(types.DynamicValue(a)), `"a"`},
		"null":                    {types.StringNull(), `null`},
		"dynamic null":            {types.DynamicNull(), `null`},
		"null inside dynamic":     {types.DynamicValue(types.StringNull()), `null`},
		"unknown string":          {types.StringUnknown(), `?`},
		"unknown of unknown type": {types.DynamicUnknown(), `?`},
		"unknown inside dynamic":  {types.DynamicValue(types.ListUnknown(types.StringType)), `?`},
		"list": {types.ListValueMust(types.StringType, values(a, types.StringUnknown(), b)),
			`["a" ? "b"]`},
		"set":         {types.SetValueMust(types.StringType, values(a, b)), `["a" "b"]`},
		"tuple":       {dynamictest.Value([]any{"a", true, 1, nil}), `["a" true 1 null]`},
		"empty tuple": {dynamictest.Value([]any{}), `[]`},
		"map keeps nulls": {types.MapValueMust(types.StringType,
			map[string]attr.Value{"z": a, "b": types.StringNull()}), `{b:null z:"a"}`},
		"object drops nulls": {dynamictest.Value(map[string]any{"Sid": nil, "Effect": "Allow"}), `{Effect:"Allow"}`},
		"condition key keeps null": {dynamictest.Value(map[string]any{"Bool": map[string]any{"aws:SecureTransport": nil}}),
			`{Bool:{aws:SecureTransport:null}}`},
		"object with unknown member": {dynamictest.Value(map[string]any{"Action": dynamictest.Unknown}), `{Action:?}`},
		"empty object":               {dynamictest.Value(map[string]any{}), `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			node, err := Decode(t.Context(), tc.value)
			if err != nil {
				t.Fatal(err)
			}
			if got := format(node); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestDecodeRequest_ContextNulls(t *testing.T) {
	value := dynamictest.Value(map[string]any{"action": nil, "context": map[string]any{"team": nil}})
	node, err := DecodeRequest(t.Context(), value, "$.context")
	if err != nil {
		t.Fatal(err)
	}
	if got := format(node); got != `{context:{team:null}}` {
		t.Errorf("got %s", got)
	}
}

func TestNumberText(t *testing.T) {
	parse := func(text string) *big.Float { // parses a number as Terraform does
		f, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	for _, tc := range []struct {
		number *big.Float
		want   string
	}{
		{parse("0.1"), "0.1"},
		{parse("-0"), "-0"},
		{parse("10.0"), "10"},
		{parse("123456789012345678901234567890.123"), "123456789012345678901234567890.123"},
		{big.NewFloat(0.5), "0.5"},
		{new(big.Float).SetInt64(123456789012), "123456789012"},
		// A float64 has more digits than the shortest text of its precision shows.
		{big.NewFloat(1180591620717411303424), "1180591620717411303424"},
	} {
		got, err := numberText(tc.number)
		if err != nil || got != tc.want {
			t.Errorf("%s: got %q, %v; want %q", tc.number.Text('p', 0), got, err, tc.want)
		}
	}
	huge := new(big.Float).SetMantExp(big.NewFloat(0.5), 1<<30)
	for _, number := range []*big.Float{huge, new(big.Float).Quo(big.NewFloat(1), huge), parse("1e5000"),
		new(big.Float).SetInf(true)} {
		if text, err := numberText(number); err == nil {
			t.Errorf("got a text of %d bytes, want an error", len(text))
		}
	}
}

func TestDecode_Depth(t *testing.T) {
	value := attr.Value(types.StringValue("x"))
	for range maxDepth + 2 {
		value = basetypes.NewTupleValueMust([]attr.Type{value.Type(t.Context())}, []attr.Value{value})
	}
	if _, err := Decode(t.Context(), value); err == nil || !strings.Contains(err.Error(), "nested more than 64 levels") {
		t.Errorf("got %v", err)
	}
}

// FuzzDecode decodes values made of arbitrary JSON twice: both trees must be the same.
func FuzzDecode(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	f.Add(`{"action":"s3:GetObject","identity":{"a":{"Statement":{}}},"context":{"aws:x":[1,true,null]}}`)
	f.Add(`{"statements":[null],"version":1e99}`)
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			t.Skip()
		}
		value := dynamictest.Dynamic(v)
		node, err := Decode(t.Context(), value)
		if err != nil {
			t.Skip()
		}
		again, err := Decode(t.Context(), value)
		if err != nil || format(node) != format(again) {
			t.Fatalf("%s became %s, then %s (%v)", text, format(node), format(again), err)
		}
	})
}
