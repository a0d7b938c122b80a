package proof

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
)

// PoliciesParameter returns the parameter for a set of policies. what begins the description.
func PoliciesParameter(name, what string) function.Parameter {
	return dynamic.Parameter(name, what+": one policy, a list of policies, or an object of name → policy. A policy is "+
		"JSON text or an object of the same form. Several policies act together, as the policies of one principal do.")
}

// KindParameter returns the parameter for the kind of the policies.
func KindParameter() function.Parameter {
	return function.StringParameter{
		Name: "kind",
		MarkdownDescription: "The kind of the policies: `" + strings.Join(policy.Kinds(), "`, `") +
			"`; `scp` and `rcp` are short for `service-control` and `resource-control`.",
	}
}

// Kind parses the kind of the policies, the argument with this index.
func Kind(index int64, name string) (policy.Kind, *function.FuncError) {
	kind, err := policy.ParseKind(name)
	if err != nil {
		return kind, dynamic.ArgumentError(index, err)
	}
	return kind, nil
}

// Set is a set of policies from an argument.
type Set struct {
	Policies []authz.Policy
	// Known reports whether Terraform knows all of the policies.
	Known bool
}

// Policies decodes the argument with this index and name, a set of policies of a kind. It refuses invalid policies even
// while a part of them is unknown.
func Policies(
	ctx context.Context, index int64, name string, kind policy.Kind, value types.Dynamic,
) (Set, *function.FuncError) {
	node, refusal := dynamic.Argument(ctx, index, value)
	if refusal != nil {
		return Set{}, refusal
	}
	policies, err := simulation.DecodePolicies(name, layerOf(kind), node)
	var faults simulation.Errors
	if errors.As(err, &faults) {
		for _, fault := range faults {
			if fault.Path == name {
				fault.Path = "" // Terraform names the argument
			}
		}
	}
	if err != nil {
		return Set{}, dynamic.ArgumentError(index, err)
	}
	return Set{Policies: policies, Known: !node.HasUnknown()}, nil
}

// layerOf returns the layer that decides with policies of a kind.
func layerOf(kind policy.Kind) authz.LayerKind {
	return map[policy.Kind]authz.LayerKind{
		policy.Identity: authz.Identity, policy.Resource: authz.ResourcePolicy, policy.Trust: authz.ResourcePolicy,
		policy.Boundary: authz.Boundary, policy.Session: authz.Session, policy.ServiceControl: authz.ServiceControl,
		policy.ResourceControl: authz.ResourceControl,
	}[kind]
}
