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

func (customPolicySimulation) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
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
		return schema.ListAttribute{ElementType: types.ListType{ElemType: types.StringType}, Optional: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Decides requests by the policies it is given, with the arguments and results of AWS's `SimulateCustomPolicy` and of " +
			"`aws_iam_principal_policy_simulation`, without an account or the network. `assert` blocks state what must and must not be allowed; " +
			"one that does not hold fails the plan with the statement that is to blame.",
		Attributes: map[string]schema.Attribute{
			"action_names":                       set("The actions to decide, such as `s3:GetObject`, without wildcards."),
			"resource_arns":                      set("The ARNs of the resources to decide each action on. Default `*`, the resource of actions that know no resources."),
			"caller_arn":                         text("The caller: the ARN of a user, role, session, federated user or account root, or a service. Without it the caller is some principal of the resource's account."),
			"caller_id":                          text("The caller's unique id, such as `AIDA…`, by which trust policies may name it."),
			"unknown_context_keys":               set("Context keys that are there with a value that nobody knows. A decision that hangs on them is `unknown`."),
			"policies_json":                      list("The caller's identity policies, as JSON."),
			"group_policies_json":                list("The identity policies of the caller's groups, as JSON."),
			"permissions_boundary_policies_json": list("The caller's permissions boundary, as JSON; at most one."),
			"session_policies_json":              list("The policies that were passed when the caller's session was made, as JSON. An empty list allows nothing; leave it out where none were passed."),
			"resource_policy_json":               text("The policy of every resource, or the trust policy of a role, as JSON."),
			"endpoint_policy_json":               text("The policy of the VPC endpoint that the requests come through, as JSON."),
			"service_control_policies":           levels("The service control policies of each level, from the organization's root to the account, as JSON. Left out, the organization does not use them; a level without policies allows nothing."),
			"resource_control_policies":          levels("The resource control policies of each level, from the organization's root to the account, as JSON."),
			"resource_owner_account_id":          text("The account that owns the resources whose ARN names none. Default: the caller's."),
			"management_account_id":              text("The organization's management account, which service and resource control policies do not limit."),
			"resource_handling_option":           text("Not supported: the scenarios of AWS's simulator that add resources to a request. Name the resources in `resource_arns` instead."),

			"id":          answer("Always `-`."),
			"all_allowed": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there are results and all of them are allowed."},
			"results":     resultsAttribute(),
		},
		Blocks: simulationBlocks(),
	}
}

// resultsAttribute is what a simulation answers, request by request.
func resultsAttribute() schema.Attribute {
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: "One result for each action and resource.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"action_name":          answer("The action."),
			"resource_arn":         answer("The resource."),
			"decision":             answer("`allowed`, `explicitDeny` or `implicitDeny`, or `unknown` where it hangs on `unknown_context_keys`."),
			"allowed":              schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the decision is `allowed`."},
			"reason":               answer("The decision in one sentence."),
			"decision_details":     schema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "What each layer of policies says by itself, in the words of `decision`."},
			"missing_context_keys": schema.SetAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "Context keys that conditions asked for and the request does not have."},
			"matched_statements": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The statements that made the decision.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"source_policy_id":   answer("The policy: the argument that holds it, with its place in a list."),
					"source_policy_type": answer("The layer that the policy belongs to."),
					"sid":                answer("The statement's sid, if it has one."),
					"index":              number("The statement's place in the policy, from 0."),
					"line":               number("The line in the policy's text."),
					"column":             number("The column in the policy's text."),
				}},
			},
		}},
	}
}

