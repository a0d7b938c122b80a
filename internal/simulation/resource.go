package simulation

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// CheckResource returns an error for a resource that makes a question pointless. A resource with a
// wildcard counts as one resource whose name contains an asterisk, and policies that name resources
// by ARN never match a resource that is not an ARN. The evaluator accepts both, so a check that
// asks about them guards nothing. The bare "*" is the resource of actions without resource types.
func CheckResource(resource string) error {
	if resource == "*" {
		return nil
	}
	if strings.ContainsAny(resource, "*?") {
		example := strings.NewReplacer("*", "example", "?", "x").Replace(resource)
		return fmt.Errorf("the resource %s has a wildcard, but a request names one concrete resource; "+
			"give a resource that the pattern covers, such as %s, or \"*\" for an action without resource types",
			policy.Quote(resource), policy.Quote(example))
	}
	if _, err := policy.ParseARN(resource); err != nil && resource != "" {
		return fmt.Errorf("the resource is not an ARN, so no policy that names resources by ARN matches it: %w", err)
	}
	return nil
}
