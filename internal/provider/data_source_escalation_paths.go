package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/escalation"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
)

func newEscalationPaths() datasource.DataSource { return &escalationPaths{} }

// escalationPaths answers how the principals of the account could rise.
type escalationPaths struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*escalationPaths)(nil)

type escalationPathsModel struct {
	From        types.Set    `tfsdk:"from"`
	ToPrincipal types.String `tfsdk:"to_principal"`
	ToAction    types.String `tfsdk:"to_action"`
	ToResource  types.String `tfsdk:"to_resource"`

	ID      types.String `tfsdk:"id"`
	Account types.String `tfsdk:"account"`
	ARNs    types.Set    `tfsdk:"arns"`
	Already types.List   `tfsdk:"already"`
	Paths   types.List   `tfsdk:"paths"`
	Unknown types.List   `tfsdk:"unknown"`
}

type escalationPath struct {
	Principal string           `tfsdk:"principal"`
	Reaches   string           `tfsdk:"reaches"`
	Steps     []escalationStep `tfsdk:"steps"`
}

type escalationStep struct {
	Actor    string              `tfsdk:"actor"`
	Result   string              `tfsdk:"result"`
	Assumes  types.String        `tfsdk:"assumes"`
	Requests []escalationRequest `tfsdk:"requests"`
}

type escalationRequest struct {
	Action     string              `tfsdk:"action"`
	Resource   string              `tfsdk:"resource"`
	Context    map[string][]string `tfsdk:"context"`
	Statements []string            `tfsdk:"statements"`
}

var escalationRequestType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"action": types.StringType, "resource": types.StringType,
	"context":    types.MapType{ElemType: types.ListType{ElemType: types.StringType}},
	"statements": types.ListType{ElemType: types.StringType},
}}

var escalationStepType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"actor": types.StringType, "result": types.StringType, "assumes": types.StringType,
	"requests": types.ListType{ElemType: escalationRequestType},
}}

var escalationPathType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"principal": types.StringType, "reaches": types.StringType, "steps": types.ListType{ElemType: escalationStepType},
}}

func (d *escalationPaths) Metadata(_ context.Context, _ datasource.MetadataRequest,
	resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_escalation_paths"
}

func (d *escalationPaths) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	nested := func(description string, attributes map[string]schema.Attribute) schema.Attribute {
		return schema.ListNestedAttribute{Computed: true, MarkdownDescription: description,
			NestedObject: schema.NestedAttributeObject{Attributes: attributes}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds how a user or role of the account could become administrator, step by step: it takes " +
			"credentials of a user, assumes a role, or gives itself or others more permission or fewer limits. Each step's " +
			"requests are allowed once the earlier steps are made. A principal is administrator if a statement allows it " +
			"everything, and nothing denies it the actions that give access to others.\n\n" +
			"The steps are those of IAM and STS, and paths end when a service runs code as a role that is passed to it. " +
			wholeAccountDescription,
		Attributes: map[string]schema.Attribute{
			"from": schema.SetAttribute{ElementType: types.StringType, Optional: true,
				Validators:          []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.NoNullValues()},
				MarkdownDescription: "The users and roles to start from, by ARN or name. Default: all of the account."},
			"to_principal": text("The ARN or name of a user or role to become, instead of administrator."),
			"to_action": text("An action to be allowed on `to_resource`, such as `s3:GetObject`, instead of becoming " +
				"administrator."),
			"to_resource": text("The ARN of the resource for `to_action`, or `*` for an action without resources."),

			"id":      computed.String("Always `-`."),
			"account": computed.String(answeringAccountDescription),
			"arns": schema.SetAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "The ARNs of the users and roles that have a path. Expect it to be empty in a " +
					"postcondition or a `check` block."},
			"already": computed.Strings("The ARNs of the users and roles that need no step."),
			"paths": nested("A path for each principal in `arns`.", map[string]schema.Attribute{
				"principal": computed.String("The ARN of the user or role that starts."),
				"reaches":   computed.String("The ARN of the user or role that is administrator after the steps."),
				"steps": nested("The steps in their order.", map[string]schema.Attribute{
					"actor":  computed.String("The user, role or identity provider that makes the requests."),
					"result": computed.String("What the step achieves, such as `acts as the role deploy`."),
					"assumes": computed.String("What must be true besides, which the account does not tell, such as that " +
						"a user has fewer than two access keys."),
					"requests": nested("The requests, all of which are allowed.", map[string]schema.Attribute{
						"action":   computed.String("The action."),
						"resource": computed.String("The ARN of the resource."),
						"context": schema.MapAttribute{Computed: true,
							ElementType: types.ListType{ElemType: types.StringType}, MarkdownDescription: "Context keys with " +
								"which the request is allowed. Keys that it does not need are absent."},
						"statements": computed.Strings("The statements that allow the request."),
					}),
				}),
			}),
			"unknown": computed.Strings("Why the answer about a principal is not known. A principal that is in neither " +
				"`arns` nor `already`, and about which there is no reason here, has no path."),
		},
	}
}

