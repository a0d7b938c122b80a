package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func newCustomPolicySimulation() datasource.DataSource { return customPolicySimulation{} }

type customPolicySimulation struct{}

var _ datasource.DataSourceWithValidateConfig = customPolicySimulation{}

type simulationModel struct {
	ActionNames             types.Set    `tfsdk:"action_names"`
	ResourceARNs            types.Set    `tfsdk:"resource_arns"`
	CallerARN               types.String `tfsdk:"caller_arn"`
	CallerID                types.String `tfsdk:"caller_id"`
	Context                 types.List   `tfsdk:"context"`
	UnknownContextKeys      types.Set    `tfsdk:"unknown_context_keys"`
	Policies                types.List   `tfsdk:"policies_json"`
	GroupPolicies           types.List   `tfsdk:"group_policies_json"`
	Boundary                types.List   `tfsdk:"permissions_boundary_policies_json"`
	SessionPolicies         types.List   `tfsdk:"session_policies_json"`
	ResourcePolicy          types.String `tfsdk:"resource_policy_json"`
	UnknownResourcePolicy   types.Bool   `tfsdk:"unknown_resource_policy"`
	EndpointPolicy          types.String `tfsdk:"endpoint_policy_json"`
	ServiceControlPolicies  types.List   `tfsdk:"service_control_policies"`
	ResourceControlPolicies types.List   `tfsdk:"resource_control_policies"`
	ResourceOwner           types.String `tfsdk:"resource_owner_account_id"`
	ManagementAccount       types.String `tfsdk:"management_account_id"`
	ResourceHandlingOption  types.String `tfsdk:"resource_handling_option"`
	Assert                  types.List   `tfsdk:"assert"`

	ID         types.String `tfsdk:"id"`
	AllAllowed types.Bool   `tfsdk:"all_allowed"`
	Results    types.List   `tfsdk:"results"`
}

func (customPolicySimulation) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_custom_policy_simulation"
}

var (
	matchedType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"source_policy_id": types.StringType, "source_policy_type": types.StringType,
		"sid": types.StringType, "index": types.Int64Type, "line": types.Int64Type, "column": types.Int64Type,
	}}
	resultType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"action_name": types.StringType, "resource_arn": types.StringType,
		"decision": types.StringType, "allowed": types.BoolType, "reason": types.StringType,
		"decision_details":     types.MapType{ElemType: types.StringType},
		"matched_statements":   types.ListType{ElemType: matchedType},
		"missing_context_keys": types.SetType{ElemType: types.StringType},
	}}
)

func (customPolicySimulation) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	list := func(description string) schema.Attribute {
		return schema.ListAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
	}
	set := func(description string) schema.Attribute {
		return schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
	}
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	levels := func(description string) schema.Attribute {
		return schema.ListAttribute{
			ElementType:         types.ListType{ElemType: types.StringType},
			Optional:            true,
			MarkdownDescription: description,
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Decides requests with the policies in its arguments. The arguments and results are " +
			"those of AWS's `SimulateCustomPolicy` " +
			"and of `aws_iam_principal_policy_simulation`. It needs no account and no network. `assert` blocks state the " +
			"access that the policies " +
			"must and must not allow; a violated block fails the plan and names the deciding statement.",
		Attributes: map[string]schema.Attribute{
			"action_names": set("The actions to decide, such as `s3:GetObject`, without wildcards."),
			"resource_arns": set("The ARNs of the resources to decide each action on. Default `*`, " +
				"for actions that have no resource."),
			"caller_arn": text("The caller: the ARN of a user, role, session, federated user or " +
				"account root, or the name of a service. Default: an unnamed principal of the resource's account. The " +
				"requests have the context keys that follow from the caller, such as `aws:PrincipalArn`, " +
				"`aws:PrincipalAccount` and `aws:username`, unless a `context` block gives them. The ARN of a session does " +
				"not contain the path of its role: a decision that depends on it is `unknown` unless a `context` block gives " +
				"`aws:PrincipalArn`."),
			"caller_id": text("The unique id of the caller, such as `AIDA…`. Trust policies can " +
				"refer to it, and `aws:userid` contains it."),
			"unknown_context_keys": set("Context keys that are present with an unknown value. A decision " +
				"that depends on them is `unknown`."),
			"policies_json":                      list("The identity policies of the caller, as JSON."),
			"group_policies_json":                list("The identity policies of the caller's groups, as JSON."),
			"permissions_boundary_policies_json": list("The permissions boundary of the caller, as JSON; at most one."),
			"session_policies_json": list("The session policies of the caller's session, as JSON. An empty " +
				"list does not limit the session."),
			"resource_policy_json": text("The resource policy of every resource, or the trust policy of a " +
				"role, as JSON."),
			"unknown_resource_policy": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether every resource " +
				"has a policy that is not known. A decision that depends on it is `unknown`."},
			"endpoint_policy_json": text("The policy of the VPC endpoint that the requests pass through, as JSON."),
			"service_control_policies": levels("The service control policies of each level, from the " +
				"organization's root to the account, as JSON. A level without policies allows nothing. Leave it out for an " +
				"organization without service control policies."),
			"resource_control_policies": levels("The resource control policies of each level, from the " +
				"organization's root to the account, as JSON."),
			"resource_owner_account_id": text("The id of the account that owns the resources whose ARN contains " +
				"no account. Default: the caller's account."),
			"management_account_id": text("The id of the organization's management account. Service and " +
				"resource control policies do not limit it."),
			"resource_handling_option": text("Not supported. It selects scenarios of AWS's simulator that add " +
				"resources to a request; name all resources in `resource_arns` instead."),

			"id": computed.String("Always `-`."),
			"all_allowed": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there is at least one " +
				"result and all results are allowed."},
			"results": resultsAttribute(),
		},
		Blocks: simulationBlocks(),
	}
}

