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

// AWS's API for quotas is a separate service, which the engine does not have. Only the local
// operator may call the two operations of this file. No policy can allow them, because a caller who
// may raise quotas could also lift the size limits of its own policies.

// DefaultLimits returns AWS's default quotas.
func DefaultLimits() Limits { return defaultLimits }

// LimitNames returns the names of the limits for [SetLimitsInput], in the order of the fields of
// [Limits].
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

// GetLimitsOutput contains the quotas of the account.
type GetLimitsOutput struct {
	Limits Limits

	ResultMetadata middleware.Metadata
}

// GetLimits returns the quotas of the account. Only the local operator may call it.
func (c *Client) GetLimits(ctx context.Context, in *GetLimitsInput) (*GetLimitsOutput, error) {
	return do(ctx, c, getLimits, in)
}

var getLimits = registerExtension("Returns the quotas of the account.", nil,
	[]model.Member{member("Limits", limitsShape, "The quotas of the account.")},
	operation[GetLimitsInput, GetLimitsOutput]{
		name: "GetLimits", audience: localOperatorOnly,
		run: func(c *call, _ *GetLimitsInput) (*GetLimitsOutput, error) {
			limits, err := c.limits()
			return &GetLimitsOutput{Limits: limits}, err
		},
	})

// SetLimitsInput contains the quotas to set.
type SetLimitsInput struct {
	// Limits maps names of [LimitNames] to values. The value 0 restores AWS's default. Other quotas do
	// not change.
	Limits map[string]int
}

// SetLimitsOutput is the empty output of [Client.SetLimits].
type SetLimitsOutput struct{ ResultMetadata middleware.Metadata }

// SetLimits sets some quotas. Existing entities remain, even if their number exceeds a new quota.
// Only the local operator may call it.
func (c *Client) SetLimits(ctx context.Context, in *SetLimitsInput) (*SetLimitsOutput, error) {
	return do(ctx, c, setLimits, in)
}

var setLimits = registerExtension("Sets some quotas. The others do not change.",
	[]model.Member{member("Limits", &model.Shape{
		Name: "limitValues", Type: model.Map, Key: &nameShape, Element: &integerShape,
	}, "The new quotas by name. The value 0 restores AWS's default.")},
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

// putLimits stores only quotas that the account has set, so that the others follow AWS's defaults.
func (c *call) putLimits(values map[string]int) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(LimitNames(), name) {
			return validationError("%q is not the name of a limit; expected one of %s", name, strings.Join(LimitNames(), ", "))
		}
		if values[name] < 0 {
			return validationError("The limit %s cannot be %d; expected at least 1, or 0 for AWS's default", name, values[name])
		}
	}
	stored := map[string]int{}
	text, err := c.tx.Setting(limitsSetting)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(text, &stored); err != nil {
			return err
		}
	}
	maps.Copy(stored, values)
	maps.DeleteFunc(stored, func(_ string, value int) bool { return value == 0 })
	if text, err = json.Marshal(stored); err != nil {
		return err
	}
	return c.tx.PutSetting(limitsSetting, text)
}