// simulationBlocks are the blocks of a simulation: the context of its requests, and what must hold.
func simulationBlocks() map[string]schema.Block {
	return map[string]schema.Block{
		"context": schema.ListNestedBlock{
			MarkdownDescription: "A context key of the requests. Keys that are not given are absent.",
			NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"key": schema.StringAttribute{Required: true, MarkdownDescription: "The key, such as `aws:SourceIp`."},
				"type": schema.StringAttribute{Required: true, MarkdownDescription: "`string`, `numeric`, `boolean`, `ip`, `binary` or `date` for one value, " +
					"or one of these with `List` for a multivalued key, such as `stringList`."},
				"values": schema.SetAttribute{ElementType: types.StringType, Required: true, MarkdownDescription: "The values; exactly one unless the type is a list."},
			}},
		},
		"assert": schema.ListNestedBlock{
			MarkdownDescription: "What must hold of each of these actions on each of these resources, with the policies and the context above. If it does not, the plan fails.",
			NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"expect": schema.StringAttribute{Required: true, MarkdownDescription: "`Allowed`; `Denied`, or more exactly `ExplicitlyDenied` or `ImplicitlyDenied`, with exactly this context; " +
					"`NeverAllowed`: denied whatever the context keys are that are not given, so that a grant with a condition counts as a grant."},
				"action_names":  schema.SetAttribute{ElementType: types.StringType, Required: true, MarkdownDescription: "The actions."},
				"resource_arns": schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "The resources. Default `*`."},
				"message":       schema.StringAttribute{Optional: true, MarkdownDescription: "Why this must hold, for whoever reads the error."},
			}},
		},
	}
}

// ValidateConfig asks the questions with what is known. What is then certain to fail fails now, though
// Terraform may put off reading the data source until apply because something else is unknown.
func (customPolicySimulation) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model simulationModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); !resp.Diagnostics.HasError() {
		model.ask(ctx, nil, &resp.Diagnostics)
	}
}

func (customPolicySimulation) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model simulationModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	asked := model.ask(ctx, nil, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	model.ID = types.StringValue("-")
	model.AllAllowed, model.Results = answers(asked)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// answers are the results of questions, and whether there are any and all are allowed.
func answers(asked []askedQuestion) (types.Bool, types.List) {
	results := make([]attr.Value, 0, len(asked))
	all := len(asked) > 0
	for i := range asked {
		d := asked[i].question.Explain()
		all = all && d.Outcome == authz.Allowed
		results = append(results, resultValue(&asked[i], d))
	}
	return types.BoolValue(all), types.ListValueMust(resultType, results)
}

// askedQuestion is one action on one resource, either of which may be unknown.
type askedQuestion struct {
	action, resource string
	question         *simulation.Case
}

// ask checks the arguments and the assertions, and returns the questions of action_names and
// resource_arns. It stops short where something is unknown that it needs. lay, where it is not nil, adds to the
// question what the arguments do not say.
func (m *simulationModel) ask(ctx context.Context, lay func(*simulation.Case) error, diags *diag.Diagnostics) []askedQuestion {
	if m.ResourceHandlingOption.ValueString() != "" {
		diags.AddAttributeError(path.Root("resource_handling_option"), "Not supported", "The scenarios of AWS's simulator add resources to each request by rules of their own. "+
			"Leave the option out, and name every resource that the call needs in resource_arns.")
	}
	members := m.request(ctx, diags)
	if m.ActionNames.IsNull() && len(m.Assert.Elements()) == 0 && !m.Assert.IsUnknown() {
		diags.AddError("Nothing to decide", "Give action_names, or an assert block.")
	}
	if diags.HasError() {
		return nil
	}
	base, err := simulation.Decode(tree.Node{Kind: tree.Object, Members: append(members, tree.Member{Name: "action", Value: tree.Node{Kind: tree.Unknown}})})
	if err != nil {
		requestErrors(err, path.Root, diags)
		return nil
	}
	if lay != nil {
		if err := lay(base); err != nil {
			diags.AddError("The question cannot be asked", upperFirst(err.Error())+".")
			return nil
		}
	}
	m.assertions(ctx, base, diags)
	if m.ActionNames.IsNull() || diags.HasError() {
		return nil
	}
	return expand(ctx, base, m.ActionNames, m.ResourceARNs, path.Empty(), diags)
}

func resultValue(a *askedQuestion, d *authz.Decision) types.Object {
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
		"decision": types.StringValue(simulation.AWSDecision(d.Outcome)), "allowed": types.BoolValue(d.Outcome == authz.Allowed),
		"reason":               types.StringValue(d.Reason),
		"decision_details":     types.MapValueMust(types.StringType, details),
		"matched_statements":   types.ListValueMust(matchedType, matched),
		"missing_context_keys": types.SetValueMust(types.StringType, missing),
	})
}
