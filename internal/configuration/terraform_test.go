package configuration_test

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// TestAttribute_AgreesWithTerraform compares values with those that Terraform 1.11.4 has for the same expressions. The
// file has the values of jsonencode({ v = expression }) in a plan.
func TestAttribute_AgreesWithTerraform(t *testing.T) {
	text, err := os.ReadFile("testdata/terraform.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Expression         string
		Value              any
		Fails, Unsupported bool
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	source.WriteString("resource \"a\" \"b\" {\n")
	for i, tc := range cases {
		fmt.Fprintf(&source, "x%d = try(jsonencode({ v = %s }), \"failed\")\n", i, tc.Expression)
	}
	source.WriteString("}\n")
	c := load(t, files(source.String()))
	for i, tc := range cases {
		got, ok, err := c.Attribute(values{}, "", "managed", "a", "b", tree.Node{}, fmt.Sprintf("x%d", i))
		var document struct{ V any }
		switch {
		case !ok || (got.Kind == tree.Unknown) != tc.Unsupported:
			t.Errorf("%s: got %s, %v", tc.Expression, show(got), err)
		case tc.Unsupported:
		case tc.Fails:
			if got.Text != "failed" {
				t.Errorf("%s: got %s, want a failure", tc.Expression, got.Text)
			}
		case json.Unmarshal([]byte(got.Text), &document) != nil || !reflect.DeepEqual(document.V, tc.Value):
			t.Errorf("%s: got %s, want %v", tc.Expression, got.Text, tc.Value)
		}
	}
}
