package assertion

import (
	"fmt"
	"slices"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// coverSteps limits the comparison of two patterns. A comparison that needs more counts as not covered.
const coverSteps = 100_000

// Weakened returns the requests that the assertion forbids and another one in its place does not, such as
// `s3:GetObject on arn:aws:s3:::payroll/*`. It compares block by block: a block that only several blocks of the other
// assertion cover together counts as lost. Blocks with Allow are not compared.
func (a Assertion) Weakened(by Assertion) []string {
	var lost []string
	for _, old := range a.Blocks {
		if old.Allow {
			continue
		}
		resources := old.Resources
		if len(resources) == 0 {
			resources = []string{"*"}
		}
		for _, action := range old.Actions {
			for _, resource := range resources {
				covered := a.Principal == by.Principal && (a.DirectOnly || !by.DirectOnly) &&
					slices.ContainsFunc(by.Blocks, func(b Block) bool { return b.forbids(action, resource, old.Context) })
				if !covered {
					lost = append(lost, describeRequest(action, resource))
				}
			}
		}
	}
	return lost
}

func describeRequest(action, resource string) string {
	if resource == "*" {
		return action + " on any resource"
	}
	return fmt.Sprintf("%s on %s", action, resource)
}

// forbids reports whether the block forbids every request that the patterns and the context keys describe.
func (b *Block) forbids(action, resource string, context []Key) bool {
	if b.Allow {
		return false
	}
	for _, key := range b.Context { // a further fixed key leaves the other values of the key unchecked
		if !slices.ContainsFunc(context, key.Equal) {
			return false
		}
	}
	coversAction := func(own string) bool {
		steps := coverSteps
		p, other := pattern.Glob(ascii.Fold(own)), pattern.Glob(ascii.Fold(action))
		return p.Covers(other, &steps)
	}
	coversResource := func(own string) bool {
		steps := coverSteps
		p, other := pattern.CutARN(pattern.Glob(own)), pattern.CutARN(pattern.Glob(resource))
		return p.Covers(&other, &steps)
	}
	return slices.ContainsFunc(b.Actions, coversAction) &&
		(len(b.Resources) == 0 || slices.ContainsFunc(b.Resources, coversResource))
}

// Equal reports whether two assertions have the same requirements. The order of actions, resources and context keys
// does not matter; the order of blocks does.
func (a Assertion) Equal(other Assertion) bool {
	sameTexts := func(x, y []string) bool {
		return slices.Equal(slices.Sorted(slices.Values(x)), slices.Sorted(slices.Values(y)))
	}
	return a.Principal == other.Principal && a.DirectOnly == other.DirectOnly &&
		slices.EqualFunc(a.Blocks, other.Blocks, func(x, y Block) bool {
			return x.Allow == y.Allow && x.Message == y.Message && sameTexts(x.Actions, y.Actions) &&
				sameTexts(x.Resources, y.Resources) && len(x.Context) == len(y.Context) &&
				!slices.ContainsFunc(x.Context, func(k Key) bool { return !slices.ContainsFunc(y.Context, k.Equal) })
		})
}
