package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
)

// keyFacts describes a condition key: the type of its values, and whether it can
// have several.
type keyFacts struct {
	family Family
	many   bool
}

// globalKeys lists global condition keys in lower case. The list need not be
// complete, since Check ignores keys that are not in it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
var globalKeys = map[string]keyFacts{
	"aws:calledvia":                 {StringFamily, true},
	"aws:calledviafirst":            {StringFamily, false},
	"aws:calledvialast":             {StringFamily, false},
	"aws:currenttime":               {DateFamily, false},
	"aws:ec2instancesourcevpc":      {StringFamily, false},
	"aws:epochtime":                 {DateFamily, false},
	"aws:federatedprovider":         {StringFamily, false},
	"aws:multifactorauthage":        {NumericFamily, false},
	"aws:multifactorauthpresent":    {BoolFamily, false},
	"aws:principalaccount":          {StringFamily, false},
	"aws:principalarn":              {ArnFamily, false},
	"aws:principalisawsservice":     {BoolFamily, false},
	"aws:principalorgid":            {StringFamily, false},
	"aws:principalorgpaths":         {StringFamily, true},
	"aws:principalservicename":      {StringFamily, false},
	"aws:principalservicenameslist": {StringFamily, true},
	"aws:principaltype":             {StringFamily, false},
	"aws:referer":                   {StringFamily, false},
	"aws:requestedregion":           {StringFamily, false},
	"aws:resourceaccount":           {StringFamily, false},
	"aws:resourceorgid":             {StringFamily, false},
	"aws:resourceorgpaths":          {StringFamily, true},
	"aws:securetransport":           {BoolFamily, false},
	"aws:sourceaccount":             {StringFamily, false},
	"aws:sourcearn":                 {ArnFamily, false},
	"aws:sourceidentity":            {StringFamily, false},
	"aws:sourceip":                  {IPFamily, false},
	"aws:sourceorgid":               {StringFamily, false},
	"aws:sourceorgpaths":            {StringFamily, true},
	"aws:sourcevpc":                 {StringFamily, false},
	"aws:sourcevpce":                {StringFamily, false},
	"aws:tagkeys":                   {StringFamily, true},
	"aws:tokenissuetime":            {DateFamily, false},
	"aws:useragent":                 {StringFamily, false},
	"aws:userid":                    {StringFamily, false},
	"aws:username":                  {StringFamily, false},
	"aws:viaawsservice":             {BoolFamily, false},
	"aws:vpceorgpaths":              {StringFamily, true},
	"aws:vpcsourceip":               {IPFamily, false},
}

// suits reports whether an operator of the family can compare the key's values
// as their author expects.
func (k keyFacts) suits(f Family) bool {
	switch {
	case f == k.family, f == NullFamily:
		return true
	case k.family == ArnFamily: // an ARN is a string, too
		return f == StringFamily
	case k.family == DateFamily: // epoch seconds are a number, too
		return f == NumericFamily
	}
	return false
}

var familyOperators = map[Family]string{
	StringFamily: "string operators, such as StringEquals", NumericFamily: "numeric operators, such as NumericLessThan",
	DateFamily: "date operators, such as DateLessThan", BoolFamily: "Bool", IPFamily: "IpAddress and NotIpAddress",
	ArnFamily: "ARN operators, such as ArnLike",
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
	c.qualifier(s, op, k, key, at)
	facts, known := globalKeys[key]
	if known && !facts.suits(op.Parsed.Comparison.Family()) {
		c.add(Warning, CodeTypeMismatch, at, k.Pos, "%s is the wrong operator for the values of %s. Use %s.", op.Name,
			Quote(k.Key), familyOperators[facts.family])
	}
}

// qualifier checks that ForAllValues or ForAnyValue is present or absent as the key needs.
func (c *checker) qualifier(s *Statement, op Operator, k ConditionKey, key, at string) {
	if op.Parsed.Comparison == Null {
		if op.Parsed.Qualifier != NoQualifier {
			c.add(Suggestion, CodeNullWithQualifier, at, k.Pos, "%s tests whether a key exists, which does not depend on its "+
				"single values. Write Null.", op.Name)
		}
		return
	}
	facts, known := globalKeys[key]
	if !known && strings.HasPrefix(key, "aws:") {
		tag, _, _ := strings.Cut(key[len("aws:"):], "/")
		known = tagKeys[tag]
	}
	switch {
	case !known:
	case facts.many && op.Parsed.Qualifier == NoQualifier:
		c.fail(CodeMissingQualifier, at, k.Pos, "%s has several values, which %s cannot compare. Write ForAnyValue:%s, "+
			"for at least one of them, or ForAllValues:%s, for every one.", Quote(k.Key), op.Name, op.Name, op.Name)
	case !facts.many && op.Parsed.Qualifier == ForAllValues && s.Effect.Value == string(Allow):
		c.add(SecurityWarning, CodeForAllValuesSingle, at, k.Pos, "%s has a single value, and %s is also true if the key is "+
			"absent, so the statement allows more than it appears to. Remove ForAllValues.", Quote(k.Key), op.Name)
	}
}
