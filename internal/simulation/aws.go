package simulation

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// AWSDecision is an outcome in the words of AWS's simulator: allowed, explicitDeny or implicitDeny. An
// outcome that AWS's does not have, since it knows no unknown values, is unknown.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
func AWSDecision(outcome authz.Outcome) string {
	switch outcome {
	case authz.Allowed:
		return "allowed"
	case authz.ExplicitlyDenied:
		return "explicitDeny"
	case authz.ImplicitlyDenied, authz.Denied:
		return "implicitDeny"
	case authz.Undecided:
	}
	return "unknown"
}

// contextTypes are the types of one value in AWS's ContextKeyTypeEnum, with what a value must be. Each
// has one of the same name and List, for a multivalued key.
var contextTypes = map[string]func(string) bool{
	"string":  func(string) bool { return true },
	"numeric": func(s string) bool { _, ok := policy.ParseNumber(s); return ok },
	"boolean": func(s string) bool { _, ok := policy.ParseBool(s); return ok },
	"ip":      func(s string) bool { _, ok := policy.ParseAddress(s); return ok },
	"binary":  func(s string) bool { _, ok := policy.ParseBinary(s); return ok },
	"date":    func(s string) bool { _, ok := policy.ParseDate(s); return ok },
}

// IsContextType reports whether AWS's simulator has a type of context keys.
func IsContextType(name string) bool {
	_, ok := contextTypes[strings.TrimSuffix(name, "List")]
	return ok
}

// ContextEntry is the value of a context key, as [Decode] takes it, of the type and the values that AWS's
// simulator takes for it. Values that are known only later may be anything. It refuses what no
// condition could compare as the type says.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html
func ContextEntry(name string, values []tree.Node) (tree.Node, error) {
	of, multi := strings.CutSuffix(name, "List")
	valid, ok := contextTypes[of]
	if !ok {
		return tree.Node{}, fmt.Errorf("type %q is no type of a context key; the types are string, numeric, boolean, ip, binary and date, and each of them with List", name)
	}
	for _, value := range values {
		if value.Kind != tree.Unknown && !valid(value.Text) {
			return tree.Node{}, fmt.Errorf("value %s is no value of type %s", policy.Quote(value.Text), of)
		}
	}
	if multi {
		return tree.Node{Kind: tree.Array, Elements: values}, nil
	}
	if len(values) != 1 {
		return tree.Node{}, fmt.Errorf("type %s takes exactly one value; found %d. For a multivalued key use the type %sList", of, len(values), of)
	}
	return values[0], nil
}
