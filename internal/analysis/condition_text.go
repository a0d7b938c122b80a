package analysis

import (
	"fmt"
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
		if text := describe(&c); !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", and ")
}

// requiresPresence reports whether the condition is false if the key is absent.
func requiresPresence(c *authz.ConditionView) bool {
	return c.Operator.Comparison != policy.NoComparison && !c.Holds(nil)
}

// verbs are the words for comparisons, and for their negations.
var verbs = map[policy.Comparison][2]string{
	policy.StringEquals:             {"is", "is not"},
	policy.StringEqualsIgnoreCase:   {"is, in upper or lower case,", "is not, in upper or lower case,"},
	policy.StringLike:               {"matches", "does not match"},
	policy.ArnLike:                  {"matches the ARN", "does not match the ARN"},
	policy.NumericEquals:            {"equals", "does not equal"},
	policy.NumericLessThan:          {"is less than", "is not less than"},
	policy.NumericLessThanEquals:    {"is at most", "is not at most"},
	policy.NumericGreaterThan:       {"is greater than", "is not greater than"},
	policy.NumericGreaterThanEquals: {"is at least", "is not at least"},
	policy.DateEquals:               {"is the time", "is not the time"},
	policy.DateLessThan:             {"is before", "is not before"},
	policy.DateLessThanEquals:       {"is at or before", "is not at or before"},
	policy.DateGreaterThan:          {"is after", "is not after"},
	policy.DateGreaterThanEquals:    {"is at or after", "is not at or after"},
	policy.Bool:                     {"is", "is not"},
	policy.BinaryEquals:             {"is the binary value", "is not the binary value"},
	policy.IPAddress:                {"is in", "is not in"},
}

// describe describes one condition, such as `aws:MultiFactorAuthPresent is "true"`.
func describe(c *authz.ConditionView) string {
	if c.Operator.Comparison == policy.Null {
		return describeNull(c)
	}
	var values []string
	for i := range c.Values {
		if quoted := fmt.Sprintf("%q", c.Values[i].Written); !slices.Contains(values, quoted) {
			values = append(values, quoted)
		}
	}
	verb := verbs[c.Operator.Comparison][0]
	if c.Operator.Negated {
		verb = verbs[c.Operator.Comparison][1]
	}
	text := c.Written
	switch c.Operator.Qualifier {
	case policy.ForAllValues:
		text = "each value of " + text
	case policy.ForAnyValue:
		text = "some value of " + text
	}
	text += " " + verb + " " + strings.Join(values, " or ")
	if c.Operator.IfExists && c.Operator.Qualifier == policy.NoQualifier {
		text += " if it is present"
	}
	return text
}

// describeNull describes a condition with Null.
func describeNull(c *authz.ConditionView) string {
	absent, present := c.Holds(nil), c.Holds(single(c.Key, "value"))
	switch {
	case absent && present:
		return c.Written + " is absent or present"
	case absent:
		return c.Written + " is absent"
	case present:
		return c.Written + " is present"
	}
	return c.Written + " is neither absent nor present"
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
