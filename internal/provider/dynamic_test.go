package provider

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// valueOf makes the Terraform value that an HCL expression of the same form has: objects and tuples. A
// *big.Float is a number, nil is null, and unknown stands for an unknown value.
func valueOf(v any) attr.Value {
	switch v := v.(type) {
	case nil:
		return types.DynamicNull()
	case attr.Value:
		return v
	case string:
		return types.StringValue(v)
	case bool:
		return types.BoolValue(v)
	case float64:
		return types.NumberValue(big.NewFloat(v))
	case int:
		return types.NumberValue(big.NewFloat(float64(v)))
	case []any:
		elements := make([]attr.Value, len(v))
		of := make([]attr.Type, len(v))
		for i := range v {
			elements[i] = valueOf(v[i])
			of[i] = elements[i].Type(nil) //nolint:staticcheck // these types need no context
		}
		return types.TupleValueMust(of, elements)
	case map[string]any:
		attributes, of := map[string]attr.Value{}, map[string]attr.Type{}
		for name, value := range v {
			attributes[name] = valueOf(value)
			of[name] = attributes[name].Type(nil) //nolint:staticcheck // these types need no context
		}
		return types.ObjectValueMust(of, attributes)
	}
	panic("no Terraform value for this")
}

// unknown is a value of unknown type that is known only after apply.
var unknown = types.DynamicUnknown()

// object reads JSON as the value that jsondecode gives.
func object(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// show writes a node so that tests can compare it; ? is unknown.
func show(n tree.Node) string {
	switch n.Kind {
	case tree.Unknown:
		return "?"
	case tree.String:
		return `"` + n.Text + `"`
	case tree.Array:
		parts := make([]string, len(n.Elements))
		for i := range n.Elements {
			parts[i] = show(n.Elements[i])
		}
		return "[" + strings.Join(parts, " ") + "]"
	case tree.Object:
		parts := make([]string, len(n.Members))
		for i := range n.Members {
			parts[i] = n.Members[i].Name + ":" + show(n.Members[i].Value)
		}
		return "{" + strings.Join(parts, " ") + "}"
	}
	return n.Text
}

func TestNodeOf(t *testing.T) {
	stringsOfType := func(values ...attr.Value) []attr.Value { return values }
	a, b := types.StringValue("a"), types.StringValue("b")
	for name, tc := range map[string]struct {
		value attr.Value
		want  string
	}{
		"string":                     {a, `"a"`},
		"number is no string":        {valueOf(5), `5`},
		"bool":                       {types.BoolValue(true), `true`},
		"dynamic":                    {types.DynamicValue(types.DynamicValue(a)), `"a"`},
		"null":                       {types.StringNull(), `null`},
		"dynamic null":               {types.DynamicNull(), `null`},
		"null inside of dynamic":     {types.DynamicValue(types.StringNull()), `null`},
		"unknown string":             {types.StringUnknown(), `?`},
		"unknown of unknown type":    {types.DynamicUnknown(), `?`},
		"unknown inside of dynamic":  {types.DynamicValue(types.ListUnknown(types.StringType)), `?`},
		"list":                       {types.ListValueMust(types.StringType, stringsOfType(a, types.StringUnknown(), b)), `["a" ? "b"]`},
		"set":                        {types.SetValueMust(types.StringType, stringsOfType(a, b)), `["a" "b"]`},
		"tuple":                      {valueOf([]any{"a", true, 1, nil}), `["a" true 1 null]`},
		"empty tuple":                {valueOf([]any{}), `[]`},
		"map, sorted, nulls kept":    {types.MapValueMust(types.StringType, map[string]attr.Value{"z": a, "b": types.StringNull()}), `{b:null z:"a"}`},
		"object without its nulls":   {valueOf(map[string]any{"Sid": nil, "Effect": "Allow"}), `{Effect:"Allow"}`},
		"a condition key's null":     {valueOf(map[string]any{"Bool": map[string]any{"aws:SecureTransport": nil}}), `{Bool:{aws:SecureTransport:null}}`},
		"object with unknown member": {valueOf(map[string]any{"Action": unknown}), `{Action:?}`},
		"empty object":               {valueOf(map[string]any{}), `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			node, err := nodeOf(t.Context(), tc.value)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(node); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestNodeOfKeepsNullsOfContext(t *testing.T) {
	value := valueOf(map[string]any{"action": nil, "context": map[string]any{"team": nil}})
	node, err := nodeWithContext(t.Context(), value, "$.context")
	if err != nil {
		t.Fatal(err)
	}
	if got := show(node); got != `{context:{team:null}}` {
		t.Errorf("got %s", got)
	}
}

func TestNumberText(t *testing.T) {
	parse := func(text string) *big.Float { // as Terraform parses a number
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
		// Sent as a float64, which has more digits than the shortest text of that precision shows.
		{big.NewFloat(1180591620717411303424), "1180591620717411303424"},
	} {
		got, err := numberText(tc.number)
		if err != nil || got != tc.want {
			t.Errorf("%s: got %q, %v; want %q", tc.number.Text('p', 0), got, err, tc.want)
		}
	}
	huge := new(big.Float).SetMantExp(big.NewFloat(0.5), 1<<30)
	for _, hopeless := range []*big.Float{huge, new(big.Float).Quo(big.NewFloat(1), huge), parse("1e5000"), new(big.Float).SetInf(true)} {
		if text, err := numberText(hopeless); err == nil {
			t.Errorf("got a text of %d bytes, want an error", len(text))
		}
	}
}

func TestNodeOfRefusesDepth(t *testing.T) {
	value := attr.Value(types.StringValue("x"))
	for range maxDepth + 2 {
		value = basetypes.NewTupleValueMust([]attr.Type{value.Type(t.Context())}, []attr.Value{value})
	}
	if _, err := nodeOf(t.Context(), value); err == nil || !strings.Contains(err.Error(), "nested more than 64 levels") {
		t.Errorf("got %v", err)
	}
}

// FuzzNodeOf feeds values made of arbitrary JSON through the decoder: the tree must say what the JSON said,
// and whatever it is, no function may panic on it.
func FuzzNodeOf(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	f.Add(`{"action":"s3:GetObject","identity":{"a":{"Statement":{}}},"context":{"aws:x":[1,true,null]}}`)
	f.Add(`[{"sid":"a","actions":["x"],"principals":{"type":"*","identifiers":[{}]},"condition":[[]]}]`)
	f.Add(`{"statements":[null],"version":1e99}`)
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			t.Skip()
		}
		value := types.DynamicValue(valueOf(v))
		node, err := nodeOf(t.Context(), value)
		if err != nil {
			t.Skip()
		}
		again, err := nodeOf(t.Context(), value)
		if err != nil || show(node) != show(again) {
			t.Fatalf("%s became %s, then %s (%v)", text, show(node), show(again), err)
		}
		for _, fn := range []callable{
			{newSimulate(), []attr.Value{value}},
			{newPolicyDocument(), []attr.Value{value}},
			{newNormalizePolicy(), []attr.Value{value}},
			{newValidatePolicy(), []attr.Value{value, types.StringValue("resource")}},
			{newAllows(), []attr.Value{value, types.DynamicValue(types.StringValue("s3:GetObject")), types.DynamicValue(types.StringValue("*")), emptyTuple}},
			{newCouldAllow(), []attr.Value{types.DynamicValue(valueOf([]any{})), value, value, variadic(value)}},
		} {
			_, _ = fn.run(t) // an answer or a refusal
		}
	})
}
