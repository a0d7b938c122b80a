package textset_test

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/textset"
)

func TestKnown_UnknownMembers(t *testing.T) {
	for name, test := range map[string]struct {
		set     types.Set
		texts   []string
		unknown bool
	}{
		"null set":      {types.SetNull(types.StringType), nil, false},
		"unknown set":   {types.SetUnknown(types.StringType), nil, true},
		"known members": {textset.Of([]string{"b", "a"}), []string{"a", "b"}, false},
		"unknown member": {types.SetValueMust(types.StringType, []attr.Value{types.StringUnknown(), types.StringValue("a")}),
			[]string{"a"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			texts, unknown := textset.Known(test.set)
			if !slices.Equal(texts, test.texts) || unknown != test.unknown {
				t.Errorf("got %q, %t, want %q, %t", texts, unknown, test.texts, test.unknown)
			}
		})
	}
}
