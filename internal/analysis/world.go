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
	// within has the keys that have one value that is not settled: a text of a set.
	within map[string]pattern.Set
	// complete is set if every other key is absent.
	complete bool
}

// Value returns the value of a policy variable. It implements [pattern.Values].
func (w *world) Value(key string) (string, pattern.Presence) {
	if !w.complete && !w.settled[key] {
		return "", pattern.Unknown
	}
	return w.context.Value(key)
}

// knows reports whether the values of all variables are settled.
func (w *world) knows(variables []string) bool {
	for _, key := range variables {
		if !w.complete && !w.settled[key] {
			return false
		}
	}
	return true
}
