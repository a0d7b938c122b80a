package dynamic

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// Parameter returns a function parameter that takes a value of any type. Terraform calls the function
// with unknown values too, so that the function can check the known parts; Terraform itself refuses null.
func Parameter(name, description string) function.DynamicParameter {
	return function.DynamicParameter{
		Name:                name,
		MarkdownDescription: description,
		AllowUnknownValues:  true,
	}
}

// ArgumentError returns an error that Terraform reports at the argument with this index. Terraform adds
// the full stop.
func ArgumentError(index int64, err error) *function.FuncError {
	return function.NewArgumentFuncError(index, strings.TrimSuffix(err.Error(), "."))
}

// Argument decodes a dynamic argument.
func Argument(ctx context.Context, index int64, value types.Dynamic) (tree.Node, *function.FuncError) {
	node, err := Decode(ctx, value)
	if err != nil {
		return node, ArgumentError(index, err)
	}
	return node, nil
}

// ParsePolicy parses a policy that is JSON text or an object.
func ParsePolicy(node tree.Node) (*policy.Document, error) {
	if node.Kind == tree.String {
		return policy.Parse([]byte(node.Text))
	}
	return policy.Decode(node)
}

// Policy decodes an argument that is a policy. It refuses an invalid policy even while a part of the
// policy is unknown; known reports whether all of it is known.
func Policy(
	ctx context.Context, index int64, value types.Dynamic,
) (doc *policy.Document, known bool, refusal *function.FuncError) {
	node, refusal := Argument(ctx, index, value)
	if refusal != nil {
		return nil, false, refusal
	}
	doc, err := ParsePolicy(node)
	if err != nil {
		return nil, false, ArgumentError(index, err)
	}
	return doc, !node.HasUnknown(), nil
}

// Strings returns the elements of a node that is a string or a list of strings. Unknown elements stay
// unknown nodes. Errors name the argument.
func Strings(node tree.Node, argument string) ([]tree.Node, error) {
	elements := []tree.Node{node}
	if node.Kind == tree.Array {
		elements = node.Elements
	}
	if len(elements) == 0 {
		return nil, fmt.Errorf("%s is an empty list; name at least one", argument)
	}
	for i, element := range elements {
		if element.Kind == tree.String || element.Kind == tree.Unknown {
			continue
		}
		if node.Kind == tree.Array {
			return nil, fmt.Errorf("%s must be a string or a list of strings; element %d is %s", argument, i, element.Kind)
		}
		return nil, fmt.Errorf("%s must be a string or a list of strings; found %s", argument, element.Kind)
	}
	return elements, nil
}
