// Package request reads the arguments that the functions allows and could_allow share, and turns them
// into access requests, one for each action and resource.
package request

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// The positions of the arguments of allows and could_allow.
const (
	policiesArgument = iota
	actionArgument
	resourceArgument
	contextArgument
)

// Parameters returns the parameters of allows and could_allow: the fixed ones and the variadic context.
func Parameters() (fixed []function.Parameter, variadic function.Parameter) {
	return []function.Parameter{
			dynamic.Parameter("policies", "The identity policies of one principal: one policy, a list of policies, or an "+
				"object of name → policy. "+
				"A policy is JSON text or an object of the same form."),
			dynamic.Parameter("action", "An action, such as `s3:GetObject`, or a list of actions, without wildcards."),
			dynamic.Parameter("resource", "The ARN of one concrete resource, or `*` for an action that has no resource, "+
				"or a list of these."),
		}, dynamic.Parameter("context", "At most one object of context key → value. A list is the value of a "+
			"multivalued key. A key that you leave out is absent "+
			"from the request for `allows`, and may have any value for `could_allow`.")
}

// Decode returns one request for each action and resource in the arguments. It decodes the policies and
// the context once, with the decoder that the function simulate uses for a whole request.
func Decode(ctx context.Context, arguments function.ArgumentsData) ([]*simulation.Case, *function.FuncError) {
	var policies, action, resource types.Dynamic
	var contexts []types.Dynamic
	if err := arguments.Get(ctx, &policies, &action, &resource, &contexts); err != nil {
		return nil, err
	}
	policiesNode, refusal := dynamic.Argument(ctx, policiesArgument, policies)
	if refusal != nil {
		return nil, refusal
	}
	actionNode, refusal := dynamic.Argument(ctx, actionArgument, action)
	if refusal != nil {
		return nil, refusal
	}
	resourceNode, refusal := dynamic.Argument(ctx, resourceArgument, resource)
	if refusal != nil {
		return nil, refusal
	}
	request := tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "identity", Value: policiesNode}}}
	if len(contexts) > 1 {
		return nil, dynamic.ArgumentError(contextArgument+1, errors.New("there is more than one context; put all "+
			"context keys into one object"))
	}
	if len(contexts) == 1 {
		node, err := dynamic.DecodeRequest(ctx, contexts[0], "$")
		if err != nil {
			return nil, dynamic.ArgumentError(contextArgument, err)
		}
		request.Members = append(request.Members, tree.Member{Name: "context", Value: node})
	}

	actions, err := dynamic.Strings(actionNode, "action")
	if err != nil {
		return nil, dynamic.ArgumentError(actionArgument, err)
	}
	resources, err := dynamic.Strings(resourceNode, "resource")
	if err != nil {
		return nil, dynamic.ArgumentError(resourceArgument, err)
	}
	for i := range resources {
		if err := CheckConcrete(resources[i]); err != nil {
			return nil, dynamic.ArgumentError(resourceArgument, err)
		}
	}

	request.Members = append(request.Members, tree.Member{Name: "action", Value: tree.Node{Kind: tree.Unknown}})
	base, err := simulation.Decode(request)
	if err != nil {
		return nil, decodeError(err)
	}
	out := make([]*simulation.Case, 0, len(actions)*len(resources))
	for i := range resources {
		for j := range actions {
			one, err := base.About(actions[j], resources[i])
			if err != nil {
				return nil, decodeError(err)
			}
			out = append(out, one)
		}
	}
	return out, nil
}

// decodeError reports an error of the decoder at the argument of allows or could_allow that caused it.
func decodeError(err error) *function.FuncError {
	var faults simulation.Errors
	if !errors.As(err, &faults) || len(faults) == 0 {
		return function.NewFuncError(err.Error())
	}
	index := int64(policiesArgument)
	switch faults[0].Field() {
	case "action":
		index = actionArgument
	case "resource":
		index = resourceArgument
	case "context":
		index = contextArgument
	}
	for _, fault := range faults {
		if rest, ok := strings.CutPrefix(fault.Path, "identity"); ok {
			fault.Path = "policies" + rest
		}
		if fault.Path == fault.Field() || fault.Path == "policies" {
			fault.Path = "" // Terraform names the argument
		}
	}
	return dynamic.ArgumentError(index, faults)
}

// CheckConcrete returns an error for a resource that cannot be the ARN of one resource, such as a pattern.
func CheckConcrete(resource tree.Node) error {
	if resource.Kind != tree.String {
		return nil
	}
	return simulation.CheckResource(resource.Text)
}
