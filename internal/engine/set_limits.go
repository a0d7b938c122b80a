package engine

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/audit"
	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AWS offers quotas in a service of its own. These operations are for the local operator, whom no policy limits: with a
// permission to raise limits, callers could lift the limits of their own policies.

// DefaultLimits returns AWS's quotas.
func DefaultLimits() Limits { return defaultLimits }

// LimitNames returns the names of the limits for [SetLimitsInput], in the order of the fields of [Limits].
func LimitNames() []string {
	t := reflect.TypeFor[Limits]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("json")
	}
	return names
}

// GetLimitsInput is the empty input of [Client.GetLimits].
type GetLimitsInput struct{}

// GetLimitsOutput has the quotas in force.
type GetLimitsOutput struct {
	Limits Limits

	ResultMetadata middleware.Metadata
}

// GetLimits returns the quotas in force. It is for the local operator.
func (c *Client) GetLimits(ctx context.Context, in *GetLimitsInput) (*GetLimitsOutput, error) {
	return do(ctx, c, getLimits, in)
}

var getLimits = registerExtension("Returns the quotas in force.", nil,
	[]model.Member{member("Limits", limitsShape, "The quotas in force.")},
	operation[GetLimitsInput, GetLimitsOutput]{
		name: "GetLimits", audience: localOperatorOnly,
		run: func(c *call, _ *GetLimitsInput) (*GetLimitsOutput, error) {
			limits, err := c.limits()
			return &GetLimitsOutput{Limits: limits}, err
		},
	})

// SetLimitsInput has the quotas to set.
type SetLimitsInput struct {
	// Limits has values by the names of [LimitNames]. Quotas that are not named stay; 0 sets AWS's default.
	Limits map[string]int
}

// SetLimitsOutput is the empty output of [Client.SetLimits].
type SetLimitsOutput struct{ ResultMetadata middleware.Metadata }

// SetLimits sets some quotas. Existing entities stay, also where there are more of them than a new quota allows. It is
// for the local operator.
func (c *Client) SetLimits(ctx context.Context, in *SetLimitsInput) (*SetLimitsOutput, error) {
	return do(ctx, c, setLimits, in)
}

var setLimits = registerExtension("Sets some quotas and leaves the others.",
	[]model.Member{member("Limits", &model.Shape{
		Name: "limitValues", Type: model.Map, Key: &nameShape, Element: &countShape,
	}, "The new quotas by name. 0 sets AWS's default.")},
	nil,
	operation[SetLimitsInput, SetLimitsOutput]{
		name: "SetLimits", writes: true, audience: localOperatorOnly,
		run: func(c *call, in *SetLimitsInput) (*SetLimitsOutput, error) {
			return &SetLimitsOutput{}, c.putLimits(in.Limits)
		},
		describe: func(_ *call, in *SetLimitsInput, _ *SetLimitsOutput, event *audit.Event) {
			event.RequestParameters = map[string]any{}
			for name, value := range in.Limits {
				event.RequestParameters[name] = value
			}
		},
	})

func (c *call) putLimits(values map[string]int) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(LimitNames(), name) {
			return validationError("%q is no limit; there are %s", name, strings.Join(LimitNames(), ", "))
		}
		if values[name] < 0 {
			return validationError("%s cannot be %d: a limit is at least 1, and 0 sets AWS's default", name, values[name])
		}
	}
	set := map[string]int{}
	text, err := c.tx.Setting(limitsSetting)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(text, &set); err != nil {
			return err
		}
	}
	maps.Copy(set, values)
	maps.DeleteFunc(set, func(_ string, value int) bool { return value == 0 })
	if text, err = json.Marshal(set); err != nil {
		return err
	}
	return c.tx.PutSetting(limitsSetting, text)
}
