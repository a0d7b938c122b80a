package simulation

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Concrete says what is amiss with a resource to ask about: a pattern, which
// counts as the name of one resource that has an asterisk in it, or what is no
// ARN and so matched by no policy that names resources. An evaluator takes
// either at its word, and a gate that asks about it guards nothing. The bare
// "*" is the resource of actions that know none.
func Concrete(resource string) error {
	if resource == "*" {
		return nil
	}
	if strings.ContainsAny(resource, "*?") {
		return fmt.Errorf("the resource %s has a wildcard, but a question is about one concrete resource; name one that the pattern is meant to cover, "+
			"such as %s, or \"*\" for an action that knows no resources", policy.Quote(resource), policy.Quote(strings.NewReplacer("*", "example", "?", "x").Replace(resource)))
	}
	if _, err := policy.ParseARN(resource); err != nil && resource != "" {
		return fmt.Errorf("the resource is no ARN, so that no policy that names resources matches it: %w", err)
	}
	return nil
}
