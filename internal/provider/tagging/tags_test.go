package tagging

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestKeepEmpty_PlansOnlyRealChanges(t *testing.T) {
	null, empty, tags := types.MapNull(types.StringType), Map(nil), Map(map[string]string{"a": "b"})
	for name, tt := range map[string]struct{ config, state, want types.Map }{
		"missing argument, created":       {null, null, null},
		"missing argument, moved":         {null, empty, empty},
		"missing argument, tags before":   {null, tags, null},
		"empty argument, tags before":     {empty, tags, empty},
		"empty argument, imported":        {empty, empty, empty},
		"tags in the argument, no before": {tags, null, tags},
	} {
		t.Run(name, func(t *testing.T) {
			resp := planmodifier.MapResponse{PlanValue: tt.config}
			if tt.config.IsNull() {
				resp.PlanValue = types.MapUnknown(types.StringType) // a computed attribute
			}
			keepEmpty{}.PlanModifyMap(t.Context(), planmodifier.MapRequest{ConfigValue: tt.config, StateValue: tt.state,
				PlanValue: resp.PlanValue}, &resp)
			if !resp.PlanValue.Equal(tt.want) {
				t.Errorf("the plan is %v, want %v", resp.PlanValue, tt.want)
			}
		})
	}
}
