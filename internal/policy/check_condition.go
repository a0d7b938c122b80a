package policy

import (
	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
	"regexp"
)

// conditions checks a Condition element.
func (c *checker) conditions(s *Statement, at string) {
	if s.HasCondition && !s.ConditionsUnknown && len(s.Conditions) == 0 {
		c.add(Suggestion, CodeEmptyObjectCondition, at, s.Pos, "Condition is empty, so the statement is unconditional. "+
			"Write a condition, or remove the element.")
	}
	for _, op := range s.Conditions {
		at := MemberPath(at, op.Name)
		switch {
		case op.Parsed.Comparison == NoComparison:
			c.add(Suggestion, CodeEmptyObjectCondition, at, op.Pos, "%s is not a condition operator. It adds no condition, "+
				"because "+
				"it has no keys. Remove it.", Quote(op.Name))
			continue
		case op.Parsed.spelling(op.Name) != op.Name:
			c.fail(CodeInvalidOperator, at, op.Pos, "AWS refuses the operator %s, because the names of operators are "+
				"case-sensitive. Write %s.", op.Name, op.Parsed.spelling(op.Name))
		}
		if len(op.Keys) == 0 && !op.Unknown {
			c.add(Suggestion, CodeEmptyObjectCondition, at, op.Pos, "%s has no keys, so it adds no condition. Add a key, or "+
				"remove the operator.", op.Name)
		}
		for _, k := range op.Keys {
			at := MemberPath(at, k.Key)
			c.key(s, op, k, at)
			if len(k.Values.Values) == 0 && !k.Values.Unknown {
				c.emptyValues(op, k, at)
			}
			for i, v := range k.Values.Values {
				if v.Unknown {
					continue
				}
				at := k.Values.ValuePath(at, i)
				c.characters(v, at)
				if !c.literalVariable(v, at) {
					c.value(conditionValue{s, op, k, v, at})
					c.arnText(op, k, v, at)
				}
			}
			if ascii.Fold(k.Key) == "aws:sourceip" && op.Parsed.Comparison == IPAddress {
				c.privateAddresses(op, k, at)
			}
			c.duplicates(&k.Values, at, false)
			if k.Values.MixedTypes {
				c.add(Warning, CodeConditionDataType, at, k.Pos, "The values for %s have different JSON types. Write all of them "+
					"as strings.", Quote(k.Key))
			}
			c.severalValues(op, k, at)
		}
	}
}

// emptyValues reports a condition without values and its effect.
func (c *checker) emptyValues(op Operator, k ConditionKey, at string) {
	switch {
	case op.Parsed.Qualifier == ForAllValues:
		c.add(Suggestion, CodeEmptyForAllValues, at, k.Pos, "%s without values is true only if %s is absent. Write "+
			"\"Null\": {%s: \"true\"}, or add values.", op.Name, Quote(k.Key), Quote(k.Key))
	case op.Parsed.Qualifier == ForAnyValue:
		c.add(Suggestion, CodeEmptyForAnyValue, at, k.Pos, "%s without values for %s is never true. Add values, or remove "+
			"the statement.", op.Name, Quote(k.Key))
	case op.Parsed.IfExists:
		c.add(Suggestion, CodeEmptyIfExists, at, k.Pos, "%s without values only tests whether %s is absent. Write "+
			"\"Null\": {%s: \"true\"}, or add values.", op.Name, Quote(k.Key), Quote(k.Key))
	default:
		c.add(Suggestion, CodeEmptyArrayCondition, at, k.Pos, "%s has no values for %s to compare with. Add values, or "+
			"remove the key.", op.Name, Quote(k.Key))
	}
}

// severalValues reports lists in which a single value has the effect of the whole list.
func (c *checker) severalValues(op Operator, k ConditionKey, at string) {
	if len(k.Values.Values) < 2 || op.Parsed.Qualifier != NoQualifier {
		return
	}
	decisive := ""
	switch op.Parsed.Comparison {
	case Bool:
		c.fail(CodeMultipleBoolean, at, k.Pos, "%s has several values under %s: either duplicates, or both true and "+
			"false, which every request satisfies. Keep one.", Quote(k.Key), op.Name)
	case NumericLessThan, NumericLessThanEquals:
		decisive = "greatest"
	case NumericGreaterThan, NumericGreaterThanEquals:
		decisive = "least"
	}
	if decisive != "" {
		c.add(Suggestion, CodeRedundantNumber, at, k.Pos, "%s is true if it is true for any of its values for %s, so "+
			"only the %s value has an effect. Remove the others.", op.Name, Quote(k.Key), decisive)
	}
}

