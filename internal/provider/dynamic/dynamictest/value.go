// Package dynamictest builds Terraform values for tests.
package dynamictest

import (
	"encoding/json"
	"fmt"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Unknown is a value of unknown type that is known only after apply.
var Unknown = types.DynamicUnknown()

// Value returns the Terraform value of an HCL expression of the same form: a map becomes an object,
// a slice becomes a tuple, and nil becomes null. Value returns a Terraform value unchanged.
func Value(v any) attr.Value {
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
			elements[i] = Value(v[i])
			of[i] = elements[i].Type(nil) //nolint:staticcheck // these types need no context
		}
		return types.TupleValueMust(of, elements)
	case map[string]any:
		attributes, of := map[string]attr.Value{}, map[string]attr.Type{}
		for name, value := range v {
			attributes[name] = Value(value)
			of[name] = attributes[name].Type(nil) //nolint:staticcheck // these types need no context
		}
		return types.ObjectValueMust(of, attributes)
	}
	panic(fmt.Sprintf("dynamictest: no Terraform value for a %T", v))
}

// Dynamic returns Value(v) wrapped as the value of a dynamic parameter.
func Dynamic(v any) types.Dynamic {
	value := Value(v)
	if dynamic, ok := value.(types.Dynamic); ok {
		return dynamic
	}
	return types.DynamicValue(value)
}

// JSON parses text as Terraform's jsondecode does.
func JSON(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
