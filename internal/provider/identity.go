package provider

import (
	"context"

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

// A resource's identity is the attributes that name the object in its account, one or several, each a string. They are the
// argument names, so that importing by identity and by id lead to the same state.

// identityOf is the schema of an identity of these attributes, with the account beside them.
func identityOf(attributes ...string) identityschema.Schema {
	out := map[string]identityschema.Attribute{
		"account_id": identityschema.StringAttribute{OptionalForImport: true, Description: "The id of the account."},
	}
	for _, name := range attributes {
		out[name] = identityschema.StringAttribute{RequiredForImport: true, Description: "The argument " + name + "."}
	}
	return identityschema.Schema{Attributes: out}
}

// setIdentity writes the identity of an object: the values of its attributes by name.
func (m *managed) setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, values map[string]string, diags *diag.Diagnostics) {
	if identity == nil { // Terraform before 1.12
		return
	}
	id, err := m.store.accountID(ctx)
	if err != nil {
		storeError(diags, m.store, err)
		return
	}
	diags.Append(identity.SetAttribute(ctx, path.Root("account_id"), types.StringValue(id))...)
	for name, value := range values {
		diags.Append(identity.SetAttribute(ctx, path.Root(name), types.StringValue(value))...)
	}
}

// importBy sets the attributes that name the object to be imported: from the identity, or from the parts of the id, which
// split cuts up in the same order. It returns nil after an error.
func (m *managed) importBy(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse, split func(id string) ([]string, error), attributes ...string) {
	var values []string
	if req.ID != "" {
		parts, err := split(req.ID)
		if err != nil {
			resp.Diagnostics.AddError("The id cannot be imported", err.Error())
			return
		}
		values = parts
	} else {
		var given types.String
		resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root("account_id"), &given)...)
		id, err := m.store.accountID(ctx)
		if err != nil {
			storeError(&resp.Diagnostics, m.store, err)
			return
		}
		if !given.IsNull() && given.ValueString() != id {
			resp.Diagnostics.AddError("Another account", "The identity is of account "+given.ValueString()+", and the provider works on "+id+".")
			return
		}
		for _, name := range attributes {
			var value types.String
			resp.Diagnostics.Append(req.Identity.GetAttribute(ctx, path.Root(name), &value)...)
			values = append(values, value.ValueString())
		}
	}
	for i, name := range attributes {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), values[i])...)
	}
}

// whole is how an id is cut up that is one name.
func whole(id string) ([]string, error) { return []string{id}, nil }

// idAttribute is the id that other providers' habits ask for.
func idAttribute(what string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: what}
}

// keptOnce is a computed text that never changes once it is known.
func keptOnce(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Computed: true, MarkdownDescription: description,
		PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}
