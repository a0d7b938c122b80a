package provider

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
)

func newPrincipalPolicySimulation() datasource.DataSource { return &principalPolicySimulation{} }

// principalPolicySimulation decides requests of a principal, with the policies of the planned or
// the live account.
type principalPolicySimulation struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*principalPolicySimulation)(nil)

type principalSimulationModel struct {
	ActionNames            types.Set    `tfsdk:"action_names"`
	ResourceARNs           types.Set    `tfsdk:"resource_arns"`
	PolicySourceARN        types.String `tfsdk:"policy_source_arn"`
	CallerARN              types.String `tfsdk:"caller_arn"`
	Context                types.List   `tfsdk:"context"`
	AdditionalPolicies     types.List   `tfsdk:"additional_policies_json"`
	Boundary               types.List   `tfsdk:"permissions_boundary_policies_json"`
	SessionPolicies        types.List   `tfsdk:"session_policies_json"`
	ResourcePolicy         types.String `tfsdk:"resource_policy_json"`
	UnknownResourcePolicy  types.Bool   `tfsdk:"unknown_resource_policy"`
	ResourceOwner          types.String `tfsdk:"resource_owner_account_id"`
	ResourceHandlingOption types.String `tfsdk:"resource_handling_option"`
	ThroughRoles           types.Bool   `tfsdk:"through_roles"`
	Assert                 types.List   `tfsdk:"assert"`

	ID         types.String `tfsdk:"id"`
	AllAllowed types.Bool   `tfsdk:"all_allowed"`
	Account    types.String `tfsdk:"account"`
	Results    types.List   `tfsdk:"results"`
	Roles      types.List   `tfsdk:"roles"`
}

var reachedRoleType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"arn": types.StringType, "chain": types.StringType, "results": types.ListType{ElemType: resultType},
}}

func (d *principalPolicySimulation) Metadata(_ context.Context, _ datasource.MetadataRequest,
	resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_principal_policy_simulation"
}

func (d *principalPolicySimulation) Schema(_ context.Context, _ datasource.SchemaRequest,
	resp *datasource.SchemaResponse) {
	list := func(description string) schema.Attribute {
		return schema.ListAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
	}
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Decides requests of a user, group or role of the account with all its policies: its own, " +
			"those of its groups, and its permissions boundary. For `sts:AssumeRole` on a role of the account, the trust " +
			"policy of that role also decides. The arguments and results are those of " +
			"`aws_iam_principal_policy_simulation`.\n\n" +
			"If Terraform reads the data source at plan, the planned account decides: the account with all changes that " +
			"Terraform has planned so far, including those to which the data source refers. Refer to resources with pending " +
			"changes through a `local`, because Terraform otherwise defers the data source to apply. The provider checks " +
			"`assert` blocks when Terraform reads the data source, and again at each later change in the plan. If Terraform " +
			"defers the data source to apply, the provider waits until the account no longer changes, and then checks them. " +
			"The account does not store them: `iam_access_assertion` is a promise that the account keeps.",
		Attributes: map[string]schema.Attribute{
			"action_names": schema.SetAttribute{ElementType: types.StringType, Required: true,
				MarkdownDescription: "The actions to decide, such as `s3:GetObject`, without wildcards."},
			"resource_arns": schema.SetAttribute{ElementType: types.StringType, Optional: true,
				MarkdownDescription: "The ARNs of the resources to decide each action on. Default `*`."},
			"policy_source_arn": schema.StringAttribute{Required: true,
				MarkdownDescription: "The ARN of the user, group or role whose policies decide, or of a " +
					"session of the role. A request with the policies of a group has no caller unless `caller_arn` is set."},
			"caller_arn": text("The ARN of the caller, with the policies of `policy_source_arn`. Resource policies and " +
				"context keys such as `aws:PrincipalArn` see this caller. Default: `policy_source_arn`."),
			"additional_policies_json": list("Additional identity policies of the principal, as JSON."),
			"permissions_boundary_policies_json": list("A permissions boundary that replaces the principal's, as JSON; " +
				"at most one."),
			"session_policies_json": list("The session policies of the principal's session, as JSON."),
			"resource_policy_json": text(
				"The policy of every resource, or the trust policy of a role, as JSON. Default: for `sts:AssumeRole` on a role " +
					"of the account, the trust policy of that role."),
			"unknown_resource_policy": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether every resource " +
				"has a policy that is not known. A decision that depends on it is `unknown`."},
			"resource_owner_account_id": text("The id of the account that owns the resources whose ARN contains " +
				"no account. Default: the principal's account."),
			"resource_handling_option": text("Not supported. It selects scenarios of AWS's simulator that add " +
				"resources to a request; name all resources in `resource_arns` instead."),

			"id": computed.String("Always `-`."),
			"all_allowed": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there is at least one " +
				"result and all results are allowed."},
			"account": computed.String("The account that decided: `planned`, the account with all changes planned so " +
				"far, or `live`, the account during apply."),
			"through_roles": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether `roles` has the results of " +
				"the roles that the principal may assume. Default `false`."},
			"results": resultsAttribute(),
			"roles": schema.ListNestedAttribute{Computed: true,
				MarkdownDescription: "The roles that the principal may assume, through any number of roles, if `through_roles` " +
					"is set.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"arn":     computed.String("The ARN of the role."),
					"chain":   computed.String("How the principal may assume the role."),
					"results": resultsAttribute(),
				}}},
		},
		Blocks: simulationBlocks(),
	}
}

