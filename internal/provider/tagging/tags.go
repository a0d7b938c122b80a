// Package tagging converts tags between Terraform's attributes and the API, and merges them with
// the provider's default tags.
package tagging

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// Attributes returns the attributes of a resource that has tags. The limits are those of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html.
func Attributes() (tags, tagsAll schema.Attribute) {
	return schema.MapAttribute{
			ElementType: types.StringType, Optional: true, Computed: true,
			PlanModifiers: []planmodifier.Map{keepEmpty{}},
			MarkdownDescription: "The tags, by key. A tag takes precedence over a tag with the same key in the " +
				"provider's `default_tags`.",
			Validators: []validator.Map{
				mapvalidator.SizeAtMost(50),
				mapvalidator.KeysAre(stringvalidator.LengthBetween(1, 128)),
				mapvalidator.ValueStringsAre(stringvalidator.LengthAtMost(256)),
			},
		}, schema.MapAttribute{
			ElementType: types.StringType, Computed: true,
			MarkdownDescription: "All tags, including those of the provider's `default_tags`.",
		}
}

// keepEmpty plans no tags for a configuration without the argument. If the state has an empty map, which is what an
// import or a move from the AWS provider leaves, the plan keeps it, so that it shows no change. The argument is
// therefore also computed: Terraform allows no other plan than null for other arguments.
type keepEmpty struct{}

// Description describes the modifier.
func (keepEmpty) Description(context.Context) string { return "Keeps an empty map." }

// MarkdownDescription describes the modifier.
func (m keepEmpty) MarkdownDescription(ctx context.Context) string { return m.Description(ctx) }

// PlanModifyMap plans the empty map of the state, or null, if the configuration has no map.
func (keepEmpty) PlanModifyMap(_ context.Context, req planmodifier.MapRequest, resp *planmodifier.MapResponse) {
	if !req.ConfigValue.IsNull() {
		return
	}
	resp.PlanValue = types.MapNull(types.StringType)
	if !req.StateValue.IsNull() && len(req.StateValue.Elements()) == 0 {
		resp.PlanValue = req.StateValue
	}
}

// WithDefaults returns the tags of a resource, and the default tags whose keys the resource does
// not have.
func WithDefaults(tags types.Map, defaults map[string]string) types.Map {
	if tags.IsUnknown() {
		return types.MapUnknown(types.StringType)
	}
	all := tags.Elements()
	for key, value := range defaults {
		if !hasKey(all, key) {
			all[key] = types.StringValue(value)
		}
	}
	return types.MapValueMust(types.StringType, all)
}

// WithoutDefaults returns the value of the argument tags for a resource with all these tags. It
// leaves out the default tags, except those that the argument had before. Without tags, it returns the
// previous value if it is null or empty; after an import it returns an empty map, which suits a
// configuration with tags = {} as well as one without the argument.
func WithoutDefaults(before types.Map, imported bool, all, defaults map[string]string) types.Map {
	own := map[string]string{}
	for key, value := range all {
		_, had := before.Elements()[key]
		if byDefault, ok := defaults[key]; had || !ok || byDefault != value {
			own[key] = value
		}
	}
	if len(own) == 0 && before.IsNull() && !imported {
		return before
	}
	return Map(own)
}

// hasKey reports whether there is a tag with a key, without regard to case:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules.
func hasKey[V any](tags map[string]V, key string) bool {
	for other := range tags {
		if ascii.EqualFold(other, key) {
			return true
		}
	}
	return false
}

// Map returns tags as an attribute.
func Map(tags map[string]string) types.Map {
	values := make(map[string]attr.Value, len(tags))
	for key, value := range tags {
		values[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, values)
}

// ForAPI returns tags in the form of the API, sorted by key.
func ForAPI(ctx context.Context, tags types.Map, diags *diag.Diagnostics) []iamtypes.Tag {
	values := map[string]string{}
	diags.Append(tags.ElementsAs(ctx, &values, false)...)
	var out []iamtypes.Tag
	for _, key := range slices.Sorted(maps.Keys(values)) {
		out = append(out, iamtypes.Tag{Key: aws.String(key), Value: aws.String(values[key])})
	}
	return out
}

// Values returns the tags in an answer of the API, by key.
func Values(tags []iamtypes.Tag) map[string]string {
	values := map[string]string{}
	for _, tag := range tags {
		values[*tag.Key] = *tag.Value
	}
	return values
}

// Changes returns the keys to remove and the tags to set that change one set of tags into another.
func Changes(ctx context.Context, from, to types.Map, diags *diag.Diagnostics) (removed []string, set []iamtypes.Tag) {
	before, after := map[string]string{}, map[string]string{}
	diags.Append(from.ElementsAs(ctx, &before, false)...)
	diags.Append(to.ElementsAs(ctx, &after, false)...)
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if !hasKey(after, key) {
			removed = append(removed, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if value, ok := before[key]; !ok || value != after[key] {
			set = append(set, iamtypes.Tag{Key: aws.String(key), Value: aws.String(after[key])})
		}
	}
	return removed, set
}
