package provider

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/assertion"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
)

func newPrincipalPolicySimulation() datasource.DataSource { return &principalPolicySimulation{} }

// principalPolicySimulation asks what a principal of the account may do, be it as it is or as it will be.
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
	ResourceOwner          types.String `tfsdk:"resource_owner_account_id"`
	ResourceHandlingOption types.String `tfsdk:"resource_handling_option"`
	Assert                 types.List   `tfsdk:"assert"`

	ID         types.String `tfsdk:"id"`
	AllAllowed types.Bool   `tfsdk:"all_allowed"`
	Account    types.String `tfsdk:"account"`
	Results    types.List   `tfsdk:"results"`
}

func (d *principalPolicySimulation) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_principal_policy_simulation"
}

func (d *principalPolicySimulation) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	list := func(description string) schema.Attribute {
		return schema.ListAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: description}
	}
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Decides requests of a user or role of the account by all its policies: its own, those of its groups and its permissions boundary. For `sts:AssumeRole` on a role of the account, the trust policy of that role decides too. Arguments and results are those of " +
			"`aws_iam_principal_policy_simulation`.\n\n" +
			"Read while Terraform plans, it answers for the account as it will be, as far as it is planned by then: what the data source refers to is. Refer to resources with pending changes through a `local`, as Terraform " +
			"otherwise puts off reading until apply. `assert` blocks are checked then, and again at each change that is planned later.",
		Attributes: map[string]schema.Attribute{
			"action_names":                       schema.SetAttribute{ElementType: types.StringType, Required: true, MarkdownDescription: "The actions to decide, such as `s3:GetObject`, without wildcards."},
			"resource_arns":                      schema.SetAttribute{ElementType: types.StringType, Optional: true, MarkdownDescription: "The ARNs of the resources to decide each action on. Default `*`."},
			"policy_source_arn":                  schema.StringAttribute{Required: true, MarkdownDescription: "The ARN of the user or role whose policies decide, or of a session of the role."},
			"caller_arn":                         text("The ARN of the caller in the eyes of a resource policy. Default: `policy_source_arn`."),
			"additional_policies_json":           list("Further identity policies, as if the principal had them, as JSON."),
			"permissions_boundary_policies_json": list("A permissions boundary in the place of the principal's, as JSON; at most one."),
			"session_policies_json":              list("The policies that were passed when the principal's session was made, as JSON."),
			"resource_policy_json":               text("The policy of every resource, or the trust policy of a role, as JSON. Default: for `sts:AssumeRole` on a role of the account, the trust policy of that role."),
			"resource_owner_account_id":          text("The account that owns the resources whose ARN names none. Default: the principal's."),
			"resource_handling_option":           text("Not supported: the scenarios of AWS's simulator that add resources to a request. Name the resources in `resource_arns` instead."),

			"id":          computed.String("Always `-`."),
			"all_allowed": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there are results and all of them are allowed."},
			"account":     computed.String("Which account was asked: `planned`, the one with all changes that are planned by then, or `live`, as it is in apply."),
			"results":     resultsAttribute(),
		},
		Blocks: simulationBlocks(),
	}
}

// simulation is the question without what the account says.
func (m *principalSimulationModel) simulation() *simulationModel {
	texts, levels := types.ListNull(types.StringType), types.ListNull(types.ListType{ElemType: types.StringType})
	caller := m.CallerARN
	if caller.IsNull() {
		caller = m.PolicySourceARN
	}
	return &simulationModel{
		ActionNames: m.ActionNames, ResourceARNs: m.ResourceARNs, CallerARN: caller, CallerID: types.StringNull(), Context: m.Context,
		UnknownContextKeys: types.SetNull(types.StringType), Policies: texts, GroupPolicies: texts, Boundary: m.Boundary, SessionPolicies: m.SessionPolicies,
		ResourcePolicy: m.ResourcePolicy, EndpointPolicy: types.StringNull(), ServiceControlPolicies: levels, ResourceControlPolicies: levels,
		ResourceOwner: m.ResourceOwner, ManagementAccount: types.StringNull(), ResourceHandlingOption: m.ResourceHandlingOption, Assert: m.Assert,
	}
}

// from lays over a question what an account says about the principal.
func (m *principalSimulationModel) from(ctx context.Context, of *account.Account) func(*simulation.Case) error {
	return func(c *simulation.Case) error {
		source, err := of.Principal(m.PolicySourceARN.ValueString())
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
		if m.CallerARN.IsNull() {
			c.Request.Principal = source
		}
		if c.Request.Context == nil {
			c.Request.Context = authz.NewContext()
		}
		access.SetKeys(c.Request.Context)
		c.ResourcePolicy = of.ResourcePolicy
		return nil
	}
}

// withPolicies is the account in which a principal has further inline policies.
func withPolicies(of *account.Account, who authz.Principal, documents []string) (*account.Account, error) {
	kind := account.RoleKind
	if who.Kind == authz.User {
		kind = account.UserKind
	}
	plan := account.NewPlan(of)
	for i, document := range documents {
		name := fmt.Sprintf("additional_policies_json-%d", i)
		plan.Put(name, account.PutInline{Kind: kind, Name: who.Name(), Policy: account.InlinePolicy{Name: name, Document: account.Text(document)}})
	}
	out, _, err := plan.View(who.String())
	return out, err
}

func (d *principalPolicySimulation) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[principalSimulationModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	source := model.PolicySourceARN.ValueString()
	if p, err := authz.ParsePrincipal(source); err != nil || p.Kind != authz.User && p.Kind != authz.Role && p.Kind != authz.RoleSession {
		resp.Diagnostics.AddAttributeError(path.Root("policy_source_arn"), "No user, role or session", fmt.Sprintf("%q is not the ARN of a user, a role or a role's session.", source))
		return
	}
	names := append([]string{source}, model.roles(ctx)...)
	of, fromPlan, err := d.Planned.View(ctx, names...)
	if err != nil {
		d.Store.AddError(&resp.Diagnostics, err)
		return
	}
	question := model.simulation()
	asked := question.ask(ctx, model.from(ctx, of), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(model.Assert.Elements()) > 0 {
		resp.Diagnostics.Append(d.Planned.AddAssertion(ctx, planaccount.Check{
			Key:  fmt.Sprintf("iam_principal_policy_simulation %x", sha256.Sum256([]byte(fmt.Sprint(model)))),
			What: "simulation for " + source, Names: names, Ask: model.again(ctx),
			Violation: func(f assertion.Finding) string { return "Simulated access would change: " + f.Request },
		})...)
	}
	model.ID, model.Account = types.StringValue("-"), types.StringValue("live")
	if fromPlan {
		model.Account = types.StringValue("planned")
	}
	model.AllAllowed, model.Results = answers(asked)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// roles returns the resources that may be roles of the account. Their trust policies decide about sts:AssumeRole.
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

// again asks the assert blocks once more, of an account in which more is planned.
func (m *principalSimulationModel) again(ctx context.Context) func(*account.Account) (assertion.Result, error) {
	return func(of *account.Account) (result assertion.Result, err error) {
		var diags diag.Diagnostics
		m.simulation().ask(ctx, m.from(ctx, of), &diags)
		for _, d := range diags.Errors() {
			request, _, _ := strings.Cut(d.Detail(), "\n")
			result.Failures = append(result.Failures, assertion.Finding{Request: request, Message: d.Detail()})
		}
		return result, nil
	}
}
