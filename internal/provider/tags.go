package provider

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// tagAttributes are the attributes of whatever has tags. The limits are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html.
func tagAttributes() (tags, tagsAll schema.Attribute) {
	return schema.MapAttribute{
			ElementType: types.StringType, Optional: true,
			MarkdownDescription: "Tags, by key. They come before those of the provider's `default_tags`.",
			Validators: []validator.Map{
				mapvalidator.SizeAtMost(50),
				mapvalidator.KeysAre(stringvalidator.LengthBetween(1, 128)),
				mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(256)),
			},
		}, schema.MapAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "All tags, those of the provider's `default_tags` among them.",
		}
}

// tagsAll is what tags there are to be: a resource's own, and the provider's where it has none of that key.
func (m *base) tagsAll(tags types.Map) types.Map {
	if tags.IsUnknown() {
		return types.MapUnknown(types.StringType)
	}
	all := tags.Elements()
	for key, value := range m.defaultTags {
		if !hasKey(all, key) {
			all[key] = types.StringValue(value)
		}
	}
	return types.MapValueMust(types.StringType, all)
}

// ownTags is the tags argument for what tags there are: without those that come from the provider's default tags alone, as far
// as the argument did not have them before.
func (m *base) ownTags(before types.Map, all map[string]string) types.Map {
	own := map[string]string{}
	for key, value := range all {
		_, had := before.Elements()[key]
		if byDefault, ok := m.defaultTags[key]; had || !ok || byDefault != value {
			own[key] = value
		}
	}
	if len(own) == 0 && before.IsNull() {
		return before
	}
	return mapOf(own)
}

// hasKey reports whether there is a tag of a key. Case does not count:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules.
func hasKey[V any](tags map[string]V, key string) bool {
	for other := range tags {
		if strings.EqualFold(other, key) {
			return true
		}
	}
	return false
}

func mapOf(tags map[string]string) types.Map {
	values := make(map[string]attr.Value, len(tags))
	for key, value := range tags {
		values[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, values)
}

// apiTags are tags as the API takes them, in the order of their keys.
func apiTags(ctx context.Context, tags types.Map, diags *diag.Diagnostics) []iamtypes.Tag {
	values := map[string]string{}
	diags.Append(tags.ElementsAs(ctx, &values, false)...)
	var out []iamtypes.Tag
	for _, key := range slices.Sorted(maps.Keys(values)) {
		out = append(out, iamtypes.Tag{Key: aws.String(key), Value: aws.String(values[key])})
	}
	return out
}

// tagValues are tags as the API gives them.
func tagValues(tags []iamtypes.Tag) map[string]string {
	values := map[string]string{}
	for _, tag := range tags {
		values[*tag.Key] = *tag.Value
	}
	return values
}

// tagChanges is what is to be done for tags to become others: keys to take away, and tags to set.
func tagChanges(ctx context.Context, from, to types.Map, diags *diag.Diagnostics) (gone []string, set []iamtypes.Tag) {
	before, after := map[string]string{}, map[string]string{}
	diags.Append(from.ElementsAs(ctx, &before, false)...)
	diags.Append(to.ElementsAs(ctx, &after, false)...)
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if !hasKey(after, key) {
			gone = append(gone, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if value, ok := before[key]; !ok || value != after[key] {
			set = append(set, iamtypes.Tag{Key: aws.String(key), Value: aws.String(after[key])})
		}
	}
	return gone, set
}
