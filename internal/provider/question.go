package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

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

// questionParameters are the parameters that allows and could_allow share.
func questionParameters() ([]function.Parameter, function.Parameter) {
	return []function.Parameter{
			dynamicParameter("policies", "The identity policies of one principal: one policy, a list of them, or an object of name → policy. "+
				"A policy is JSON text or an object of the same form."),
			dynamicParameter("action", "An action, such as `s3:GetObject`, or a list of actions, without wildcards."),
			dynamicParameter("resource", "The ARN of one concrete resource, or `*` for an action that knows no resources, or a list of them."),
		}, dynamicParameter("context", "At most one object of context key → value. A list is a multivalued key. A key that is not given is absent "+
			"from the request for `allows`, and may have any value for `could_allow`.")
}

// questions reads the arguments of allows and could_allow: one question for each action and resource. They
// are read by the same decoder that reads a whole request, which reads policies and context once.
func questions(ctx context.Context, arguments function.ArgumentsData) ([]*simulation.Case, *function.FuncError) {
	var policies, action, resource types.Dynamic
	var contexts []types.Dynamic
	if err := arguments.Get(ctx, &policies, &action, &resource, &contexts); err != nil {
		return nil, err
	}
	policiesNode, refusal := argumentNode(ctx, policiesArgument, policies)
	if refusal != nil {
		return nil, refusal
	}
	actionNode, refusal := argumentNode(ctx, actionArgument, action)
	if refusal != nil {
		return nil, refusal
	}
	resourceNode, refusal := argumentNode(ctx, resourceArgument, resource)
	if refusal != nil {
		return nil, refusal
	}
	request := tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: "identity", Value: policiesNode}}}
	if len(contexts) > 1 {
		return nil, argumentError(contextArgument+1, errors.New("there is more than one context; put all context keys into one object"))
	}
	if len(contexts) == 1 {
		node, err := nodeWithContext(ctx, contexts[0], "$")
		if err != nil {
			return nil, argumentError(contextArgument, err)
		}
		request.Members = append(request.Members, tree.Member{Name: "context", Value: node})
	}

	actions, err := stringsOf(actionNode, "action")
	if err != nil {
		return nil, argumentError(actionArgument, err)
	}
	resources, err := stringsOf(resourceNode, "resource")
	if err != nil {
		return nil, argumentError(resourceArgument, err)
	}
	for i := range resources {
		if err := concrete(resources[i]); err != nil {
			return nil, argumentError(resourceArgument, err)
		}
	}

	request.Members = append(request.Members, tree.Member{Name: "action", Value: unknownNode})
	base, err := simulation.Decode(request)
	if err != nil {
		return nil, questionError(err)
	}
	out := make([]*simulation.Case, 0, len(actions)*len(resources))
	for i := range resources {
		for j := range actions {
			asked, err := base.About(actions[j], resources[i])
			if err != nil {
				return nil, questionError(err)
			}
			out = append(out, asked)
		}
	}
	return out, nil
}

// questionError leads an error of the decoder back to the argument of allows or could_allow.
func questionError(err error) *function.FuncError {
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
	return argumentError(index, faults)
}

// concrete refuses a resource that no resource has for its ARN.
func concrete(resource tree.Node) error {
	if resource.Kind != tree.String {
		return nil
	}
	return simulation.Concrete(resource.Text)
}
