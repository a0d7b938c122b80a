package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// dynamicParameter is a parameter that takes a value of any type. Unknown values reach the function, so
// that what is known can be judged; null is refused before.
func dynamicParameter(name, description string) function.DynamicParameter {
	return function.DynamicParameter{
		Name:                name,
		MarkdownDescription: description,
		AllowUnknownValues:  true,
	}
}

// argumentError is an error of one argument, which Terraform then points at. Terraform ends the sentence.
func argumentError(index int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(index, strings.TrimSuffix(err.Error(), "."))
}

// argumentNode reads a dynamic argument.
func argumentNode(ctx context.Context, index int64, value types.Dynamic) (tree.Node, *function.FuncError) {
	node, err := nodeOf(ctx, value)
	if err != nil {
		return node, argumentError(index, err)
	}
	return node, nil
}

// readDocument reads a policy: JSON text, or the policy as an object.
func readDocument(node tree.Node) (*policy.Document, error) {
	if node.Kind == tree.String {
		return policy.Parse([]byte(node.Text))
	}
	return policy.Decode(node)
}

// documentArgument reads an argument that is a policy, and refuses one that cannot be understood, also
// while a part of it is unknown. known is false if any part is.
func documentArgument(ctx context.Context, index int64, value types.Dynamic) (doc *policy.Document, known bool, refusal *function.FuncError) {
	node, refusal := argumentNode(ctx, index, value)
	if refusal != nil {
		return nil, false, refusal
	}
	doc, err := readDocument(node)
	if err != nil {
		return nil, false, argumentError(index, err)
	}
	return doc, !simulation.HasUnknown(&node), nil
}

// stringsOf reads a string or a list of strings. Unknown ones stay unknown nodes.
func stringsOf(node tree.Node, what string) ([]tree.Node, error) {
	elements := []tree.Node{node}
	if node.Kind == tree.Array {
		elements = node.Elements
	}
	if len(elements) == 0 {
		return nil, fmt.Errorf("%s is an empty list; name at least one", what)
	}
	for i, element := range elements {
		if element.Kind == tree.String || element.Kind == tree.Unknown {
			continue
		}
		if node.Kind == tree.Array {
			return nil, fmt.Errorf("%s must be a string or a list of strings; element %d is %s", what, i, element.Kind)
		}
		return nil, fmt.Errorf("%s must be a string or a list of strings; found %s", what, element.Kind)
	}
	return elements, nil
}
