package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
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

// contextTypes are the types of AWS's ContextKeyTypeEnum, and whether they are lists.
var contextTypes = map[string]bool{
	"string": false, "numeric": false, "boolean": false, "ip": false, "binary": false, "date": false,
	"stringList": true, "numericList": true, "booleanList": true, "ipList": true, "binaryList": true, "dateList": true,
}

// neverAllowed is an expectation that only an assert block has: it is about all values of the context
// keys that are not given, so it is no outcome of one request.
const neverAllowed = "NeverAllowed"

var expectations = []string{"Allowed", "Denied", "ExplicitlyDenied", "ImplicitlyDenied", neverAllowed}

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
	result := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
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

			"id":          result("Always `-`."),
			"all_allowed": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there are results and all of them are allowed."},
			"results": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "One result for each action and resource.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"action_name":          result("The action."),
					"resource_arn":         result("The resource."),
					"decision":             result("`allowed`, `explicitDeny` or `implicitDeny`, or `unknown` where it hangs on `unknown_context_keys`."),
					"allowed":              schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the decision is `allowed`."},
					"reason":               result("The decision in one sentence."),
					"decision_details":     schema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "What each layer of policies says by itself, in the words of `decision`."},
					"missing_context_keys": schema.SetAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "Context keys that conditions asked for and the request does not have."},
					"matched_statements": schema.ListNestedAttribute{
						Computed: true, MarkdownDescription: "The statements that made the decision.",
						NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
							"source_policy_id":   result("The policy: the argument that holds it, with its place in a list."),
							"source_policy_type": result("The layer that the policy belongs to."),
							"sid":                result("The statement's sid, if it has one."),
							"index":              number("The statement's place in the policy, from 0."),
							"line":               number("The line in the policy's text."),
							"column":             number("The column in the policy's text."),
						}},
					},
				}},
			},
		},
		Blocks: map[string]schema.Block{
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
					"resource_arns": set("The resources. Default `*`."),
					"message":       text("Why this must hold, for whoever reads the error."),
				}},
			},
		},
	}
}

// ValidateConfig asks the questions with what is known. What is then certain to fail fails now, though
// Terraform may put off reading the data source until apply because something else is unknown.
func (customPolicySimulation) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model simulationModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); !resp.Diagnostics.HasError() {
		model.ask(ctx, &resp.Diagnostics)
	}
}