// simulation returns the requests without the policies and context keys of the account.
func (m *principalSimulationModel) simulation() *simulationModel {
	texts, levels := types.ListNull(types.StringType), types.ListNull(types.ListType{ElemType: types.StringType})
	caller := m.CallerARN
	if _, isGroup := account.GroupName(m.PolicySourceARN.ValueString()); caller.IsNull() && !isGroup {
		caller = m.PolicySourceARN
	}
	return &simulationModel{
		ActionNames: m.ActionNames, ResourceARNs: m.ResourceARNs, CallerARN: caller, CallerID: types.StringNull(),
		Context:            m.Context,
		UnknownContextKeys: types.SetNull(types.StringType), Policies: texts, GroupPolicies: texts, Boundary: m.Boundary,
		SessionPolicies: m.SessionPolicies,
		ResourcePolicy:  m.ResourcePolicy, UnknownResourcePolicy: m.UnknownResourcePolicy,
		EndpointPolicy: types.StringNull(), ServiceControlPolicies: levels,
		ResourceControlPolicies: levels,
		ResourceOwner:           m.ResourceOwner, ManagementAccount: types.StringNull(),
		ResourceHandlingOption: m.ResourceHandlingOption, Assert: m.Assert,
	}
}

// from returns a function that adds the principal's policies and context keys from an account to a
// request.
func (m *principalSimulationModel) from(ctx context.Context, of *account.Account) func(*simulation.Case) error {
	return func(c *simulation.Case) error {
		text := m.PolicySourceARN.ValueString()
		group, isGroup := account.GroupName(text)
		if isGroup {
			var err error
			if of, err = withMember(of, text, group); err != nil {
				return err
			}
			text = unknownMember
		}
		source, err := of.Principal(text)
		if err != nil {
			return err
		}
		var additional []string
		if diags := m.AdditionalPolicies.ElementsAs(ctx, &additional, false); diags.HasError() {
			return fmt.Errorf("additional_policies_json: %s", diags[0].Detail())
		}
		if len(additional) > 0 {
			if of, err = withPolicies(of, source, additional); err != nil {
				return err
			}
		}
		access, err := of.Access(source, account.Credentials{})
		if err != nil {
			return err
		}
		policies := access.Policies()
		c.Policies.Identity, c.Policies.Group = policies.Identity, policies.Group
		if c.Policies.Boundary == nil {
			c.Policies.Boundary, c.Policies.BoundaryUncertain = policies.Boundary, policies.BoundaryUncertain
		}
		switch {
		case m.CallerARN.IsNull() && isGroup: // a group cannot call: an unknown member does
		case m.CallerARN.IsNull():
			c.Request.Principal = source
			access.SetKeys(c.Request.Context)
		default:
			if caller, err := of.Access(c.Request.Principal, account.Credentials{}); err == nil {
				caller.SetKeys(c.Request.Context) // with its tags and unique id, which its ARN does not contain
			}
		}
		c.ResourcePolicy = of.ResourcePolicy
		return nil
	}
}

// unknownMember is the name of a user that stands for the members of a group. It is longer than the name of a user of
// an account can be.
const unknownMember = "member-of-the-group-whose-policies-the-data-source-is-simulating-now"

// withMember returns the account with a user who has only the policies of a group.
func withMember(of *account.Account, arn, group string) (*account.Account, error) {
	found, ok := of.Group(group)
	if !ok || of.ARN(account.GroupKind, found.Path, found.Name) != arn {
		return nil, fmt.Errorf("the account %s has no group %q", of.ID(), arn)
	}
	return of.With(account.User{Name: unknownMember, Path: "/", Groups: []string{found.Name}})
}

// withPolicies returns the account with additional inline policies of a principal.
func withPolicies(of *account.Account, principal authz.Principal, documents []string) (*account.Account, error) {
	kind := account.RoleKind
	if principal.Kind == authz.User {
		kind = account.UserKind
	}
	plan := account.NewPlan(of)
	for i, document := range documents {
		name := fmt.Sprintf("additional_policies_json-%d", i)
		plan.Put(name,
			account.PutInline{Kind: kind, Name: principal.Name(),
				Policy: account.InlinePolicy{Name: name, Document: account.Text(document)}})
	}
	out, _, err := plan.View(principal.Name())
	return out, err
}

