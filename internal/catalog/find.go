package catalog

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// Status is what the catalog knows about an action.
type Status uint8

// The statuses of an action.
const (
	Known          Status = iota // the catalog has the action, or an action that matches the pattern
	Missing                      // the catalog has the service, but not the action
	UnknownService               // the catalog does not have the service
)

// Result is the result of looking up an action.
type Result struct {
	Status Status
	// Similar is a known action that resembles an unknown one. It is empty for a pattern, and if no action resembles it.
	Similar string
	// Typo says that Similar differs by one typing error: a letter that is changed, added or removed, or two that are
	// swapped.
	Typo bool
}

// Find looks up an action, such as s3:GetObject, or a pattern, such as s3:Get*. Case does not count. A pattern with a
// wildcard in the service is Known, because it covers services of the future.
func (c *Catalog) Find(action string) Result {
	prefix, name, _ := strings.Cut(action, ":")
	if hasWildcard(prefix) {
		return Result{Status: Known}
	}
	s := c.Service(prefix)
	if s == nil {
		return c.similarService(prefix, name)
	}
	if hasWildcard(name) {
		if c.matchesAny(action) {
			return Result{Status: Known}
		}
		return Result{Status: Missing}
	}
	if c.Action(action) != nil {
		return Result{Status: Known}
	}
	r, least := Result{Status: Missing}, 3
	for i := range s.Actions {
		if d := ascii.EditDistance(name, s.Actions[i].Name, least); d < least {
			r.Similar, least = s.Actions[i].String(), d
		}
	}
	r.Typo = least == 1
	return r
}

// similarService looks for a service whose prefix resembles an unknown one.
func (c *Catalog) similarService(prefix, name string) Result {
	r, least := Result{Status: UnknownService}, 3
	for _, s := range c.services {
		if d := ascii.EditDistance(prefix, s.Prefix, least); d < least {
			r.Similar, least = s.Prefix+":"+name, d
		}
	}
	r.Typo = least == 1 && len(prefix) > 4 // short prefixes resemble each other by chance
	return r
}
