package authz

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// String returns the condition as a clause in the words of the policy, such as `aws:SourceIp is in 10.0.0.0/8`.
func (c *ConditionView) String() string {
	key := c.Written
	if c.Operator.Comparison == policy.Null {
		return c.nullText()
	}
	subject := key
	switch c.Operator.Qualifier {
	case policy.ForAllValues:
		subject = "every value of " + key
	case policy.ForAnyValue:
		subject = "some value of " + key
	}
	text := subject + " " + c.predicate()
	if c.Operator.IfExists {
		text += " or " + key + " is absent"
	}
	return text
}

// nullText describes a condition with Null.
func (c *ConditionView) nullText() string {
	key := c.Written
	absent, present := false, false
	for _, v := range c.Values {
		absent, present = absent || v.Valid && v.Truth, present || v.Valid && !v.Truth
	}
	switch {
	case absent && present:
		return key + " is present or absent"
	case absent:
		return key + " is absent"
	case present:
		return key + " is present"
	}
	return key + " is null as the policy says, with a value that is not known yet or not valid"
}

// predicate returns what the operator says about its key.
func (c *ConditionView) predicate() string {
	negated, values := c.Operator.Negated, c.valueTexts()
	var verb string
	switch c.Operator.Comparison {
	case policy.StringEquals, policy.Bool, policy.NumericEquals, policy.BinaryEquals, policy.StringEqualsIgnoreCase,
		policy.DateEquals:
		verb = "is"
	case policy.StringLike, policy.ArnLike:
		verb = "matches"
		if negated {
			verb = "does not match"
		}
	case policy.IPAddress:
		verb = "is in"
		if negated {
			verb = "is not in"
		}
	case policy.NumericLessThan:
		verb = "is less than"
	case policy.NumericLessThanEquals:
		verb = "is at most"
	case policy.NumericGreaterThan:
		verb = "is greater than"
	case policy.NumericGreaterThanEquals:
		verb = "is at least"
	case policy.DateLessThan:
		verb = "is before"
	case policy.DateLessThanEquals:
		verb = "is not after"
	case policy.DateGreaterThan:
		verb = "is after"
	case policy.DateGreaterThanEquals:
		verb = "is not before"
	}
	if negated && verb == "is" {
		verb = "is not"
	}
	text := verb + " " + listValues(values)
	if c.Operator.Comparison == policy.StringEqualsIgnoreCase {
		text += " in any case"
	}
	return text
}

// valueTexts returns the values of a condition as written: texts in quotes, and numbers, dates and addresses without.
func (c *ConditionView) valueTexts() []string {
	var out []string
	for _, v := range c.Values {
		text := strconv.Quote(v.Written)
		if f := c.Operator.Comparison.Family(); v.Valid && (f == policy.NumericFamily || f == policy.DateFamily ||
			f == policy.IPFamily) {
			text = v.Written
		}
		switch {
		case v.Unknown:
			text = "a value that is not known yet"
		case !v.Valid:
			text += ", which cannot be compared"
		}
		out = append(out, text)
	}
	if c.Unknown {
		out = append(out, "values that are not known yet")
	}
	return out
}

// maxNamed limits the values that a message names.
const maxNamed = 5

// listValues joins values of which one must match, or for a negated operator none may.
func listValues(values []string) string {
	switch {
	case len(values) == 0:
		return "any of no values"
	case len(values) == 1:
		return values[0]
	case len(values) > maxNamed:
		return "any of " + strings.Join(values[:maxNamed], ", ") + fmt.Sprintf(" and %d more", len(values)-maxNamed)
	}
	return "any of " + strings.Join(values, ", ")
}
