package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
)

// families maps the type of a condition key to the operators that compare its values.
var families = map[catalog.KeyType]Family{
	catalog.String: StringFamily, catalog.ARN: ArnFamily, catalog.Bool: BoolFamily, catalog.Numeric: NumericFamily,
	catalog.Date: DateFamily, catalog.IPAddress: IPFamily, catalog.Binary: BinaryFamily,
}

// suits reports whether an operator of the family can compare the values of a type as their author expects.
func suits(values catalog.KeyType, f Family) bool {
	switch {
	case f == families[values], f == NullFamily:
		return true
	case values == catalog.ARN: // an ARN is a string, too
		return f == StringFamily
	case values == catalog.Date: // epoch seconds are a number, too
		return f == NumericFamily
	}
	return false
}

var familyOperators = map[Family]string{
	StringFamily: "string operators, such as StringEquals", NumericFamily: "numeric operators, such as NumericLessThan",
	DateFamily: "date operators, such as DateLessThan", BoolFamily: "Bool", IPFamily: "IpAddress and NotIpAddress",
	ArnFamily: "ARN operators, such as ArnLike", BinaryFamily: "BinaryEquals",
}

// tagKeys are the names of condition keys that end with a slash and a tag's key.
var tagKeys = map[string]bool{
	"resourcetag": true, "requesttag": true, "principaltag": true, "existingobjecttag": true, "requestobjecttag": true,
}

// key checks a condition key under its operator.
func (c *checker) key(s *Statement, op Operator, k ConditionKey, at string) {
	c.characters(Text{Value: k.Key, Pos: k.Pos}, at)
	key := ascii.Fold(k.Key)
	prefix, name, ok := strings.Cut(key, ":")
	if !ok && key != "" && !strings.ContainsAny(key, " \t\r\n*?$") {
		c.add(Warning, CodeKeyWithoutService, at, k.Pos, "%s has no service. AWS accepts such a key, but no request of an "+
			"AWS service has it. A condition key has the form service:name, such as \"aws:SourceIp\".", Quote(k.Key))
		return
	}
	if !ok || prefix == "" || name == "" || strings.ContainsAny(prefix, " \t\r\n*?$") {
		c.fail(CodeInvalidKeyFormat, at, k.Pos, "%s is not a condition key. A condition key has the form service:name, "+
			"such as \"aws:SourceIp\".", Quote(k.Key))
		return
	}
	if tag, rest, _ := strings.Cut(name, "/"); tagKeys[tag] && rest == "" {
		c.fail(CodeMissingTagKey, at, k.Pos, "%s does not name a tag. Write %s/ and the tag's key.", Quote(k.Key),
			strings.TrimSuffix(k.Key, "/"))
		return
	}
	if key == "aws:arn" {
		c.add(Warning, CodeDeprecatedKey, at, k.Pos, "%s is deprecated. Use aws:PrincipalArn, the caller's ARN, or "+
			"aws:SourceArn, that of the resource a service acts for.", Quote(k.Key))
	}
	if key == "aws:vpcsourceip" && !s.hasKey("aws:sourcevpc") && !s.hasKey("aws:sourcevpce") {
		c.add(SecurityWarning, CodePairedKeys, at, k.Pos, "%s alone is an address that any VPC may use. Add a condition "+
			"on aws:SourceVpc or aws:SourceVpce to the statement.", Quote(k.Key))
	}
	known := c.catalog.Key(k.Key)
	c.audience(op, k, known, at)
	c.qualifier(s, op, k, known, at)
	if known == nil {
		c.unknownKey(k, at)
	} else if !known.HasPlaceholder() && !suits(known.Type, op.Parsed.Comparison.Family()) {
		c.add(Warning, CodeTypeMismatch, at, k.Pos, "%s is the wrong operator for the values of %s, which are of the type "+
			"%s. Use %s.", op.Name, Quote(k.Key), known.Type, familyOperators[families[known.Type]])
	}
}

// qualifier checks that ForAllValues or ForAnyValue is present or absent as the key needs.
func (c *checker) qualifier(s *Statement, op Operator, k ConditionKey, known *catalog.ConditionKey, at string) {
	if op.Parsed.Comparison == Null {
		if op.Parsed.Qualifier != NoQualifier {
			c.add(Suggestion, CodeNullWithQualifier, at, k.Pos, "%s tests whether a key exists, which does not depend on its "+
				"single values. Write Null.", op.Name)
		}
		return
	}
	switch {
	case known == nil:
	case known.Multivalued && op.Parsed.Qualifier == NoQualifier:
		kind := Error
		if !strings.HasPrefix(known.Name, "aws:") {
			kind = Warning // the service decides how many values its key has
		}
		c.add(kind, CodeMissingQualifier, at, k.Pos, "%s has several values, which %s cannot compare. Write ForAnyValue:%s, "+
			"for at least one of them, or ForAllValues:%s, for every one.", Quote(k.Key), op.Name, op.Name, op.Name)
	case !known.Multivalued && op.Parsed.Qualifier == ForAllValues && s.Effect.Value == string(Allow):
		c.add(SecurityWarning, CodeForAllValuesSingle, at, k.Pos, "%s has a single value, and %s is also true if the key is "+
			"absent, so the statement allows more than it appears to. Remove ForAllValues.", Quote(k.Key), op.Name)
	}
}

// audience notes a qualifier on the audience of an identity provider's tokens. The provider decides whether a token may
// have several audiences.
func (c *checker) audience(op Operator, k ConditionKey, known *catalog.ConditionKey, at string) {
	host, isAudience := strings.CutSuffix(ascii.Fold(k.Key), ":aud")
	if c.kind == Trust && known == nil && isAudience && strings.Contains(host, ".") &&
		op.Parsed.Qualifier != NoQualifier && op.Parsed.Comparison != Null {
		c.add(Suggestion, CodeAudience, at, k.Pos, "%s tests each of several audiences of a token. Confirm that the tokens "+
			"of %s may have several. If each has one audience, remove the qualifier.", op.Name, host)
	}
}
