// Package textset converts between Terraform's sets of strings and Go slices. It reports unknown
// elements.
package textset

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Known returns the known texts of a set, sorted. unknown reports whether the set may have more
// members.
func Known(s types.Set) (texts []string, unknown bool) {
	unknown = s.IsUnknown()
	for _, element := range s.Elements() {
		text, ok := element.(types.String)
		if !ok || text.IsUnknown() {
			unknown = true
			continue
		}
		texts = append(texts, text.ValueString())
	}
	slices.Sort(texts)
	return texts, unknown
}

// Of returns a set of texts.
func Of(texts []string) types.Set {
	values := make([]attr.Value, 0, len(texts))
	for _, text := range texts {
		values = append(values, types.StringValue(text))
	}
	return types.SetValueMust(types.StringType, values)
}
