package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/request"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

// layerArguments maps the fields of a request to the arguments of the data source.
var layerArguments = map[string]string{
	"identity": "policies_json", "group": "group_policies_json", "boundary": "permissions_boundary_policies_json",
	"session": "session_policies_json", "resource_policy": "resource_policy_json",
	"unknown_resource_policy": "unknown_resource_policy", "vpce": "endpoint_policy_json",
	"scps": "service_control_policies", "rcps": "resource_control_policies",
	"principal": "caller_arn", "principal_id": "caller_id", "resource_account": "resource_owner_account_id",
	"management_account": "management_account_id", "context": "context", "unknown_context_keys": "unknown_context_keys",
	"action": "action_names", "resource": "resource_arns",
}

// request returns all fields of the request, except action and resource, in the form that simulation.Decode reads.
func (m *simulationModel) request(ctx context.Context, diags *diag.Diagnostics) []tree.Member {
	var members []tree.Member
	put := func(field string, value attr.Value, shape func(tree.Node) tree.Node) {
		node, err := dynamic.Decode(ctx, value)
		if err != nil {
			diags.AddAttributeError(path.Root(layerArguments[field]), "Invalid value", err.Error())
			return
		}
		if node.Kind == tree.Null {
			return
		}
		if shape != nil {
			node = shape(node)
		}
		members = append(members, tree.Member{Name: field, Value: node})
	}
	put("identity", m.Policies, named("policies_json"))
	put("group", m.GroupPolicies, named("group_policies_json"))
	put("session", m.SessionPolicies, named("session_policies_json"))
	if m.Boundary.IsUnknown() || len(m.Boundary.Elements()) > 0 { // an empty list is no boundary, as in the AWS provider
		put("boundary", m.Boundary, named("permissions_boundary_policies_json"))
	}
	put("resource_policy", m.ResourcePolicy, nameOne("resource_policy_json"))
	put("unknown_resource_policy", m.UnknownResourcePolicy, nil)
	put("vpce", m.EndpointPolicy, nameOne("endpoint_policy_json"))
	put("scps", m.ServiceControlPolicies, namedLevels("service_control_policies"))
	put("rcps", m.ResourceControlPolicies, namedLevels("resource_control_policies"))
	put("principal", m.CallerARN, nil)
	put("principal_id", m.CallerID, nil)
	put("resource_account", m.ResourceOwner, nil)
	put("management_account", m.ManagementAccount, nil)
	put("unknown_context_keys", m.UnknownContextKeys, nil)
	if m.Context.IsUnknown() || len(m.Context.Elements()) > 0 {
		put("context", m.Context, func(node tree.Node) tree.Node { return contextNode(node, diags) })
	}
	return members
}

// nameOne gives a policy a name that decisions cite.
func nameOne(name string) func(tree.Node) tree.Node {
	return func(node tree.Node) tree.Node {
		if node.Kind == tree.Unknown {
			return node
		}
		return tree.Node{Kind: tree.Object, Members: []tree.Member{{Name: name, Value: node}}}
	}
}

// named gives each policy of a list a name: the argument and its index.
func named(argument string) func(tree.Node) tree.Node {
	return func(node tree.Node) tree.Node {
		if node.Kind == tree.Unknown {
			return node
		}
		out := tree.Node{Kind: tree.Object}
		for i, element := range node.Elements {
			out.Members = append(out.Members, tree.Member{Name: fmt.Sprintf("%s[%d]", argument, i), Value: element})
		}
		return out
	}
}

// namedLevels gives each policy of a list of levels a name: the argument, and the indexes of the level and the policy.
func namedLevels(argument string) func(tree.Node) tree.Node {
	return func(node tree.Node) tree.Node {
		for i := range node.Elements {
			if level := &node.Elements[i]; level.Kind == tree.Array {
				*level = named(fmt.Sprintf("%s[%d]", argument, i))(*level)
			}
		}
		return node
	}
}

