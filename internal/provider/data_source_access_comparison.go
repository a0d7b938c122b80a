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

func newAccessComparison() datasource.DataSource { return &accessComparison{} }

// accessComparison answers whose access the plan changes.
type accessComparison struct{ lifecycle.DataSourceBase }

var _ datasource.DataSourceWithConfigure = (*accessComparison)(nil)

type accessComparisonModel struct {
	ID      types.String `tfsdk:"id"`
	Account types.String `tfsdk:"account"`
	Gaining types.Set    `tfsdk:"gaining_arns"`
	Losing  types.Set    `tfsdk:"losing_arns"`
	Changes types.List   `tfsdk:"changes"`
}

type accessChange struct {
	Principal string             `tfsdk:"principal"`
	Added     bool               `tfsdk:"added"`
	Removed   bool               `tfsdk:"removed"`
	Gained    []accessDifference `tfsdk:"gained"`
	Lost      []accessDifference `tfsdk:"lost"`
	Unknown   []string           `tfsdk:"unknown"`
}

type accessDifference struct {
	Service     string              `tfsdk:"service"`
	AccessLevel types.String        `tfsdk:"access_level"`
	Action      string              `tfsdk:"action"`
	Resource    string              `tfsdk:"resource"`
	Context     map[string][]string `tfsdk:"context"`
	Condition   types.String        `tfsdk:"condition"`
	Statements  []string            `tfsdk:"statements"`
}

var accessDifferenceType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"service": types.StringType, "access_level": types.StringType, "action": types.StringType,
	"resource": types.StringType, "context": types.MapType{ElemType: types.ListType{ElemType: types.StringType}},
	"condition": types.StringType, "statements": types.ListType{ElemType: types.StringType},
}}

var accessChangeType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"principal": types.StringType, "added": types.BoolType, "removed": types.BoolType,
	"gained": types.ListType{ElemType: accessDifferenceType}, "lost": types.ListType{ElemType: accessDifferenceType},
	"unknown": types.ListType{ElemType: types.StringType},
}}

func (d *accessComparison) Metadata(_ context.Context, _ datasource.MetadataRequest,
	resp *datasource.MetadataResponse) {
	resp.TypeName = "iam_access_comparison"
}

func (d *accessComparison) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	arns := func(description string) schema.Attribute {
		return schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
	}
	differences := func(description string) schema.Attribute {
		return schema.ListNestedAttribute{Computed: true, MarkdownDescription: description,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"service": computed.String("The prefix of the service, or `*` for every service."),
				"access_level": computed.String("`List`, `Read`, `Write`, `Tagging` or `Permissions management`. Null for " +
					"actions that the catalog in the provider does not have."),
				"action":   computed.String("The action of an example."),
				"resource": computed.String("The resource of the example."),
				"context": schema.MapAttribute{Computed: true, ElementType: types.ListType{ElemType: types.StringType},
					MarkdownDescription: "The context keys of the example. All other keys are absent."},
				"condition":  computed.String("The condition of the statements that allow it, in the words of the policies."),
				"statements": computed.Strings("The statements that allow it."),
			}}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Compares the access of each user and role in the account as it is with its access in the " +
			"planned account: who gains and who loses what. The differences cover all access that changes, in classes of a " +
			"service and an access level, each with a request as an example. After the apply, the next plan has no " +
			"differences.\n\n" + wholeAccountDescription + " It has no arguments, so that Terraform reads it at plan unless " +
			"`depends_on` defers it to apply. An apply compares nothing.",
		Attributes: map[string]schema.Attribute{
			"id":           computed.String("Always `-`."),
			"account":      computed.String(answeringAccountDescription),
			"gaining_arns": arns("The ARNs of the users and roles that gain access."),
			"losing_arns":  arns("The ARNs of the users and roles that lose access."),
			"changes": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "The users and roles whose access " +
				"changes, or of which that is not known.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"principal": computed.String("The ARN of the user or role."),
					"added":     schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the plan creates it."},
					"removed":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the plan removes it."},
					"gained":    differences("The access that it gains."),
					"lost":      differences("The access that it loses."),
					"unknown":   computed.Strings("Why further differences are not known."),
				}}},
		},
	}
}

func (d *accessComparison) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	model, ok := lifecycle.Read[accessComparisonModel](ctx, req.Config, &resp.Diagnostics)
	if !ok {
		return
	}
	const description = "iam_access_comparison"
	changes, fromPlan, err := planaccount.AnswerWhole(ctx, d.Planned, description, func(ctx context.Context,
		of *account.Account) ([]access.Change, string, error) {
		live, err := d.Store.Live(ctx)
		if err != nil {
			return nil, "", err
		}
		found, err := access.WhatChanged(ctx, live, of, catalog.Default())
		if err != nil {
			return nil, "", err
		}
		return found, fmt.Sprint(accessChanges(found)), nil
	})
	if err != nil {
		addAnswerError(&resp.Diagnostics, description, err)
		return
	}
	model.ID, model.Account = types.StringValue("-"), answeringAccount(fromPlan)
	rows := accessChanges(changes)
	model.Changes = computed.RowList(ctx, accessChangeType, rows, &resp.Diagnostics)
	gaining, losing := []attr.Value{}, []attr.Value{}
	for _, row := range rows {
		if len(row.Gained) > 0 {
			gaining = append(gaining, types.StringValue(row.Principal))
		}
		if len(row.Lost) > 0 {
			losing = append(losing, types.StringValue(row.Principal))
		}
	}
	model.Gaining = types.SetValueMust(types.StringType, gaining)
	model.Losing = types.SetValueMust(types.StringType, losing)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

func accessChanges(changes []access.Change) []accessChange {
	rows := make([]accessChange, len(changes))
	for i, c := range changes {
		rows[i] = accessChange{Principal: c.Principal.String(), Added: c.Added, Removed: c.Removed,
			Gained: accessDifferences(c.Gained), Lost: accessDifferences(c.Lost), Unknown: append([]string{}, c.Open...)}
	}
	return rows
}

func accessDifferences(differences []access.Difference) []accessDifference {
	rows := make([]accessDifference, len(differences))
	for i, d := range differences {
		rows[i] = accessDifference{Service: d.Service, AccessLevel: computed.StringOrNull(d.Level),
			Action: d.Request.Action.String(), Resource: d.Request.Resource, Context: map[string][]string{},
			Condition: computed.StringOrNull(d.Condition), Statements: []string{}}
		for _, key := range d.Keys {
			rows[i].Context[key.Name] = key.Values
		}
		for _, ref := range d.Statements {
			rows[i].Statements = append(rows[i].Statements, ref.String())
		}
	}
	return rows
}