var (
	vpcID  = regexp.MustCompile(`^vpc-([0-9a-z]{8}|[0-9a-z]{17})$`)
	vpceID = regexp.MustCompile(`^vpce-([0-9a-z]{8}|[0-9a-z]{17})$`)
	// regionName is the form of the names of regions in all partitions.
	regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-[0-9]+$`)
)

// isRegionKey reports whether the values of a condition key are names of regions.
func isRegionKey(key string) bool {
	return ascii.EqualFold(key, "aws:RequestedRegion") || ascii.EqualFold(key, "ec2:Region")
}

// value checks that a value has the type that its operator compares (rules 45 to
// 51). Any other value never matches.
func (c *checker) value(condition conditionValue) {
	op, k, v, at := condition.operator, condition.key, condition.value, condition.path
	hasVariable, hasStar := c.parts(v.Value)
	family := op.Parsed.Comparison.Family()
	switch {
	case hasVariable && family == BoolFamily:
		c.add(Warning, CodeVariableUnderBool, at, v.Pos, "%s has a policy variable under %s. This project replaces it, "+
			"but AWS's documentation contradicts itself on whether AWS does. Compare the key with both values in two "+
			"statements instead.", Quote(v.Value), op.Name)
		return
	case hasVariable:
		return
	case family == BoolFamily || family == NullFamily:
		if fold := ascii.Fold(v.Value); fold != "true" && fold != "false" {
			c.unreadable(condition, CodeTypeBoolean, "it is neither true nor false", "Write one of them.")
		}
	case family == NumericFamily:
		if _, ok := ParseNumber(v.Value); !ok {
			c.unreadable(condition, CodeTypeNumber, "it is not a number",
				"Write digits, with a decimal point if need be and no exponent.")
		}
	case family == DateFamily:
		c.date(condition)
	case family == BinaryFamily:
		if _, ok := ParseBinary(v.Value); !ok {
			c.unreadable(condition, CodeTypeString, "it is not base64", "Write the bytes in standard base64, with padding.")
		}
	case family == IPFamily:
		c.address(condition)
	case family == ArnFamily:
		if _, err := ParseARN(v.Value); err != nil {
			c.unreadable(condition, CodeTypeARN,
				"it is not an ARN of six fields, arn:partition:service:region:account:resource",
				"Write all six, with \"*\" where any will do.")
		}
	case op.Parsed.Comparison != StringLike && hasStar:
		like := op.Parsed
		like.Comparison = StringLike
		c.add(Warning, CodeWildcardWithoutLike, at, v.Pos, "%s takes the wildcard in %s literally. Use %s, or write ${*} "+
			"or ${?} for the character itself.", op.Name, Quote(v.Value), like)
	case !hasStar && isRegionKey(k.Key) && !regionName.MatchString(v.Value):
		c.fail(CodeInvalidRegion, at, v.Pos, "%s is not the name of a region, which looks like \"eu-central-1\".",
			Quote(v.Value))
	case !hasStar && ascii.Fold(k.Key) == "aws:sourcevpc" && !vpcID.MatchString(v.Value):
		c.fail(CodeInvalidVPC, at, v.Pos, "%s is not the id of a VPC. Such an id is vpc- and 8 or 17 letters and digits.",
			Quote(v.Value))
	case !hasStar && ascii.Fold(k.Key) == "aws:sourcevpce" && !vpceID.MatchString(v.Value):
		c.fail(CodeInvalidVPCE, at, v.Pos, "%s is not the id of a VPC endpoint. Such an id is vpce- and 8 or 17 letters "+
			"and digits.", Quote(v.Value))
	}
}

// parts reports whether a value has policy variables, and wildcards.
func (c *checker) parts(text string) (variable, wildcard bool) {
	p, err := pattern.Parse(text, c.variables)
	if err != nil {
		return true, false // Decode refused it, or the version is not known
	}
	return p.HasVariables(), p.HasWildcards()
}
