package access

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// Describe returns a condition as a clause in the words of the policy, such as `aws:SourceIp is in 10.0.0.0/8`.
func Describe(c *authz.ConditionView) string {
	key := c.Written
	if c.Operator.Comparison == policy.Null {
		return describeNull(c, key)
	}
	subject := key
	switch c.Operator.Qualifier {
	case policy.ForAllValues:
		subject = "every value of " + key
	case policy.ForAnyValue:
		subject = "some value of " + key
	}
	text := subject + " " + predicate(c)
	if c.Operator.IfExists {
		text += " or " + key + " is absent"
	}
	return text
}

func describeNull(c *authz.ConditionView, key string) string {
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
func predicate(c *authz.ConditionView) string {
	negated, values := c.Operator.Negated, valueTexts(c)
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
	text := verb + " " + quoteList(values)
	if c.Operator.Comparison == policy.StringEqualsIgnoreCase {
		text += " in any case"
	}
	return text
}

// valueTexts returns the values of a condition: texts in quotes, and numbers, dates and addresses without.
func valueTexts(c *authz.ConditionView) []string {
	var out []string
	for _, v := range c.Values {
		switch {
		case v.Unknown:
			out = append(out, "a value that is not known yet")
			continue
		case !v.Valid:
			out = append(out, "a value that cannot be compared")
			continue
		}
		switch c.Operator.Comparison.Family() {
		case policy.NumericFamily:
			out = append(out, numberText(v.Number))
		case policy.DateFamily:
			out = append(out, v.Date.UTC().Format(time.RFC3339Nano))
		case policy.IPFamily:
			out = append(out, v.Network.String())
		case policy.BinaryFamily:
			out = append(out, base64.StdEncoding.EncodeToString(v.Binary))
		case policy.BoolFamily:
			if v.Text.HasVariables() {
				out = append(out, strconv.Quote(v.Text.String()))
				continue
			}
			out = append(out, strconv.Quote(strconv.FormatBool(v.Truth)))
		default:
			out = append(out, strconv.Quote(v.Text.String()))
		}
	}
	if c.Unknown {
		out = append(out, "values that are not known yet")
	}
	return out
}

func numberText(n policy.Number) string {
	text := n.Whole
	if text == "" {
		text = "0"
	}
	if n.Fraction != "" {
		text += "." + n.Fraction
	}
	if n.Negative {
		text = "-" + text
	}
	return text
}

// maxValues limits the values that a message names.
const maxValues = 5

// quoteList joins values of which one must match, or for a negated operator none may.
func quoteList(values []string) string {
	switch {
	case len(values) == 0:
		return "any of no values"
	case len(values) == 1:
		return values[0]
	case len(values) > maxValues:
		return "any of " + strings.Join(values[:maxValues], ", ") + fmt.Sprintf(" and %d more", len(values)-maxValues)
	}
	return "any of " + strings.Join(values, ", ")
}

// quoteOr joins texts in quotes.
func quoteOr(texts []string) string {
	quoted := slices.Clone(texts)
	for i, text := range quoted {
		quoted[i] = strconv.Quote(text)
	}
	return strings.Join(quoted, " or ")
}
