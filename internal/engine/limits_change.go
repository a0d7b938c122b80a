package engine

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

// AWS has the operations for quotas in another service. These are for the local operator alone, whom no policy limits: a
// permission that lets someone raise the limits of their own policies would be none.

// DefaultLimits are AWS's.
func DefaultLimits() Limits { return defaultLimits }

// LimitNames are the names of the limits for [Client.SetLimits], in the order of the fields of [Limits].
func LimitNames() []string {
	t := reflect.TypeFor[Limits]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Tag.Get("json")
	}
	return names
}

// Limits are the account's quotas. Only the local operator may ask.
func (c *Client) Limits(ctx context.Context) (Limits, error) {
	var limits Limits
	err := c.ownOperation(ctx, ownOperation{
		name: "GetLimits", reads: true, access: operatorAlone,
		run: func(c *call) (err error) {
			limits, err = c.limits()
			return err
		},
	})
	return limits, err
}

// SetLimits sets quotas by their names; the others stay. 0 is AWS's default. What there is already stays, also where
// it is more than the new quota. Only the local operator may.
func (c *Client) SetLimits(ctx context.Context, values map[string]int) error {
	parameters := map[string]any{}
	for name, value := range values {
		parameters[name] = value
	}
	return c.ownOperation(ctx, ownOperation{
		name: "SetLimits", parameters: parameters, access: operatorAlone,
		run: func(c *call) error {
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
		},
	})
}

// operatorAlone is the access of what no permission gives.
func operatorAlone(c *call) ([]access, error) {
	if c.caller.operator == "" {
		return nil, accessDenied("%s is for the local operator, who has the store's files: no policy can allow it", c.model.Name)
	}
	return nil, nil
}
