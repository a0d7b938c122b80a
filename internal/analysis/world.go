package analysis

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// world has the context keys whose values are settled. The other keys are free.
type world struct {
	id      int // distinguishes worlds in the memory of the solver
	context *authz.Context
	settled map[string]bool // by the key in lower case
	// chosen are the values of the settled keys that the search chose.
	chosen map[string]keyValue
	// within has the keys that have one value that is not settled: a text of a set.
	within map[string]pattern.Set
}

// Value returns the value of a policy variable. It implements [pattern.Values].
func (w *world) Value(key string) (string, pattern.Presence) {
	if !w.settled[key] {
		return "", pattern.Unknown
	}
	return w.context.Value(key)
}

// knows reports whether the values of all variables are settled.
func (w *world) knows(variables []string) bool {
	for _, key := range variables {
		if !w.settled[key] {
			return false
		}
	}
	return true
}

// newHome returns the world in which the keys that follow from a principal are settled, as far as they are known.
func (s *solver) newHome(p authz.Principal) *world {
	ctx := authz.NewContext()
	ctx.SetPrincipal(p)
	settled := map[string]bool{}
	for _, key := range principalKeys {
		if _, presence := ctx.Value(key); presence != pattern.Unknown {
			settled[key] = true
		}
	}
	return s.world(ctx, settled, nil)
}

// of returns the world in which a condition is compared: w, with the keys of the condition's own principal.
func (s *solver) of(a *atom, w *world) *world {
	if a.home == nil {
		return w
	}
	key := [2]int{a.home.id, w.id}
	if merged := s.merged[key]; merged != nil {
		return merged
	}
	ctx, settled := a.home.context.Clone(), map[string]bool{}
	for name := range a.home.settled {
		settled[name] = true
	}
	for name, v := range w.chosen {
		settled[name] = true
		_ = v.set(ctx, name) // a search chooses no key that follows from a principal
	}
	merged := s.world(ctx, settled, w.within)
	s.merged[key] = merged
	return merged
}