func (d *escalationPaths) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[escalationPathsModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	var from []string
	resp.Diagnostics.Append(model.From.ElementsAs(ctx, &from, false)...)
	if resp.Diagnostics.HasError() {
		return
	}
	const description = "iam_escalation_paths"
	result, fromPlan, err := planaccount.AnswerWhole(ctx, d.Planned, description, func(ctx context.Context,
		of *account.Account) (*escalation.Result, string, error) {
		options, err := model.options(of, from)
		if err != nil {
			return nil, "", err
		}
		if of, err = d.Store.WithAllVersions(ctx, of); err != nil {
			return nil, "", err
		}
		found, err := escalation.Find(ctx, of, options)
		if err != nil {
			return nil, "", err
		}
		return found, fmt.Sprint(found.Already, escalationPathsOf(found), found.Open), nil
	})
	if err != nil {
		addAnswerError(&resp.Diagnostics, description, err)
		return
	}
	model.ID, model.Account = types.StringValue("-"), answeringAccount(fromPlan)
	paths := escalationPathsOf(result)
	already, unknown := make([]string, len(result.Already)), make([]string, len(result.Open))
	arns := make([]attr.Value, len(paths))
	for i, path := range paths {
		arns[i] = types.StringValue(path.Principal)
	}
	for i, p := range result.Already {
		already[i] = p.String()
	}
	for i, open := range result.Open {
		unknown[i] = fmt.Sprintf("%s: %s", open.From, open.Reason)
	}
	model.ARNs = types.SetValueMust(types.StringType, arns)
	model.Paths = computed.RowList(ctx, escalationPathType, paths, &resp.Diagnostics)
	model.Already, model.Unknown = computed.StringList(already), computed.StringList(unknown)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// options returns the search that the arguments describe.
func (m *escalationPathsModel) options(of *account.Account, from []string) (o escalation.Options, err error) {
	for _, text := range from {
		p, err := userOrRole(of, text)
		if err != nil {
			return o, fmt.Errorf("from: %w", err)
		}
		o.From = append(o.From, p)
	}
	hasAction := !m.ToAction.IsNull()
	switch {
	case hasAction != !m.ToResource.IsNull():
		return o, errors.New("to_action and to_resource belong together; give both of them, or neither")
	case hasAction && !m.ToPrincipal.IsNull():
		return o, errors.New("to_principal and to_action are two targets; give one of them")
	case hasAction:
		action, err := authz.ParseAction(m.ToAction.ValueString())
		if err != nil {
			return o, fmt.Errorf("to_action: %w", err)
		}
		o.Target = escalation.Access(action, m.ToResource.ValueString())
	case !m.ToPrincipal.IsNull():
		p, err := userOrRole(of, m.ToPrincipal.ValueString())
		if err != nil {
			return o, fmt.Errorf("to_principal: %w", err)
		}
		o.Target = escalation.Principal(p)
	}
	return o, nil
}

// userOrRole returns the user or role that a text names.
func userOrRole(of *account.Account, text string) (authz.Principal, error) {
	p, err := of.Principal(text)
	if err == nil && p.Kind != authz.User && p.Kind != authz.Role {
		err = fmt.Errorf("%s is neither a user nor a role", text)
	}
	return p, err
}

func escalationPathsOf(r *escalation.Result) []escalationPath {
	paths := make([]escalationPath, len(r.Paths))
	for i, path := range r.Paths {
		out := escalationPath{Principal: path.From.String(), Reaches: path.Reaches.String()}
		for _, step := range path.Steps {
			s := escalationStep{Actor: step.Actor.String(), Result: step.Result, Assumes: computed.StringOrNull(step.Assumes)}
			for _, request := range step.Requests {
				s.Requests = append(s.Requests, requestOf(request))
			}
			out.Steps = append(out.Steps, s)
		}
		paths[i] = out
	}
	return paths
}

func requestOf(r escalation.Request) escalationRequest {
	out := escalationRequest{Action: r.Action.String(), Resource: r.Resource, Context: map[string][]string{},
		Statements: []string{}}
	for _, keys := range [][]authz.ContextKey{r.Given, r.If} {
		for _, key := range keys {
			out.Context[key.Name] = key.Values
		}
	}
	for _, ref := range r.Statements {
		out.Statements = append(out.Statements, ref.String())
	}
	return out
}
