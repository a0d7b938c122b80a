package argument

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestDuration(t *testing.T) {
	for name, tc := range map[string]struct {
		value types.String
		valid bool
	}{
		"hours":             {types.StringValue("72h"), true},
		"minutes":           {types.StringValue("90m"), true},
		"null":              {types.StringNull(), true},
		"unknown":           {types.StringUnknown(), true},
		"zero":              {types.StringValue("0s"), false},
		"negative duration": {types.StringValue("-1h"), false},
		"no unit":           {types.StringValue("72"), false},
		"unknown unit":      {types.StringValue("3d"), false},
		"empty text":        {types.StringValue(""), false},
	} {
		t.Run(name, func(t *testing.T) {
			var resp validator.StringResponse
			Duration().ValidateString(t.Context(), validator.StringRequest{ConfigValue: tc.value}, &resp)
			if got := !resp.Diagnostics.HasError(); got != tc.valid {
				t.Errorf("the value is valid: %t, want %t (%v)", got, tc.valid, resp.Diagnostics)
			}
		})
	}
}
