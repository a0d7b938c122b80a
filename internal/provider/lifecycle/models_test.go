package lifecycle

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func TestKeepEmptyText_PlansOnlyRealChanges(t *testing.T) {
	null, empty, text := types.StringNull(), types.StringValue(""), types.StringValue("a")
	for name, tt := range map[string]struct{ config, state, want types.String }{
		"missing argument, created":     {null, null, null},
		"missing argument, moved":       {null, empty, empty},
		"missing argument, text before": {null, text, null},
		"empty argument, text before":   {empty, text, empty},
		"text, none before":             {text, null, text},
	} {
		t.Run(name, func(t *testing.T) {
			resp := planmodifier.StringResponse{PlanValue: tt.config}
			if tt.config.IsNull() {
				resp.PlanValue = types.StringUnknown() // a computed attribute
			}
			KeepEmptyText().PlanModifyString(t.Context(), planmodifier.StringRequest{ConfigValue: tt.config,
				StateValue: tt.state, PlanValue: resp.PlanValue}, &resp)
			if !resp.PlanValue.Equal(tt.want) {
				t.Errorf("the plan is %v, want %v", resp.PlanValue, tt.want)
			}
		})
	}
}

func TestOptionalText_KeepsEmptyAndMissing(t *testing.T) {
	null, empty := types.StringNull(), types.StringValue("")
	for name, tt := range map[string]struct {
		previous types.String
		imported bool
		current  *string
		want     types.String
	}{
		"missing":             {null, false, nil, null},
		"empty":               {empty, false, nil, empty},
		"imported":            {null, true, nil, empty},
		"imported text":       {null, true, aws.String("a"), types.StringValue("a")},
		"removed outside":     {types.StringValue("a"), false, nil, null},
		"empty in the answer": {null, false, aws.String(""), null},
	} {
		t.Run(name, func(t *testing.T) {
			if got := OptionalText(tt.previous, tt.imported, tt.current); !got.Equal(tt.want) {
				t.Errorf("the text is %v, want %v", got, tt.want)
			}
		})
	}
}
