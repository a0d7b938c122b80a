package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

// dynamicParameter is a parameter that takes a value of any type. Null and unknown values reach the
// function: null so that it can say what is missing, unknown so that what is known can be judged.
func dynamicParameter(name, description string) function.DynamicParameter {
	return function.DynamicParameter{
		Name:                name,
		MarkdownDescription: description,
		AllowNullValue:      true,
		AllowUnknownValues:  true,
	}
}

// argumentError is an error of one argument, which Terraform then points at.
func argumentError(index int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(index, err.Error())
}

// argumentNode reads a dynamic argument and refuses null.
func argumentNode(ctx context.Context, index int64, name string, value types.Dynamic) (policy.Node, *function.FuncError) {
	node, err := nodeOf(ctx, value)
	if err != nil {
		return node, argumentError(index, err)
	}
	return node, refuseNull(index, name, node)
}

func refuseNull(index int64, name string, node policy.Node) *function.FuncError {
	if node.Kind != policy.NullNode {
		return nil
	}
	return function.NewArgumentFuncError(index, name+" is null; give a value.")
}

// readDocument reads a policy: JSON text, or the policy as an object.
func readDocument(node policy.Node) (*policy.Document, error) {
	if node.Kind == policy.StringNode {
		return policy.Parse([]byte(node.Text))
	}
	return policy.Decode(node)
}

// documentArgument reads an argument that is a policy, and refuses one that cannot be understood, also
// while a part of it is unknown. known is false if any part is.
func documentArgument(ctx context.Context, index int64, name string, value types.Dynamic) (doc *policy.Document, known bool, refusal *function.FuncError) {
	node, refusal := argumentNode(ctx, index, name, value)
	if refusal != nil {
		return nil, false, refusal
	}
	doc, err := readDocument(node)
	if err != nil {
		return nil, false, argumentError(index, err)
	}
	return doc, !hasUnknown(&node), nil
}

// stringsOf reads a string or a list of strings. Unknown ones stay unknown nodes.
func stringsOf(node policy.Node, what string) ([]policy.Node, error) {
	elements := []policy.Node{node}
	if node.Kind == policy.ArrayNode {
		elements = node.Elements
	}
	if len(elements) == 0 {
		return nil, fmt.Errorf("%s is an empty list; name at least one", what)
	}
	for i, element := range elements {
		if element.Kind == policy.StringNode || element.Kind == policy.UnknownNode {
			continue
		}
		if node.Kind == policy.ArrayNode {
			return nil, fmt.Errorf("%s must be a string or a list of strings; element %d is %s", what, i, element.Kind)
		}
		return nil, fmt.Errorf("%s must be a string or a list of strings; found %s", what, element.Kind)
	}
	return elements, nil
}

// concrete refuses a resource with wildcards: a question is about one resource, and a pattern would be
// taken for one whose name holds an asterisk. The bare "*" is the resource of actions that know none.
func concrete(resource string) error {
	if resource == "*" || !strings.ContainsAny(resource, "*?") {
		return nil
	}
	return fmt.Errorf("the resource %q has a wildcard, but a question is about one concrete resource; name one that the pattern is meant to cover, "+
		"such as %q, or \"*\" for an action that knows no resources", resource, strings.NewReplacer("*", "example", "?", "x").Replace(resource))
}
