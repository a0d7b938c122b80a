package simulation

import (
	"fmt"
	"strings"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// AWSDecision returns an outcome in the words of AWS's policy simulator: allowed, explicitDeny or
// implicitDeny. AWS's simulator has no unknown values; the outcome that they lead to is "unknown".
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

// contextTypes maps each type of a single value in AWS's ContextKeyTypeEnum to a check of a value.
// For a multivalued key, AWS has the same names with the suffix List.
var contextTypes = map[string]func(string) bool{
	"string":  func(string) bool { return true },
	"numeric": func(s string) bool { _, ok := policy.ParseNumber(s); return ok },
	"boolean": func(s string) bool { _, ok := policy.ParseBool(s); return ok },
	"ip":      func(s string) bool { _, ok := policy.ParseAddress(s); return ok },
	"binary":  func(s string) bool { _, ok := policy.ParseBinary(s); return ok },
	"date":    func(s string) bool { _, ok := policy.ParseDate(s); return ok },
}

// IsContextType reports whether AWS's policy simulator has a type of context keys with this name.
func IsContextType(name string) bool {
	_, ok := contextTypes[strings.TrimSuffix(name, "List")]
	return ok
}

// ContextEntry converts the type and the values of a context key, as AWS's policy simulator accepts them, to a value
// for [Decode]. It returns an error for a value that is not of the type. Values that are not known yet pass.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ContextEntry.html
func ContextEntry(name string, values []tree.Node) (tree.Node, error) {
	single, multi := strings.CutSuffix(name, "List")
	valid, ok := contextTypes[single]
	if !ok {
		return tree.Node{}, fmt.Errorf("type %q is not a type of context keys; the types are string, numeric, boolean, ip, "+
			"binary and date, each also with the suffix List", name)
	}
	for _, value := range values {
		if value.Kind != tree.Unknown && !valid(value.Text) {
			return tree.Node{}, fmt.Errorf("value %s is not of type %s", policy.Quote(value.Text), single)
		}
	}
	if multi {
		return tree.Node{Kind: tree.Array, Elements: values}, nil
	}
	if len(values) != 1 {
		return tree.Node{}, fmt.Errorf("type %s takes exactly one value; found %d. For a multivalued key use the type %sList",
			single, len(values), single)
	}
	return values[0], nil
}