func (d *principalPolicySimulation) Read(ctx context.Context, req datasource.ReadRequest,
	resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[principalSimulationModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	source := model.PolicySourceARN.ValueString()
	_, isGroup := account.GroupName(source)
	if p, err := authz.ParsePrincipal(source); !isGroup && (err != nil ||
		p.Kind != authz.User && p.Kind != authz.Role && p.Kind != authz.RoleSession) {
		resp.Diagnostics.AddAttributeError(path.Root("policy_source_arn"), "Invalid policy_source_arn",
			fmt.Sprintf("Expected the ARN of a user, a group, a role or a role session, found %q.", source))
		return
	}
	if isGroup && model.ThroughRoles.ValueBool() {
		resp.Diagnostics.AddAttributeError(path.Root("through_roles"), "Invalid through_roles",
			fmt.Sprintf("A group cannot assume roles. Omit through_roles, or set policy_source_arn to a member of %q.", source))
		return
	}
	names := append([]string{source}, model.roles(ctx)...)
	if caller := model.CallerARN.ValueString(); caller != "" {
		names = append(names, caller)
	}
	of, fromPlan, err := d.Planned.View(ctx, names...)
	if err != nil {
		d.Store.AddError(&resp.Diagnostics, err)
		return
	}
	if !fromPlan && len(model.Assert.Elements()) > 0 { // Terraform may be about to apply further changes
		settled, ok, err := d.Store.Settled(ctx)
		if err != nil {
			d.Store.AddError(&resp.Diagnostics, err)
			return
		}
		if ok {
			of = settled
		}
	}
	requests := model.simulation().simulate(ctx, model.from(ctx, of), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(model.Assert.Elements()) > 0 {
		resp.Diagnostics.Append(d.Planned.AddAssertion(ctx, planaccount.Check{
			Key:         fmt.Sprintf("iam_principal_policy_simulation %x", sha256.Sum256([]byte(fmt.Sprint(model)))),
			Description: "simulation for " + source, Names: names, Evaluate: model.reevaluate(ctx),
			Violation: func(f assertion.Finding) string { return "Simulated access would change: " + f.Request },
		})...)
	}
	model.ID, model.Account = types.StringValue("-"), types.StringValue("live")
	if fromPlan {
		model.Account = types.StringValue("planned")
	}
	model.AllAllowed, model.Results = resultsOf(requests)
	model.Roles = model.reachedRoles(ctx, of, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// reachedRoles returns the results of the roles that the principal may assume.
func (m *principalSimulationModel) reachedRoles(ctx context.Context, of *account.Account,
	diags *diag.Diagnostics) types.List {
	if !m.ThroughRoles.ValueBool() {
		return types.ListNull(reachedRoleType)
	}
	chains, err := assertion.Reach(of, m.PolicySourceARN.ValueString())
	if err != nil {
		diags.AddError("Simulation failed", apierror.UpperFirst(err.Error())+".")
		return types.ListNull(reachedRoleType)
	}
	roles := make([]attr.Value, 0, len(chains))
	for _, chain := range chains {
		role := *m
		role.PolicySourceARN = types.StringValue(chain.Roles[len(chain.Roles)-1])
		role.CallerARN, role.Assert = types.StringNull(), types.ListNull(m.Assert.ElementType(ctx))
		_, results := resultsOf(role.simulation().simulate(ctx, role.from(ctx, of), diags))
		roles = append(roles, types.ObjectValueMust(reachedRoleType.AttrTypes, map[string]attr.Value{
			"arn": role.PolicySourceARN, "chain": types.StringValue(chain.String()), "results": results,
		}))
	}
	return types.ListValueMust(reachedRoleType, roles)
}

// roles returns the ARNs of roles among the resources. The trust policies of these roles decide
// about sts:AssumeRole.
func (m *principalSimulationModel) roles(ctx context.Context) []string {
	sets := []types.Set{m.ResourceARNs}
	for _, block := range m.Assert.Elements() {
		if object, ok := block.(types.Object); ok {
			if set, ok := object.Attributes()["resource_arns"].(types.Set); ok {
				sets = append(sets, set)
			}
		}
	}
	var roles []string
	for _, set := range sets {
		for _, element := range set.Elements() {
			arn, ok := element.(types.String)
			if !ok {
				continue
			}
			if p, err := authz.ParsePrincipal(arn.ValueString()); err == nil && p.Kind == authz.Role {
				roles = append(roles, arn.ValueString())
			}
		}
	}
	return roles
}

// reevaluate returns a function that evaluates the assert blocks on an account, which may have more
// planned changes.
func (m *principalSimulationModel) reevaluate(ctx context.Context) func(*account.Account) (assertion.Result, error) {
	return func(of *account.Account) (result assertion.Result, err error) {
		var diags diag.Diagnostics
		m.simulation().simulate(ctx, m.from(ctx, of), &diags)
		for _, d := range diags.Errors() {
			request, _, _ := strings.Cut(d.Detail(), "\n")
			result.Failures = append(result.Failures, assertion.Finding{Request: request, Message: d.Detail()})
		}
		return result, nil
	}
}
