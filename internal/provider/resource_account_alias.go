package provider

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

func newAccountAliasResource() resource.Resource {
	return lifecycle.New[accountAliasModel](lifecycle.Definition[accountAliasModel]{
		TypeName: "iam_account_alias", MovedFrom: "aws_iam_account_alias", Schema: accountAliasSchema,
		Plan:     planAccountAlias,
		Identity: []lifecycle.IdentityAttribute{{Name: "account_alias", Description: "The alias of the account."}},
	})
}

func accountAliasSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "The alias of the account. An account has at most one.",
		Attributes: map[string]schema.Attribute{
			"account_alias": schema.StringAttribute{
				Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators: []validator.String{
					stringvalidator.LengthBetween(3, 63),
					stringvalidator.RegexMatches(regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])*$`), "must consist of "+
						"lower-case letters, digits and single hyphens between them"),
				},
				MarkdownDescription: "The alias: 3 to 63 lower-case letters, digits and hyphens. Changing this " +
					"creates a new alias.",
			},
			"id": lifecycle.IDAttribute("The alias."),
		},
	}
}

type accountAliasModel struct {
	Alias types.String `tfsdk:"account_alias"`
	ID    types.String `tfsdk:"id"`
}

func planAccountAlias(_ context.Context, c *lifecycle.Change[accountAliasModel]) {
	c.Plan.ID = c.Plan.Alias
}

func (m *accountAliasModel) Describe() string {
	return fmt.Sprintf("account alias %q", m.Alias.ValueString())
}

func (m *accountAliasModel) Identity() map[string]any {
	return map[string]any{"account_alias": m.Alias.ValueString()}
}

// AuditSubject is empty: the audit trail has no subject for an alias.
func (m *accountAliasModel) AuditSubject(context.Context, *lifecycle.Operation) lifecycle.AuditSubject {
	return lifecycle.AuditSubject{}
}

// Create refuses to replace an existing alias, which this configuration does not own. The API would
// replace it.
func (m *accountAliasModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	found, err := op.ListAccountAliases(ctx, nil)
	if err != nil {
		return err
	}
	if len(found.AccountAliases) > 0 {
		op.Diags.AddAttributeError(path.Root("account_alias"), "The account already has an alias",
			fmt.Sprintf("Creating the alias would replace the existing alias %q. Import the existing alias, and then "+
				"change it.", found.AccountAliases[0]))
		return nil
	}
	m.ID = m.Alias
	_, err = op.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: m.Alias.ValueStringPointer()})
	return err
}

func (m *accountAliasModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	found, err := op.ListAccountAliases(ctx, nil)
	if err == nil && !slices.Contains(found.AccountAliases, m.Alias.ValueString()) {
		err = &iamtypes.NoSuchEntityException{Message: aws.String("The account has no alias " + m.Alias.ValueString() + ".")}
	}
	m.ID = m.Alias
	return err
}

// Update does nothing: another alias replaces the resource.
func (m *accountAliasModel) Update(context.Context, *lifecycle.Operation, *accountAliasModel) error {
	return nil
}

func (m *accountAliasModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	_, err := op.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: m.Alias.ValueStringPointer()})
	return err
}