// resultsAttribute is the schema of the results of a simulation.
func resultsAttribute() schema.Attribute {
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: "One result for each action and resource.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"action_name":  computed.String("The action."),
			"resource_arn": computed.String("The resource."),
			"decision": computed.String("`allowed`, `explicitDeny` or `implicitDeny`, or `unknown` if it depends on " +
				"`unknown_context_keys`, `unknown_resource_policy` or a key of the caller whose value is unknown."),
			"allowed": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the decision is " +
				"`allowed`."},
			"reason": computed.String("The decision in one sentence."),
			"decision_details": schema.MapAttribute{
				ElementType: types.StringType, Computed: true,
				MarkdownDescription: "The decision of each layer of policies by itself, with the values of `decision`.",
			},
			"missing_context_keys": schema.SetAttribute{
				ElementType: types.StringType, Computed: true,
				MarkdownDescription: "Context keys that conditions refer to and the request does not have.",
			},
			"matched_statements": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The statements that decided.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"source_policy_id":   computed.String("The policy, as the name of its argument and its index in a list."),
					"source_policy_type": computed.String("The layer of the policy."),
					"sid":                computed.String("The sid of the statement, or null."),
					"index":              number("The index of the statement in the policy, from 0."),
					"line":               number("The line of the statement in the text of the policy."),
					"column":             number("The column of the statement in the text of the policy."),
				}},
			},
		}},
	}
}

// simulationBlocks are the blocks of a simulation: the context of its requests, and its assertions.
func simulationBlocks() map[string]schema.Block {
	return map[string]schema.Block{
		"context": schema.ListNestedBlock{
			MarkdownDescription: "A context key of the requests. All keys are absent that no block gives and that do not " +
				"follow from the caller.",
			NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"key": schema.StringAttribute{Required: true, MarkdownDescription: "The key, such as `aws:SourceIp`."},
				"type": schema.StringAttribute{Required: true, MarkdownDescription: "`string`, `numeric`, `boolean`, `ip`, " +
					"`binary` or `date` for one value, " +
					"or one of these with `List` for a multivalued key, such as `stringList`."},
				"values": schema.SetAttribute{ElementType: types.StringType, Required: true, MarkdownDescription: "The " +
					"values; exactly one unless the type is a list."},
			}},
		},
		"assert": schema.ListNestedBlock{
			MarkdownDescription: "An expectation about each of these actions on each of these resources, with the " +
				"policies and the context above. The plan fails if it is violated.",
			NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"expect": schema.StringAttribute{Required: true, MarkdownDescription: "`Allowed`, `Denied`, " +
					"`ExplicitlyDenied` or `ImplicitlyDenied`: the decision with exactly this context. " +
					"`NeverAllowed`: denied for all values of all other context keys, so that a grant with a condition violates it."},
				"action_names": schema.SetAttribute{
					ElementType: types.StringType, Required: true,
					MarkdownDescription: "The actions.",
				},
				"resource_arns": schema.SetAttribute{
					ElementType: types.StringType, Optional: true,
					MarkdownDescription: "The resources. Default `*`.",
				},
				"message": schema.StringAttribute{Optional: true, MarkdownDescription: "The reason for the " +
					"expectation. The error shows it."},
			}},
		},
	}
}

