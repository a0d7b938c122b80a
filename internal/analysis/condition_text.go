package analysis

import (
	"slices"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// conditionText describes the conditions of a statement in words, without those that others of the same key imply.
func conditionText(conditions []authz.ConditionView) string {
	var parts []string
	for i := range conditions {
		c := conditions[i]
		others := slices.Concat(conditions[:i], conditions[i+1:])
		if requiresPresence(&c) && c.Operator.Comparison == policy.Null && slices.ContainsFunc(others,
			func(o authz.ConditionView) bool {
				return o.Key == c.Key && o.Operator.Comparison != policy.Null && requiresPresence(&o)
			}) {
			continue
		}
		if c.Operator.IfExists && c.Operator.Qualifier == policy.NoQualifier && slices.ContainsFunc(others,
			func(o authz.ConditionView) bool {
				return o.Key == c.Key && requiresPresence(&o)
			}) {
			c.Operator.IfExists = false
		}
		if text := c.String(); !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", and ")
}

// requiresPresence reports whether the condition is false if the key is absent.
func requiresPresence(c *authz.ConditionView) bool {
	return c.Operator.Comparison != policy.NoComparison && !c.Holds(nil)
}

// conditionOf describes the conditions of the statements that allow a request. It is empty if one of them has none.
func conditionOf(refs []authz.StatementRef, views []authz.StatementView) string {
	var texts []string
	for _, ref := range refs {
		for i := range views {
			if views[i].Ref != ref {
				continue
			}
			text := conditionText(views[i].Conditions)
			if text == "" {
				return ""
			}
			if !slices.Contains(texts, text) {
				texts = append(texts, text)
			}
			break
		}
	}
	return strings.Join(texts, "; or ")
}
