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

// The identity of a resource consists of the attributes that name the object in its account. They
// have the same names as the arguments, so an import by identity and an import by id lead to the
// same state.

// identitySchema returns the schema of an identity: its attributes, and account_id.
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

// identityTarget is the Terraform resource identity of a response.
type identityTarget = *tfsdk.ResourceIdentity

// SetIdentity writes the resource identity of an object: the account id, and the identity attributes in
// values, by name. Each value is a string or a list of strings.
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

// importBy sets the attributes that name the imported object. It takes their values from the
// identity, or from the parts of the id. split returns these parts in the order of the attributes.
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
		var wantedAccount types.String
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("account_id"), &wantedAccount)...)
		id, err := m.Store.AccountID(ctx)
		if err != nil {
			m.Store.AddError(&resp.Diagnostics, err)
			return
		}
		if !wantedAccount.IsNull() && wantedAccount.ValueString() != id {
			resp.Diagnostics.AddError("Wrong account", fmt.Sprintf("The identity names an object of account %q, but the "+
				"provider manages account %q. Import the object with a provider that manages its "+
				"account.", wantedAccount.ValueString(), id))
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

// IDAttribute returns the computed attribute id. Configurations that were written for the AWS
// provider refer to it.
func IDAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// ConstantAttribute returns a computed string attribute that never changes once it is known.
func ConstantAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}
