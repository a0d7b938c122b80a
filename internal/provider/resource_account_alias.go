package provider

import (
	"context"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func newAccountAliasResource() resource.Resource { return &accountAliasResource{} }

type accountAliasResource struct{ asResource }

var (
	_ resource.ResourceWithConfigure   = (*accountAliasResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*accountAliasResource)(nil)
	_ resource.ResourceWithImportState = (*accountAliasResource)(nil)
	_ resource.ResourceWithIdentity    = (*accountAliasResource)(nil)
	_ resource.ResourceWithMoveState   = (*accountAliasResource)(nil)
)

func (r *accountAliasResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "iam_account_alias"
}

func (r *accountAliasResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The alias of the account, of which there is at most one.",
		Attributes: map[string]schema.Attribute{
			"account_alias": schema.StringAttribute{
				Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators: []validator.String{
					stringvalidator.LengthBetween(3, 63),
					stringvalidator.RegexMatches(regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])*$`), "must consist of lower-case letters, digits and single hyphens between them"),
				},
				MarkdownDescription: "The alias: 3 to 63 lower-case letters, digits and hyphens.",
			},
			"id": idAttribute("The alias."),
		},
	}
}

func (r *accountAliasResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityOf("account_alias")
}

func (r *accountAliasResource) MoveState(context.Context) []resource.StateMover {
	return movedFromAWS("aws_iam_account_alias")
}

func (r *accountAliasResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	r.importBy(ctx, req, resp, whole, "account_alias")
}

func (r *accountAliasResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.configured == nil {
		return
	}
	if !req.State.Raw.IsNull() {
		if _, ok := r.home(ctx, "account alias", req.Private, &resp.Diagnostics); !ok {
			return
		}
	}
	if !req.Plan.Raw.IsNull() {
		put(ctx, &resp.Plan, "id", textOf(ctx, req.Plan, "account_alias", &resp.Diagnostics), &resp.Diagnostics)
	}
}

func (r *accountAliasResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	r.planned.applying()
	alias := textOf(ctx, req.Plan, "account_alias", &resp.Diagnostics)
	c, ok := r.toCreate(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	// The API puts another alias in the place of one that there is, which would be somebody else's.
	has, err := c.ListAccountAliases(ctx, nil)
	if err == nil && len(has.AccountAliases) > 0 {
		resp.Diagnostics.AddAttributeError(path.Root("account_alias"), "The account has an alias", "It is "+has.AccountAliases[0]+". Import it, and then change it.")
		return
	}
	if err == nil {
		_, err = c.CreateAccountAlias(ctx, &iam.CreateAccountAliasInput{AccountAlias: alias.ValueStringPointer()})
	}
	if err != nil {
		failed(&resp.Diagnostics, "setting the account alias "+alias.ValueString(), err)
		return
	}
	resp.State.Raw = req.Plan.Raw
	put(ctx, &resp.State, "id", alias, &resp.Diagnostics)
	r.setIdentity(ctx, resp.Identity, map[string]string{"account_alias": alias.ValueString()}, &resp.Diagnostics)
	r.settled(ctx, alias.ValueString(), resp.Private, &resp.Diagnostics)
}

func (r *accountAliasResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.planned.reading()
	alias := textOf(ctx, req.State, "account_alias", &resp.Diagnostics)
	c, ok := r.existing(ctx, "account alias", req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	r.setIdentity(ctx, resp.Identity, map[string]string{"account_alias": alias.ValueString()}, &resp.Diagnostics) // also for one that is gone
	has, err := c.ListAccountAliases(ctx, nil)
	switch {
	case err != nil:
		failed(&resp.Diagnostics, "reading the account alias", err)
		return
	case len(has.AccountAliases) == 0 || has.AccountAliases[0] != alias.ValueString():
		resp.State.RemoveResource(ctx)
		return
	}
	put(ctx, &resp.State, "id", alias, &resp.Diagnostics)
	r.settled(ctx, alias.ValueString(), resp.Private, &resp.Diagnostics)
}

// Update has nothing to do: another alias is another resource.
func (r *accountAliasResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {
}

func (r *accountAliasResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.planned.applying()
	alias := textOf(ctx, req.State, "account_alias", &resp.Diagnostics)
	c, ok := r.existing(ctx, "account alias", req.Private, &resp.Diagnostics)
	if !ok {
		return
	}
	if _, err := c.DeleteAccountAlias(ctx, &iam.DeleteAccountAliasInput{AccountAlias: alias.ValueStringPointer()}); err != nil && !isMissing(err) {
		failed(&resp.Diagnostics, "deleting the account alias "+alias.ValueString(), err)
	}
}
