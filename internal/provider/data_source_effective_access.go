package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/account"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/access"
	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/computed"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/planaccount"
)

func newEffectiveAccess() datasource.DataSource { return &effectiveAccess{} }

// effectiveAccess answers what a principal of the account may do.
type effectiveAccess struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*effectiveAccess)(nil)

type effectiveAccessModel struct {
	Principal types.String `tfsdk:"principal"`

	ID      types.String `tfsdk:"id"`
	Account types.String `tfsdk:"account"`
	Grants  types.List   `tfsdk:"grants"`
	Unknown types.List   `tfsdk:"unknown"`
	Notes   types.List   `tfsdk:"notes"`
}

type effectiveGrant struct {
	Service     string       `tfsdk:"service"`
	AccessLevel types.String `tfsdk:"access_level"`
	Actions     []string     `tfsdk:"actions"`
	AllActions  bool         `tfsdk:"all_actions"`
	Resource    string       `tfsdk:"resource"`
	Except      []string     `tfsdk:"except"`
	Answer      string       `tfsdk:"answer"`
	Condition   types.String `tfsdk:"condition"`
	Statements  []string     `tfsdk:"statements"`
}

var effectiveGrantType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"service": types.StringType, "access_level": types.StringType, "actions": types.ListType{ElemType: types.StringType},
	"all_actions": types.BoolType, "resource": types.StringType, "except": types.ListType{ElemType: types.StringType},
	"answer": types.StringType, "condition": types.StringType, "statements": types.ListType{ElemType: types.StringType},
}}

func (d *effectiveAccess) Metadata(_ context.Context, _ datasource.MetadataRequest,
	resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_effective_access"
}

func (d *effectiveAccess) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists what a user or role of the account may do, by service, access level and resource, with " +
			"the conditions. It considers all its policies, those of its groups, and its permissions boundary. The resources " +
			"are those of the account.\n\n" + wholeAccountDescription,
		Attributes: map[string]schema.Attribute{
			"principal": schema.StringAttribute{Required: true,
				MarkdownDescription: "The ARN, unique id or name of the user or role."},

			"id":      computed.String("The ARN of the user or role."),
			"account": computed.String(answeringAccountDescription),
			"grants": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "The access, in the order of the " +
				"services, access levels and resources.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"service": computed.String("The prefix of the service, such as `s3`."),
					"access_level": computed.String("`List`, `Read`, `Write`, `Tagging` or `Permissions management`. Null for " +
						"actions that the catalog in the provider does not have."),
					"actions": computed.Strings("The actions, such as `s3:GetObject`."),
					"all_actions": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether they are all actions of " +
						"the service with this access level."},
					"resource": computed.String("The resource, in the words of the policy."),
					"except":   computed.Strings("Resources on which statements deny actions, with the conditions."),
					"answer": computed.String("`yes`: allowed whatever the context is. `conditional`: allowed in some " +
						"contexts. `unknown`: not decided, see `unknown`."),
					"condition":  computed.String("The condition, in the words of the policies."),
					"statements": computed.Strings("The statements that allow the actions."),
				}}},
			"unknown": computed.Strings("Why some access is not known."),
			"notes":   computed.Strings("Sentences about actions of the policies that the catalog does not have."),
		},
	}
}

func (d *effectiveAccess) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[effectiveAccessModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	description := "iam_effective_access for " + model.Principal.ValueString()
	abilities, fromPlan, err := planaccount.AnswerWhole(ctx, d.Planned, description, func(ctx context.Context,
		of *account.Account) (*access.Abilities, string, error) {
		p, err := userOrRole(of, model.Principal.ValueString())
		if err != nil {
			return nil, "", err
		}
		found, err := access.WhatCan(ctx, of, p, catalog.Default())
		if err != nil {
			return nil, "", err
		}
		return found, fmt.Sprint(found.Principal, effectiveGrants(found), found.Open, found.Notes), nil
	})
	if err != nil {
		addAnswerError(&resp.Diagnostics, description, err)
		return
	}
	model.ID, model.Account = types.StringValue(abilities.Principal.String()), answeringAccount(fromPlan)
	model.Grants = computed.RowList(ctx, effectiveGrantType, effectiveGrants(abilities), &resp.Diagnostics)
	model.Unknown, model.Notes = computed.StringList(abilities.Open), computed.StringList(abilities.Notes)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func effectiveGrants(a *access.Abilities) []effectiveGrant {
	grants := make([]effectiveGrant, len(a.Grants))
	for i, g := range a.Grants {
		grants[i] = effectiveGrant{Service: g.Service, AccessLevel: computed.StringOrNull(g.Level),
			Actions: append([]string{}, g.Actions...), AllActions: g.All, Resource: g.Resource,
			Except: append([]string{}, g.Except...), Answer: g.Answer.String(), Condition: computed.StringOrNull(g.Condition),
			Statements: []string{}}
		for _, ref := range g.Statements {
			grants[i].Statements = append(grants[i].Statements, ref.String())
		}
	}
	return grants
}
