package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
	"github.com/iam-as-code/terraform-provider-iam/internal/simulation"
	"github.com/iam-as-code/terraform-provider-iam/internal/tree"
)

func newWhoCan() datasource.DataSource { return &whoCan{} }

// whoCan answers who may perform an action on a resource.
type whoCan struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*whoCan)(nil)

type whoCanModel struct {
	Action         types.String `tfsdk:"action"`
	Resource       types.String `tfsdk:"resource"`
	ResourcePolicy types.String `tfsdk:"resource_policy_json"`
	ThroughRoles   types.Bool   `tfsdk:"through_roles"`
	Context        types.List   `tfsdk:"context"`

	ID         types.String `tfsdk:"id"`
	Account    types.String `tfsdk:"account"`
	ARNs       types.Set    `tfsdk:"arns"`
	Principals types.List   `tfsdk:"principals"`
	Outside    types.List   `tfsdk:"outside"`
}

// whoCanRow is the answer about one principal.
type whoCanRow struct {
	Principal  string              `tfsdk:"principal"`
	Answer     string              `tfsdk:"answer"`
	Condition  types.String        `tfsdk:"condition"`
	Example    map[string][]string `tfsdk:"example"`
	Statements []string            `tfsdk:"statements"`
	Roles      []string            `tfsdk:"roles"`
	Reasons    []string            `tfsdk:"reasons"`
}

var whoCanRowType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"principal": types.StringType, "answer": types.StringType, "condition": types.StringType,
	"example":    types.MapType{ElemType: types.ListType{ElemType: types.StringType}},
	"statements": types.ListType{ElemType: types.StringType}, "roles": types.ListType{ElemType: types.StringType},
	"reasons": types.ListType{ElemType: types.StringType},
}}

func (d *whoCan) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_who_can"
}

func (d *whoCan) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	rows := func(description string) schema.Attribute {
		return schema.ListNestedAttribute{Computed: true, MarkdownDescription: description,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"principal": computed.String("The ARN or, outside the account, a description of the principal."),
				"answer": computed.String("`yes`: allowed whatever the context is. `conditional`: allowed in some " +
					"contexts. `unknown`: not decided, see `reasons`."),
				"condition": computed.String("The condition of a conditional answer, in the words of the policies."),
				"example": schema.MapAttribute{Computed: true, ElementType: types.ListType{ElemType: types.StringType},
					MarkdownDescription: "Context keys with which a conditional request is allowed. All other keys are absent."},
				"statements": computed.Strings("The statements that allow the request, and those that deny it in " +
					"other contexts."),
				"roles": computed.Strings("The ARNs of the roles that the principal assumes one after another, if it needs " +
					"them. The answer and all other attributes are then about the whole way."),
				"reasons": computed.Strings("Why the answer is unknown."),
			}}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Answers who may perform an action on a resource: every user and role of the account, and the " +
			"principals outside to which the policy of the resource gives access. A grant with a condition counts, and the " +
			"answer has the condition. The root user is not listed: no policy of the account limits it.\n\n" +
			wholeAccountDescription,
		Attributes: map[string]schema.Attribute{
			"action": schema.StringAttribute{Required: true,
				MarkdownDescription: "The action, such as `s3:GetObject`, without wildcards."},
			"resource": schema.StringAttribute{Required: true, MarkdownDescription: "The ARN of the resource, or `*` for an " +
				"action without resources. A wildcard in it is an ordinary character."},
			"resource_policy_json": schema.StringAttribute{Optional: true, MarkdownDescription: "The policy of the resource, " +
				"as JSON. Default: for a role of the account, its trust policy; otherwise none."},
			"through_roles": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether the answers also have " +
				"principals that may assume a role with the access, through any number of roles. Default `false`."},

			"id":      computed.String("Always `-`."),
			"account": computed.String(answeringAccountDescription),
			"arns": schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "The ARNs of the " +
				"users and roles of the account whose answer is not `no`. Compare it with the expected set in a " +
				"postcondition or a `check` block."},
			"principals": rows("The users and roles of the account whose answer is not `no`: users first, by name."),
			"outside": rows("The principals outside the account to which the policy of the resource gives access. Their own " +
				"account is assumed to allow them everything."),
		},
		Blocks: map[string]schema.Block{"context": simulationBlocks()["context"]},
	}
}

// wholeAccountDescription is a part of the pages of data sources that answer questions about the whole account.
const wholeAccountDescription = "If Terraform reads the data source at plan, it answers for the planned account: it " +
	"waits until Terraform has planned everything that does not depend on it. If a later change alters the answer, the " +
	"plan fails. Refer to resources with pending changes through a `local`, because Terraform otherwise defers the data " +
	"source to apply. The answer leaves out what an account does not contain: service control policies, session " +
	"policies, and policies of resources."

const answeringAccountDescription = "The account that the answer is about: `planned`, the account with all planned " +
	"changes, or `live`, the account as it is: during apply, and if the provider has read and planned no resource before."

