package planfile

import (
	"fmt"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// priorState reads the prior state. It has the data sources that Terraform has read while it planned, and the
// resources that the plan omits, as with -target. These are added to the changes, because they stay as they are.
func (r *reader) priorState() error {
	changed := map[string]bool{}
	for i := range r.plan.Changes {
		changed[r.plan.Changes[i].Address] = true
		changed[r.plan.Changes[i].PreviousAddress] = true
	}
	return r.optional(func() error {
		return r.object(func(field string) error {
			if field != "values" {
				return r.skip()
			}
			return r.optional(func() error {
				return r.object(func(field string) error {
					if field != "root_module" {
						return r.skip()
					}
					return r.stateModule(changed)
				})
			})
		})
	})
}

// stateModule reads a module of the state.
func (r *reader) stateModule(changed map[string]bool) error {
	return r.optional(func() error {
		return r.object(func(field string) error {
			switch field {
			case "resources":
				return r.optional(func() error {
					return r.array(func() error { return r.stateResource(changed) })
				})
			case "child_modules":
				return r.optional(func() error {
					return r.array(func() error { return r.stateModule(changed) })
				})
			}
			return r.skip()
		})
	})
}

// stateResource reads a resource of the state.
func (r *reader) stateResource(changed map[string]bool) error {
	c := Change{Action: NoOp}
	mode, deposed, values := "", "", -1
	err := r.object(func(field string) (err error) {
		switch field {
		case "deposed_key":
			return r.text(&deposed)
		case "values":
			r.peek()
			values = r.scanner.at
		case "sensitive_values":
			if c.afterSensitive, err = r.node(); err != nil {
				return err
			}
			return checkMarks(field, c.afterSensitive)
		}
		return r.identity(&c, &mode, field)
	})
	if err != nil || changed[c.Address] || deposed != "" || values < 0 || mode != "managed" && mode != "data" {
		return err
	}
	if changed[c.Address] = true; c.Address == "" || c.Type == "" {
		return r.fail("a resource has no address or no type")
	}
	end := r.scanner.at
	r.scanner.at = values
	value, err := r.node()
	if err != nil {
		return err
	}
	r.scanner.at = end
	if value.Kind == tree.Null {
		return nil
	}
	if value.Kind != tree.Object {
		return fmt.Errorf("%s: expected an object, found %s", c.Address, value.Kind)
	}
	if c.Module, err = moduleOf(c.Address); err != nil {
		return err
	}
	c.IsData, c.Before, c.After, c.unresolved, c.beforeSensitive = mode == "data", value, value, value, c.afterSensitive
	c.ProviderKey = r.plan.providerKey(c.Module, mode, c.Type, c.Name, c.Provider)
	if c.IsData {
		r.plan.data = append(r.plan.data, c)
	} else {
		r.plan.Changes = append(r.plan.Changes, c)
	}
	return nil
}
