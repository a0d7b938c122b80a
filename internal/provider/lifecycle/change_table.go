package lifecycle

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// changeTable returns the part of a resource's documentation that says which arguments change the object in place and
// which replace it, and what a replacement does to what belongs to the object. It asks the plan modifiers of the
// schema, so it cannot differ from what they do.
func (r *Resource[M, O]) changeTable(ctx context.Context, s schema.Schema) string {
	owner, hasOwner := r.ownerAttribute()
	inPlace, replacing := []string{}, []string{}
	var rows []string
	for _, name := range slices.Sorted(maps.Keys(s.Attributes)) {
		attribute := s.Attributes[name]
		quoted := "`" + name + "`"
		switch {
		case !attribute.IsRequired() && !attribute.IsOptional():
		case r.d.ChangesByCode[name] != "":
			rows = append(rows, fmt.Sprintf("| %s | %s |", quoted, r.d.ChangesByCode[name]))
		case hasOwner && name == owner.Attribute:
			rows = append(rows, fmt.Sprintf("| %s | another %[2]s replaces the object; a renamed %[2]s changes only this name |",
				quoted, owner.Kind))
		case replaces(ctx, s, name, attribute):
			replacing = append(replacing, quoted)
		default:
			inPlace = append(inPlace, quoted)
		}
	}
	if len(inPlace) > 0 {
		rows = append(rows, fmt.Sprintf("| %s | in place |", strings.Join(inPlace, ", ")))
	}
	if len(replacing) > 0 {
		rows = append(rows, fmt.Sprintf("| %s | replaces the object |", strings.Join(replacing, ", ")))
	}
	text := "\n\n| a change of | happens |\n|---|---|\n" + strings.Join(rows, "\n")
	switch {
	case r.d.WhenReplaced != "":
		text += "\n\n" + r.d.WhenReplaced
	case hasOwner:
		text += fmt.Sprintf("\n\nA replaced %s replaces the object too, if the resource refers to that of the %[1]s.",
			owner.Kind)
	}
	return text
}

// replaces reports whether a change of an attribute replaces the object.
func replaces(ctx context.Context, s schema.Schema, name string, attribute schema.Attribute) bool {
	objectType, _ := s.Type().TerraformType(ctx).(tftypes.Object)
	values := map[string]tftypes.Value{}
	for attributeName, attributeType := range objectType.AttributeTypes {
		values[attributeName] = tftypes.NewValue(attributeType, nil)
	}
	raw := tftypes.NewValue(objectType, values)
	state, plan := tfsdk.State{Schema: s, Raw: raw}, tfsdk.Plan{Schema: s, Raw: raw}
	config := tfsdk.Config{Schema: s, Raw: raw}
	at := path.Root(name)
	switch attribute := attribute.(type) {
	case schema.StringAttribute:
		before, after := types.StringValue("before"), types.StringValue("after")
		return textReplaces(ctx, attribute.PlanModifiers, planmodifier.StringRequest{Path: at, Config: config,
			ConfigValue: after, Plan: plan, PlanValue: after, State: state, StateValue: before})
	case schema.MapAttribute:
		before := types.MapValueMust(types.StringType, nil)
		after := types.MapNull(types.StringType)
		for _, modifier := range attribute.PlanModifiers {
			resp := planmodifier.MapResponse{PlanValue: after}
			modifier.PlanModifyMap(ctx, planmodifier.MapRequest{Path: at, Config: config, ConfigValue: after, Plan: plan,
				PlanValue: after, State: state, StateValue: before}, &resp)
			if resp.RequiresReplace {
				return true
			}
		}
	}
	return false
}

// textReplaces reports whether one of the plan modifiers of a text requires a replacement.
func textReplaces(ctx context.Context, modifiers []planmodifier.String, req planmodifier.StringRequest) bool {
	for _, modifier := range modifiers {
		resp := planmodifier.StringResponse{PlanValue: req.PlanValue}
		modifier.PlanModifyString(ctx, req, &resp)
		if resp.RequiresReplace {
			return true
		}
	}
	return false
}