// contextNode turns the context blocks into one object of key → values.
func contextNode(node tree.Node, diags *diag.Diagnostics) tree.Node {
	if node.Kind == tree.Unknown {
		return node
	}
	out := tree.Node{Kind: tree.Object}
	for i := range node.Elements {
		block := &node.Elements[i]
		at := path.Root("context").AtListIndex(i)
		key, _ := block.Member("key")
		kind, _ := block.Member("type")
		values, _ := block.Member("values")
		if key == nil || kind == nil || values == nil || key.Kind == tree.Unknown {
			return tree.Node{Kind: tree.Unknown} // the block may be about any key
		}
		if kind.Kind == tree.Unknown || values.Kind == tree.Unknown {
			// It may become one value or a list, even an empty one. An unknown node covers both.
			out.Members = append(out.Members, tree.Member{Name: key.Text, Value: tree.Node{Kind: tree.Unknown}})
			continue
		}
		value, err := simulation.ContextEntry(kind.Text, values.Elements)
		if err != nil {
			argument := "values"
			if !simulation.IsContextType(kind.Text) {
				argument = "type"
			}
			diags.AddAttributeError(at.AtName(argument), "Invalid context key", fmt.Sprintf("The %s.", err))
			continue
		}
		out.Members = append(out.Members, tree.Member{Name: key.Text, Value: value})
	}
	return out
}

// expand returns a request for every action on every resource. It reports errors at the arguments below at.
func expand(
	ctx context.Context, base *simulation.Case, actions, resources types.Set, at path.Path, diags *diag.Diagnostics,
) []simulatedRequest {
	argumentPath := func(argument string) path.Path {
		if at.Equal(path.Empty()) {
			return path.Root(argument)
		}
		return at.AtName(argument)
	}
	read := func(set types.Set, argument string) []tree.Node {
		node, err := dynamic.Decode(ctx, set)
		if err == nil && node.Kind != tree.Null {
			nodes, err := dynamic.Strings(node, argument)
			if err != nil {
				diags.AddAttributeError(argumentPath(argument), "Invalid request", err.Error()+".")
			}
			return nodes
		}
		return []tree.Node{{Kind: tree.String, Text: "*"}}
	}
	actionNodes, resourceNodes := read(actions, "action_names"), read(resources, "resource_arns")
	var out []simulatedRequest
	for _, resource := range resourceNodes {
		if err := request.CheckConcrete(resource); err != nil {
			diags.AddAttributeError(argumentPath("resource_arns"), "Invalid request", err.Error()+".")
			continue
		}
		for _, action := range actionNodes {
			evaluation, err := base.About(action, resource)
			if err != nil {
				requestErrors(err, argumentPath, diags)
				return nil
			}
			out = append(out,
				simulatedRequest{action: displayText(action), resource: displayText(resource), evaluation: evaluation})
		}
	}
	return out
}

// displayText returns the text of a node for a message.
func displayText(node tree.Node) string {
	if node.Kind == tree.Unknown {
		return "(known after apply)"
	}
	return node.Text
}

// requestErrors reports the errors of a request at the arguments that caused them.
func requestErrors(err error, argumentPath func(string) path.Path, diags *diag.Diagnostics) {
	var faults simulation.Errors
	if !errors.As(err, &faults) {
		diags.AddError("Invalid request", err.Error())
		return
	}
	for _, fault := range faults {
		field := fault.Field()
		argument := layerArguments[field]
		// the name of the policy gives the position
		if i := strings.IndexByte(fault.Path, '"'); i >= 0 && field != "context" {
			fault.Path = strings.TrimSuffix(fault.Path[i+1:], `"]`)
		} else {
			fault.Path = argument + strings.TrimPrefix(fault.Path, field)
		}
		at := path.Root(argument)
		switch {
		case argument == "":
			at = path.Empty()
		case field == "action" || field == "resource":
			at = argumentPath(argument)
		}
		diags.AddAttributeError(at, "Invalid request", fault.Error())
	}
}