// ValidateConfig decides the requests with the known values. A certain violation fails now, although Terraform
// may defer reading the data source to apply because another value is unknown.
func (customPolicySimulation) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var model simulationModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); !resp.Diagnostics.HasError() {
		model.simulate(ctx, nil, &resp.Diagnostics)
	}
}

func (customPolicySimulation) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model simulationModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	requests := model.simulate(ctx, nil, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	model.ID = types.StringValue("-")
	model.AllAllowed, model.Results = resultsOf(requests)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// resultsOf returns the results of the requests, and whether there is at least one and all are
// allowed.
func resultsOf(requests []simulatedRequest) (types.Bool, types.List) {
	results := make([]attr.Value, 0, len(requests))
	all := len(requests) > 0
	for i := range requests {
		d := requests[i].evaluation.Explain()
		all = all && d.Outcome == authz.Allowed
		results = append(results, resultValue(&requests[i], d))
	}
	return types.BoolValue(all), types.ListValueMust(resultType, results)
}

// simulatedRequest is one action on one resource, either of which may be unknown.
type simulatedRequest struct {
	action, resource string
	evaluation       *simulation.Case
}

// simulate checks the arguments and the assertions, and returns the requests of action_names and
// resource_arns. It returns no requests if it needs an unknown value. extend, if not nil, adds
// policies and context keys that the arguments do not contain.
func (m *simulationModel) simulate(
	ctx context.Context, extend func(*simulation.Case) error, diags *diag.Diagnostics,
) []simulatedRequest {
	if m.ResourceHandlingOption.ValueString() != "" {
		diags.AddAttributeError(path.Root("resource_handling_option"), "resource_handling_option is not supported",
			"The scenarios of AWS's simulator add resources to each request by their own rules. "+
				"Remove the argument, and name every resource that the call needs in resource_arns.")
	}
	members := m.request(ctx, diags)
	if m.ActionNames.IsNull() && len(m.Assert.Elements()) == 0 && !m.Assert.IsUnknown() {
		diags.AddError("No request to simulate", "Set action_names, or add an assert block.")
	}
	if diags.HasError() {
		return nil
	}
	members = append(members, tree.Member{Name: "action", Value: tree.Node{Kind: tree.Unknown}})
	base, err := simulation.Decode(tree.Node{Kind: tree.Object, Members: members})
	if err != nil {
		requestErrors(err, path.Root, diags)
		return nil
	}
	if extend != nil {
		if err := extend(base); err != nil {
			diags.AddError("Simulation failed", apierror.UpperFirst(err.Error())+".")
			return nil
		}
	}
	m.assertions(ctx, base, diags)
	if m.ActionNames.IsNull() || diags.HasError() {
		return nil
	}
	return expand(ctx, base, m.ActionNames, m.ResourceARNs, path.Empty(), diags)
}

func resultValue(a *simulatedRequest, d *authz.Decision) types.Object {
	details := map[string]attr.Value{}
	for _, layer := range d.Layers {
		if layer.Applies {
			details[layer.Name()] = types.StringValue(simulation.AWSDecision(layer.Outcome))
		}
	}
	matched := make([]attr.Value, 0, len(d.Deciding))
	for _, s := range d.Deciding {
		values := statementValues(s)
		matched = append(matched, types.ObjectValueMust(matchedType.AttrTypes, map[string]attr.Value{
			"source_policy_id": types.StringValue(s.Policy), "source_policy_type": values["layer"],
			"sid": values["sid"], "index": values["index"], "line": values["line"], "column": values["column"],
		}))
	}
	missing := make([]attr.Value, 0, len(d.MissingKeys))
	for _, key := range d.MissingKeys {
		missing = append(missing, types.StringValue(key))
	}
	return types.ObjectValueMust(resultType.AttrTypes, map[string]attr.Value{
		"action_name": types.StringValue(a.action), "resource_arn": types.StringValue(a.resource),
		"decision":             types.StringValue(simulation.AWSDecision(d.Outcome)),
		"allowed":              types.BoolValue(d.Outcome == authz.Allowed),
		"reason":               types.StringValue(d.Reason),
		"decision_details":     types.MapValueMust(types.StringType, details),
		"matched_statements":   types.ListValueMust(matchedType, matched),
		"missing_context_keys": types.SetValueMust(types.StringType, missing),
	})
}