func (d *whoCan) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[whoCanModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	question := model.question(ctx, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	description := fmt.Sprintf("iam_who_can for %s on %s", model.Action.ValueString(), model.Resource.ValueString())
	holders, fromPlan, err := planaccount.AnswerWhole(ctx, d.Planned, description, func(ctx context.Context,
		of *account.Account) (*access.Holders, string, error) {
		found, err := access.WhoCan(ctx, of, question)
		if err != nil {
			return nil, "", err
		}
		return found, fmt.Sprint(whoCanRows(found.Principals), whoCanRows(found.Outside)), nil
	})
	if err != nil {
		addAnswerError(&resp.Diagnostics, description, err)
		return
	}
	model.ID, model.Account = types.StringValue("-"), answeringAccount(fromPlan)
	principals, outside := whoCanRows(holders.Principals), whoCanRows(holders.Outside)
	model.Principals = computed.RowList(ctx, whoCanRowType, principals, &resp.Diagnostics)
	model.Outside = computed.RowList(ctx, whoCanRowType, outside, &resp.Diagnostics)
	arns := make([]attr.Value, len(principals))
	for i, row := range principals {
		arns[i] = types.StringValue(row.Principal)
	}
	model.ARNs = types.SetValueMust(types.StringType, arns)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func answeringAccount(fromPlan bool) types.String {
	if fromPlan {
		return types.StringValue("planned")
	}
	return types.StringValue("live")
}

func addAnswerError(diags *diag.Diagnostics, description string, err error) {
	diags.AddError("Question not answered", fmt.Sprintf("Answering %s: %s.", description, err))
}

// question returns the question of the arguments.
func (m *whoCanModel) question(ctx context.Context, diags *diag.Diagnostics) (q access.Question) {
	var err error
	q.Resource, q.ThroughRoles = m.Resource.ValueString(), m.ThroughRoles.ValueBool()
	if q.Action, err = authz.ParseAction(m.Action.ValueString()); err != nil {
		diags.AddAttributeError(path.Root("action"), "Invalid action", apierror.UpperFirst(err.Error())+".")
	}
	if q.Resource == "" {
		diags.AddAttributeError(path.Root("resource"), "Invalid resource", "The resource is empty. Give an ARN or \"*\".")
	}
	if text := m.ResourcePolicy.ValueString(); text != "" {
		doc, err := policy.Parse([]byte(text))
		if err == nil {
			q.ResourcePolicy, err = authz.CompileLayer(authz.ResourcePolicy,
				[]authz.Policy{{Name: "resource_policy_json", Document: doc}})
		}
		if err != nil {
			diags.AddAttributeError(path.Root("resource_policy_json"), "Invalid policy",
				apierror.UpperFirst(err.Error())+".")
		}
	}
	q.Keys = contextKeys(ctx, m.Context, diags)
	return q
}

// contextKeys returns the context keys of context blocks.
func contextKeys(ctx context.Context, blocks types.List, diags *diag.Diagnostics) (keys []access.Key) {
	var given []struct {
		Key    string   `tfsdk:"key"`
		Type   string   `tfsdk:"type"`
		Values []string `tfsdk:"values"`
	}
	diags.Append(blocks.ElementsAs(ctx, &given, false)...)
	for i, block := range given {
		values := make([]tree.Node, len(block.Values))
		for j, text := range block.Values {
			values[j] = tree.Node{Kind: tree.String, Text: text}
		}
		entry, err := simulation.ContextEntry(block.Type, values)
		if err != nil {
			diags.AddAttributeError(path.Root("context").AtListIndex(i), "Invalid context key", fmt.Sprintf("The %s.", err))
			continue
		}
		keys = append(keys, access.Key{Name: block.Key, Values: block.Values, Multivalued: entry.Kind == tree.Array})
	}
	return keys
}

// whoCanRows returns the findings whose answer is not "no".
func whoCanRows(findings []access.Finding) (rows []whoCanRow) {
	for i := range findings {
		f := &findings[i]
		row := whoCanRow{Principal: f.Name, Example: map[string][]string{}, Statements: []string{}, Roles: []string{},
			Reasons: []string{}}
		switch {
		case f.Through != nil:
			row.describeWay(f.Through)
		case f.Answer == access.No:
			continue
		default:
			row.describe(f)
		}
		rows = append(rows, row)
	}
	return rows
}

// describe adds the answer about a principal itself.
func (r *whoCanRow) describe(f *access.Finding) {
	r.Answer, r.Condition, r.Reasons = f.Answer.String(), computed.StringOrNull(f.Condition), append(r.Reasons, f.Open...)
	r.add(f)
}

// describeWay adds the answer about a way through roles.
func (r *whoCanRow) describeWay(way *access.Chain) {
	var conditions []string
	for _, step := range way.Steps {
		name := account.NameOf(step.Role)
		r.Roles = append(r.Roles, step.Role)
		if step.Assume.Condition != "" {
			conditions = append(conditions, fmt.Sprintf("to assume role %s: %s", name, step.Assume.Condition))
		}
		for _, reason := range step.Assume.Open {
			r.Reasons = append(r.Reasons, fmt.Sprintf("to assume role %s: %s", name, reason))
		}
		r.add(&step.Assume)
	}
	if way.Role.Condition != "" {
		conditions = append(conditions, "then: "+way.Role.Condition)
	}
	r.Reasons = append(r.Reasons, way.Role.Open...)
	r.add(way.Role)
	clear(r.Example) // each request of the way has a context of its own
	r.Answer, r.Condition = way.Answer().String(), computed.StringOrNull(strings.Join(conditions, "; "))
}

// add adds the statements and the example of a finding.
func (r *whoCanRow) add(f *access.Finding) {
	for _, ref := range f.Statements {
		if text := ref.String(); !slices.Contains(r.Statements, text) {
			r.Statements = append(r.Statements, text)
		}
	}
	for _, key := range f.Example {
		r.Example[key.Name] = key.Values
	}
}
