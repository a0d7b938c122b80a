package lifecycle

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A resource's identity is the attributes that name the object in its account, one or several, each
// a string. They are the argument names, so that importing by identity and by id lead to the same
// state.

// identitySchema returns the attributes of an identity, and the account id beside them.
func identitySchema(attributes []IdentityAttribute) map[string]identityschema.Attribute {
	out := map[string]identityschema.Attribute{
		"account_id": identityschema.StringAttribute{OptionalForImport: true, Description: "The id of the account."},
	}
	for _, a := range attributes {
		out[a.Name] = identityschema.StringAttribute{RequiredForImport: true, Description: a.Description}
		if a.List {
			out[a.Name] = identityschema.ListAttribute{
				ElementType: types.StringType, RequiredForImport: true, Description: a.Description,
			}
		}
	}
	return out
}

// identityTarget is an identity to be written.
type identityTarget = *tfsdk.ResourceIdentity

// SetIdentity writes the identity of an object: the values of its attributes by name, each a string
// or a list of strings.
func (m *Base) SetIdentity(ctx context.Context, identity identityTarget, values map[string]any,
	diags *diag.Diagnostics) {
	if identity == nil { // Terraform before 1.12
		return
	}
	id, err := m.Store.AccountID(ctx)
	if err != nil {
		m.Store.AddError(diags, err)
		return
	}
	diags.Append(identity.SetAttribute(ctx, path.Root("account_id"), types.StringValue(id))...)
	for name, value := range values {
		diags.Append(identity.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// importBy sets the attributes that name the object to be imported: from the identity, or from the
// parts of the id, which split returns in the same order.
func (m *Base) importBy(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
	split func(id string) ([]string, error), attributes []IdentityAttribute) {
	var values []string
	if req.ID != "" {
		if split == nil {
			split = func(id string) ([]string, error) { return []string{id}, nil }
		}
		parts, err := split(req.ID)
		if err != nil {
			resp.Diagnostics.AddError("Invalid import id", err.Error())
			return
		}
		values = parts
	} else {
		var given types.String
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("account_id"), &given)...)
		id, err := m.Store.AccountID(ctx)
		if err != nil {
			m.Store.AddError(&resp.Diagnostics, err)
			return
		}
		if !given.IsNull() && given.ValueString() != id {
			resp.Diagnostics.AddError("Wrong account", fmt.Sprintf("The identity names an object of account %q, "+
				"and the provider works on account %q.", given.ValueString(), id))
			return
		}
		for _, a := range attributes {
			var value types.String
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(a.Name), &value)...)
			values = append(values, value.ValueString())
		}
	}
	for i, a := range attributes {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(a.Name), values[i])...)
	}
}

// IDAttribute returns the attribute id, which the configurations of other providers refer to.
func IDAttribute(what string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: what}
}

// ConstantAttribute returns a computed text that never changes once it is known.
func ConstantAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}
