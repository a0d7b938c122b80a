package planfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// changes reads resource_changes or resource_drift.
func (r *reader) changes() ([]Change, error) {
	var changes []Change
	seen := map[string]bool{}
	err := r.optional(func() error {
		return r.array(func() error {
			read, err := r.resourceChange()
			if err != nil {
				return err
			}
			for i := range read {
				if c := &read[i]; !c.Deposed && c.Action != Forget {
					if seen[c.Address] {
						return fmt.Errorf("%s occurs twice", c.Address)
					}
					seen[c.Address] = true
				}
			}
			changes = append(changes, read...)
			return nil
		})
	})
	return changes, err
}

// rawChange is the object "change" of a resource.
type rawChange struct {
	actions       []string
	before, after tree.Node
	unknown       tree.Node
	beforeText    []byte // the text of before, if it is an object
}

// resourceChange reads a change. Two actions of one resource that are not a replacement are two changes.
func (r *reader) resourceChange() ([]Change, error) {
	var c Change
	var raw rawChange
	mode, deposed := "", ""
	err := r.object(func(field string) error {
		switch field {
		case "previous_address":
			return r.text(&c.PreviousAddress)
		case "module_address":
			return r.text(&c.Module)
		case "deposed":
			return r.text(&deposed)
		case "action_reason":
			return r.text(&c.Reason)
		case "change":
			return r.change(&c, &raw)
		}
		return r.identity(&c, &mode, field)
	})
	if err != nil {
		if c.Address != "" {
			err = fmt.Errorf("%s: %w", c.Address, err)
		}
		return nil, err
	}
	if c.Address == "" || c.Type == "" {
		return nil, r.fail("a change has no address or no type")
	}
	c.Deposed = deposed != ""
	switch mode {
	case "managed", "data":
		c.IsData = mode == "data"
	case "ephemeral":
		return nil, nil // nothing remains of it
	default:
		return nil, fmt.Errorf("%s: the mode %q of the resource is not known", c.Address, mode)
	}
	c.ProviderKey = r.plan.providerKey(c.Module, mode, c.Type, c.Name, c.Provider)
	changes, err := raw.finish(c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Address, err)
	}
	return changes, nil
}

// identity reads a field that identifies a resource, and skips any other field.
func (r *reader) identity(c *Change, mode *string, field string) error {
	switch field {
	case "address":
		return r.text(&c.Address)
	case "mode":
		return r.text(mode)
	case "type":
		return r.text(&c.Type)
	case "name":
		return r.text(&c.Name)
	case "index":
		return r.index(&c.Index)
	case "provider_name":
		return r.text(&c.Provider)
	}
	return r.skip()
}

// change reads the object "change".
func (r *reader) change(c *Change, raw *rawChange) error {
	marks := func(name string, into *tree.Node) (err error) {
		if *into, err = r.node(); err != nil {
			return err
		}
		return checkMarks(name, *into)
	}
	return r.object(func(field string) (err error) {
		switch field {
		case "actions":
			return r.optional(func() error {
				return r.array(func() error {
					var action string
					err := r.text(&action)
					raw.actions = append(raw.actions, action)
					return err
				})
			})
		case "before":
			r.peek()
			start := r.scanner.at
			raw.before, err = r.node()
			raw.beforeText = r.scanner.text[start:r.scanner.at]
			return err
		case "after":
			// Most values of a plan do not change. Both trees then are the same, which halves the memory.
			if r.peek() == '{' && len(raw.beforeText) > 0 && bytes.HasPrefix(r.scanner.text[r.scanner.at:], raw.beforeText) {
				raw.after = raw.before
				r.scanner.at += len(raw.beforeText)
				return nil
			}
			raw.after, err = r.node()
			return err
		case "after_unknown":
			return marks(field, &raw.unknown)
		case "before_sensitive":
			return marks(field, &c.beforeSensitive)
		case "after_sensitive":
			return marks(field, &c.afterSensitive)
		case "importing":
			c.Importing = r.peek() != 'n'
		}
		return r.skip()
	})
}

// finish checks the values of a change, and sets its action.
func (raw *rawChange) finish(c Change) ([]Change, error) {
	c.Before = raw.before
	for _, value := range []struct {
		name string
		tree.Node
	}{{"before", raw.before}, {"after", raw.after}} {
		if value.Kind != tree.Null && value.Kind != tree.Object {
			return nil, fmt.Errorf("%s: expected an object or null, found %s", value.name, value.Kind)
		}
	}
	if raw.after.Kind == tree.Object {
		if c.After = merge(raw.after, raw.unknown); c.After.Kind != tree.Object {
			return nil, errors.New("after_unknown: expected an object, because the value after the change is one")
		}
	}
	second := c // of two actions
	switch actions := strings.Join(raw.actions, ","); actions {
	case "no-op", "create", "read", "update", "delete", "forget":
		c.Action = Action(actions)
	case "delete,create":
		c.Action = Replace
	case "create,delete":
		c.Action, c.CreateFirst = Replace, true
	case "create,forget", "forget,create":
		c.Action, c.After = Forget, tree.Node{}
		second.Action, second.Before, second.unresolved = Create, tree.Node{}, second.After
		changes := []Change{c, second}
		if err := errors.Join(c.check(), second.check()); err != nil {
			return nil, err
		}
		return changes, nil
	default:
		return nil, fmt.Errorf("the actions %q are not known", raw.actions)
	}
	c.unresolved = c.After
	return []Change{c}, c.check()
}

// check refuses a change that lacks a value which its action needs.
func (c *Change) check() error {
	needsBefore := c.Action == Update || c.Action == Delete || c.Action == Replace || c.Action == Forget
	needsAfter := c.Action == NoOp || c.Action == Create || c.Action == Defer || c.Action == Update || c.Action == Replace
	switch {
	case needsBefore && c.Before.Kind != tree.Object:
		return fmt.Errorf("the value before the action %q is missing", c.Action)
	case needsAfter && c.After.Kind != tree.Object:
		return fmt.Errorf("the value after the action %q is missing", c.Action)
	case !needsAfter && c.After.Kind != tree.Null && c.Action != Forget:
		return fmt.Errorf("there is a value after the action %q", c.Action)
	case c.Action == Create && c.Before.Kind != tree.Null:
		return errors.New("there is a value before the action \"create\"")
	}
	return nil
}

// deferredChanges reads the changes that Terraform leaves to a later plan.
func (r *reader) deferredChanges() error {
	return r.optional(func() error {
		return r.array(func() error {
			reason, address := "", ""
			err := r.object(func(field string) error {
				switch field {
				case "reason":
					return r.text(&reason)
				case "resource_change":
					return r.object(func(field string) error {
						if field == "address" {
							return r.text(&address)
						}
						return r.skip()
					})
				}
				return r.skip()
			})
			if err == nil {
				r.plan.deferred = append(r.plan.deferred, Unresolved{
					Address: address, Reason: fmt.Sprintf("Terraform leaves the change to a later plan (%s).", reason),
				})
			}
			return err
		})
	})
}