func (customPolicySimulation) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model simulationModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	asked := model.ask(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	results := make([]attr.Value, 0, len(asked))
	all := len(asked) > 0
	for i := range asked {
		d := asked[i].question.explain()
		all = all && d.Outcome == authz.Allowed
		results = append(results, resultValue(&asked[i], d))
	}
	model.ID, model.AllAllowed = types.StringValue("-"), types.BoolValue(all)
	model.Results = types.ListValueMust(resultType, results)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// askedQuestion is one action on one resource, either of which may be unknown.
type askedQuestion struct {
	action, resource string
	question         *openQuestion
}

// ask checks the arguments and the assertions, and returns the questions of action_names and
// resource_arns. It stops short where something is unknown that it needs.
func (m *simulationModel) ask(ctx context.Context, diags *diag.Diagnostics) []askedQuestion {
	if m.ResourceHandlingOption.ValueString() != "" {
		diags.AddAttributeError(path.Root("resource_handling_option"), "Not supported", "The scenarios of AWS's simulator add resources to each request by rules of their own. "+
			"Leave the option out, and name every resource that the call needs in resource_arns.")
	}
	base := m.request(ctx, diags)
	if m.ActionNames.IsNull() && len(m.Assert.Elements()) == 0 && !m.Assert.IsUnknown() {
		diags.AddError("Nothing to decide", "Give action_names, or an assert block.")
	}
	if diags.HasError() {
		return nil
	}
	m.assertions(ctx, base, diags)
	if m.ActionNames.IsNull() || diags.HasError() {
		return nil
	}
	return expand(ctx, base, m.ActionNames, m.ResourceARNs, path.Empty(), diags)
}

// layerArguments says which argument a layer of a request comes from.
var layerArguments = map[string]string{
	"identity": "policies_json", "group": "group_policies_json", "boundary": "permissions_boundary_policies_json",
	"session": "session_policies_json", "resource_policy": "resource_policy_json", "vpce": "endpoint_policy_json",
	"scps": "service_control_policies", "rcps": "resource_control_policies",
	"principal": "caller_arn", "principal_id": "caller_id", "resource_account": "resource_owner_account_id",
	"management_account": "management_account_id", "context": "context", "unknown_context_keys": "unknown_context_keys",
	"action": "action_names", "resource": "resource_arns",
}

// request puts everything but action and resource into the tree that simulation decodes.
func (m *simulationModel) request(ctx context.Context, diags *diag.Diagnostics) []policy.Member {
	var members []policy.Member
	put := func(field string, value attr.Value, shape func(policy.Node) policy.Node) {
		node, err := nodeOf(ctx, value)
		if err != nil {
			diags.AddAttributeError(path.Root(layerArguments[field]), "Invalid value", err.Error())
			return
		}
		if node.Kind == policy.NullNode {
			return
		}
		if shape != nil {
			node = shape(node)
		}
		members = append(members, policy.Member{Name: field, Value: node})
	}
	put("identity", m.Policies, named("policies_json"))
	put("group", m.GroupPolicies, named("group_policies_json"))
	put("session", m.SessionPolicies, named("session_policies_json"))
	if m.Boundary.IsUnknown() || len(m.Boundary.Elements()) > 0 { // none, as in the AWS provider
		put("boundary", m.Boundary, named("permissions_boundary_policies_json"))
	}
	put("resource_policy", m.ResourcePolicy, func(node policy.Node) policy.Node { return nameOne("resource_policy_json", node) })
	put("vpce", m.EndpointPolicy, func(node policy.Node) policy.Node { return nameOne("endpoint_policy_json", node) })
	put("scps", m.ServiceControlPolicies, namedLevels("service_control_policies"))
	put("rcps", m.ResourceControlPolicies, namedLevels("resource_control_policies"))
	put("principal", m.CallerARN, nil)
	put("principal_id", m.CallerID, nil)
	put("resource_account", m.ResourceOwner, nil)
	put("management_account", m.ManagementAccount, nil)
	put("unknown_context_keys", m.UnknownContextKeys, nil)
	if m.Context.IsUnknown() || len(m.Context.Elements()) > 0 {
		put("context", m.Context, func(node policy.Node) policy.Node { return contextNode(node, diags) })
	}
	return members
}

// nameOne makes a policy one that decisions cite by name.
func nameOne(as string, node policy.Node) policy.Node {
	if node.Kind == policy.UnknownNode {
		return node
	}
	return policy.Node{Kind: policy.ObjectNode, Members: []policy.Member{{Name: as, Value: node}}}
}

// named names the policies of a list by the argument and their place in it.
func named(argument string) func(policy.Node) policy.Node {
	return func(node policy.Node) policy.Node {
		if node.Kind == policy.UnknownNode {
			return node
		}
		out := policy.Node{Kind: policy.ObjectNode}
		for i, element := range node.Elements {
			out.Members = append(out.Members, policy.Member{Name: fmt.Sprintf("%s[%d]", argument, i), Value: element})
		}
		return out
	}
}

func namedLevels(argument string) func(policy.Node) policy.Node {
	return func(node policy.Node) policy.Node {
		for i := range node.Elements {
			if level := &node.Elements[i]; level.Kind == policy.ArrayNode {
				*level = named(fmt.Sprintf("%s[%d]", argument, i))(*level)
			}
		}
		return node
	}
}

// contextNode makes the context blocks one object of key → values.
func contextNode(node policy.Node, diags *diag.Diagnostics) policy.Node {
	if node.Kind == policy.UnknownNode {
		return node
	}
	out := policy.Node{Kind: policy.ObjectNode}
	for i := range node.Elements {
		block := &node.Elements[i]
		at := path.Root("context").AtListIndex(i)
		key, _ := block.Member("key")
		kind, _ := block.Member("type")
		values, _ := block.Member("values")
		if key == nil || kind == nil || values == nil || key.Kind == policy.UnknownNode {
			return unknownNode // there may be any key
		}
		if kind.Kind == policy.UnknownNode || values.Kind == policy.UnknownNode {
			// One value or a list, which may be empty: an unknown node leaves that open.
			out.Members = append(out.Members, policy.Member{Name: key.Text, Value: unknownNode})
			continue
		}
		multi, ok := contextTypes[kind.Text]
		switch {
		case !ok:
			diags.AddAttributeError(at.AtName("type"), "Unknown type of context key", fmt.Sprintf(
				"%q is no type of a context key; the types are string, numeric, boolean, ip, binary and date, and each of them with List.", kind.Text))
			continue
		case multi:
		case len(values.Elements) != 1:
			diags.AddAttributeError(at.AtName("values"), "More or less than one value", fmt.Sprintf(
				"A key of type %s has exactly one value; found %d. For a multivalued key use the type %sList.", kind.Text, len(values.Elements), kind.Text))
			continue
		default:
			*values = values.Elements[0]
		}
		out.Members = append(out.Members, policy.Member{Name: key.Text, Value: *values})
	}
	return out
}

// expand asks about every action on every resource. Errors are reported below at.
func expand(ctx context.Context, base []policy.Member, actions, resources types.Set, at path.Path, diags *diag.Diagnostics) []askedQuestion {
	under := func(argument string) path.Path {
		if at.Equal(path.Empty()) {
			return path.Root(argument)
		}
		return at.AtName(argument)
	}
	read := func(set types.Set, argument string) []policy.Node {
		node, err := nodeOf(ctx, set)
		if err == nil && node.Kind != policy.NullNode {
			nodes, err := stringsOf(node, argument)
			if err != nil {
				diags.AddAttributeError(under(argument), "Invalid request", err.Error()+".")
			}
			return nodes
		}
		return []policy.Node{{Kind: policy.StringNode, Text: "*"}}
	}
	actionNodes, resourceNodes := read(actions, "action_names"), read(resources, "resource_arns")
	var out []askedQuestion
	for _, resource := range resourceNodes {
		if err := concrete(resource.Text); err != nil {
			diags.AddAttributeError(under("resource_arns"), "Invalid request", err.Error()+".")
			continue
		}
		for _, action := range actionNodes {
			members := append(slices.Clone(base), policy.Member{Name: "action", Value: action}, policy.Member{Name: "resource", Value: resource})
			question, err := decodeQuestion(policy.Node{Kind: policy.ObjectNode, Members: members})
			if err != nil {
				requestErrors(err, under, diags)
				return nil
			}
			out = append(out, askedQuestion{action: shown(action), resource: shown(resource), question: question})
		}
	}
	return out
}

// shown is a text of a request in a message.
func shown(node policy.Node) string {
	if node.Kind == policy.UnknownNode {
		return "(known after apply)"
	}
	return node.Text
}

// requestErrors reports what is wrong with a request at the arguments that it is made of.
func requestErrors(err error, under func(string) path.Path, diags *diag.Diagnostics) {
	var faults simulation.Errors
	if !errors.As(err, &faults) {
		diags.AddError("Invalid request", err.Error())
		return
	}
	for _, fault := range faults {
		field := fault.Field()
		argument := layerArguments[field]
		if i := strings.IndexByte(fault.Path, '"'); i >= 0 && field != "context" { // the policy's name says it all
			fault.Path = strings.TrimSuffix(fault.Path[i+1:], `"]`)
		} else {
			fault.Path = argument + strings.TrimPrefix(fault.Path, field)
		}
		at := path.Root(argument)
		switch {
		case argument == "":
			at = path.Empty()
		case field == "action" || field == "resource":
			at = under(argument)
		}
		diags.AddAttributeError(at, "Invalid request", fault.Error())
	}
}

// assertions fails what is certain not to hold.
func (m *simulationModel) assertions(ctx context.Context, base []policy.Member, diags *diag.Diagnostics) {
	if m.Assert.IsUnknown() {
		return
	}
	var blocks []struct {
		Expect       types.String `tfsdk:"expect"`
		ActionNames  types.Set    `tfsdk:"action_names"`
		ResourceARNs types.Set    `tfsdk:"resource_arns"`
		Message      types.String `tfsdk:"message"`
	}
	if diags.Append(m.Assert.ElementsAs(ctx, &blocks, true)...); diags.HasError() {
		return
	}
	for i, block := range blocks {
		at := path.Root("assert").AtListIndex(i)
		expect := block.Expect.ValueString()
		if !block.Expect.IsUnknown() && !slices.Contains(expectations, expect) {
			diags.AddAttributeError(at.AtName("expect"), "Unknown expectation", fmt.Sprintf("%q cannot be expected; what can is %s.", expect, strings.Join(expectations, ", ")))
			continue
		}
		asked := expand(ctx, base, block.ActionNames, block.ResourceARNs, at, diags)
		for j := range asked {
			if block.Expect.IsUnknown() {
				continue
			}
			if why := asked[j].contradicts(expect); why != "" {
				if note := block.Message.ValueString(); note != "" {
					why += "\n\n" + note
				}
				diags.AddAttributeError(at, "Access is not as expected", why)
			}
		}
	}
}

// contradicts says why an expectation does not hold; empty where it holds, or may yet hold once what is
// unknown to Terraform is known.
func (a *askedQuestion) contradicts(expect string) string {
	request := fmt.Sprintf("%s on %s", a.action, a.resource)
	if expect == neverAllowed {
		possible := a.question.couldAllow()
		if possible == authz.Never || possible == authz.Unclear && a.question.uncertain() {
			return ""
		}
		d := a.question.explain()
		if d.Outcome == authz.Allowed {
			return fmt.Sprintf("%s must never be allowed, and is.\n%s", request, explained(d))
		}
		return fmt.Sprintf("%s must never be allowed, but could be with other values of the context.\n%s", request, explained(d))
	}
	outcome := a.question.outcome()
	if outcome == authz.Undecided && a.question.uncertain() {
		return ""
	}
	got := outcome.String()
	if got == expect || expect == "Denied" && outcome.IsDenied() || outcome == authz.Denied && a.question.uncertain() && expect != "Allowed" {
		return ""
	}
	return fmt.Sprintf("%s: expected %s, found %s.\n%s", request, expect, got, explained(a.question.explain()))
}

// explained is a decision's reason and, for a denial, how the statement that came nearest failed.
func explained(d *authz.Decision) string {
	var b strings.Builder
	b.WriteString(d.Reason)
	if miss := d.NearestMiss; miss != nil {
		fmt.Fprintf(&b, "\nThe statement that comes nearest to allowing it is in %s:", miss.StatementRef)
		for _, failure := range miss.Failures {
			b.WriteString("\n  - " + failure.Message)
		}
	}
	if len(d.MissingKeys) > 0 {
		b.WriteString("\nContext keys that conditions ask for and the request does not have: " + strings.Join(d.MissingKeys, ", ") + ".")
	}
	return b.String()
}

// awsDecision is an outcome in the words of AWS's simulator.
func awsDecision(outcome authz.Outcome) string {
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

func resultValue(a *askedQuestion, d *authz.Decision) types.Object {
	details := map[string]attr.Value{}
	for _, layer := range d.Layers {
		if layer.Applies {
			details[layer.Name()] = types.StringValue(awsDecision(layer.Outcome))
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
		"decision": types.StringValue(awsDecision(d.Outcome)), "allowed": types.BoolValue(d.Outcome == authz.Allowed),
		"reason":               types.StringValue(d.Reason),
		"decision_details":     types.MapValueMust(types.StringType, details),
		"matched_statements":   types.ListValueMust(matchedType, matched),
		"missing_context_keys": types.SetValueMust(types.StringType, missing),
	})
}
