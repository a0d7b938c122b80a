package policy

import (
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/ascii"
	"github.com/iam-as-code/terraform-provider-iam/internal/pattern"
)

// limitsCallers reports whether a condition limits who can use the statement, or may do so once everything is known.
// A condition that a stranger can meet limits nobody.
func (c *checker) limitsCallers(s *Statement) bool {
	if s.ConditionsUnknown {
		return true
	}
	for _, op := range s.Conditions {
		if op.Unknown {
			return true
		}
		for i := range op.Keys {
			if c.excludesStrangers(op.Parsed, ascii.Fold(op.Keys[i].Key), &op.Keys[i].Values) {
				return true
			}
		}
	}
	return false
}

// excludesStrangers reports whether a stranger cannot meet a condition. A stranger is a principal of an account that
// the policy's author does not know. The stranger chooses its own name, tags and session.
func (c *checker) excludesStrangers(op OperatorName, key string, values *List) bool {
	switch {
	case op.Negated, op.Comparison == NoComparison, op.Comparison == Null, op.Qualifier == ForAllValues,
		op.IfExists && !presentKeys[key], chosenByCaller(key):
		return false
	}
	for _, v := range values.Values {
		if !v.Unknown && c.admitsStrangers(op.Comparison, key, v.Value) {
			return false
		}
	}
	return true
}

// presentKeys are the keys that every signed request has.
var presentKeys = map[string]bool{"aws:principalarn": true, "aws:principalaccount": true, "aws:userid": true}

// callerKeys are the keys to which every caller can give the value that a policy asks for.
var callerKeys = map[string]bool{
	"aws:currenttime": true, "aws:epochtime": true, "aws:multifactorauthage": true, "aws:multifactorauthpresent": true,
	"aws:principaltype": true, "aws:referer": true, "aws:requestedregion": true, "aws:securetransport": true,
	"aws:sourceidentity": true, "aws:tagkeys": true, "aws:tokenissuetime": true, "aws:useragent": true,
	"aws:username": true, "sts:rolesessionname": true, "sts:sourceidentity": true, "sts:transitivetagkeys": true,
}

// chosenByCaller reports whether every caller can give a key the value that a policy asks for.
func chosenByCaller(key string) bool {
	return callerKeys[key] || strings.HasPrefix(key, "aws:principaltag/") || strings.HasPrefix(key, "aws:requesttag/")
}

// admitsStrangers reports whether a value of a condition admits strangers.
func (c *checker) admitsStrangers(comparison Comparison, key, value string) bool {
	if comparison == IPAddress {
		prefix, ok := ParseRange(value)
		return ok && prefix.Bits() == 0
	}
	if comparison.Family() != StringFamily && comparison.Family() != ArnFamily {
		return false
	}
	p, err := pattern.Parse(value, c.variables)
	if err != nil {
		return false // Decode refused it
	}
	for v := range p.Variables() {
		if ascii.Fold(v.Text) == key && value == "${"+v.Text+"}" {
			return true // compares the key with itself
		}
	}
	switch {
	case comparison == ArnLike:
		return admitsStrangerARN(p, key)
	case comparison != StringLike || !p.HasWildcards():
		return false
	case key == "aws:principalarn":
		_, meets := pattern.Intersect(p, pattern.Glob("arn:aws:*::000000000000:*"))
		return meets
	case key == "aws:principalaccount", key == "aws:principalorgid":
		return true
	case key == "aws:userid":
		return !strings.Contains(p.Prefix(), ":") // ROLE-ID:SESSION-NAME
	}
	return matchesAnything(p)
}

// admitsStrangerARN reports whether a pattern of an ARN operator admits strangers.
func admitsStrangerARN(p pattern.Pattern, key string) bool {
	arn := pattern.CutARN(p)
	if arn.IsShort() || arn.Everything {
		return false // it matches nothing (rule 46)
	}
	if key == "aws:principalarn" {
		return arn.Fields[pattern.AccountField].Match("000000000000")
	}
	for _, field := range arn.Fields[pattern.ServiceField:] {
		if !field.IsEverything() {
			return false
		}
	}
	return true
}

// matchesAnything reports whether a pattern has nothing but wildcards, a star among them.
func matchesAnything(p pattern.Pattern) bool {
	star := false
	for t := range p.Tokens() {
		switch t.Kind {
		case pattern.Star:
			star = true
		case pattern.One:
		default:
			return false
		}
	}
	return star
}
