package provider

import (
	"context"
	"fmt"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
)

// newInlinePolicy returns the resource of an inline policy, which belongs to one user, group or role.
func newInlinePolicy(of policyOwnerAPI) resource.Resource {
	typeName := "iam_" + of.name + "_policy"
	return newResource[inlinePolicyModel](definition[inlinePolicyModel]{
		typeName: typeName, movedFrom: "aws_" + typeName,
		schema: func() schema.Schema { return inlinePolicySchema(of) },
		identity: []identityAttribute{
			{name: of.name, description: fmt.Sprintf("The name of the %s.", of.name)},
			{name: "name", description: "The name of the inline policy."},
		},
		splitID: splitAt(":", of.name+":policy"),
		load: func(ctx context.Context, from source, m *inlinePolicyModel, diags *diag.Diagnostics) {
			m.of = of
			m.owner, m.name, m.id = textOf(ctx, from, of.name, diags), textOf(ctx, from, "name", diags), textOf(ctx, from, "id", diags)
			diags.Append(from.GetAttribute(ctx, path.Root("policy"), &m.document)...)
		},
		save: func(ctx context.Context, to target, m *inlinePolicyModel, diags *diag.Diagnostics) {
			put(ctx, to, of.name, m.owner, diags)
			put(ctx, to, "name", m.name, diags)
			put(ctx, to, "policy", m.document, diags)
			put(ctx, to, "id", m.id, diags)
		},
		plan: func(ctx context.Context, c *change[inlinePolicyModel]) {
			c.checkPolicySize(ctx, path.Root("policy"), c.plan.document, of.use, c.diags)
			c.plan.id = joinID(c.plan.owner, ":", c.plan.name)
		},
	})
}

func inlinePolicySchema(of policyOwnerAPI) schema.Schema {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	name := nameArgument("policy", 128)
	name.PlanModifiers = replaces
	name.MarkdownDescription = fmt.Sprintf("The name of the policy, unique among the inline policies of the %s. Changing this creates a new policy.", of.name)
	return schema.Schema{
		MarkdownDescription: fmt.Sprintf("An inline policy: one that belongs to a %s and is deleted with it.", of.name),
		Attributes: map[string]schema.Attribute{
			of.name: schema.StringAttribute{
				Required: true, PlanModifiers: replaces,
				MarkdownDescription: fmt.Sprintf("The name of the %s. Changing this creates a new policy.", of.name),
			},
			"name":   name,
			"policy": policytext.Argument("The policy document as JSON", policy.Identity),
			"id":     idAttribute(fmt.Sprintf("The name of the %s and that of the policy, with a colon between.", of.name)),
		},
	}
}

// inlinePolicyModel is the model of an inline policy. The name of one of its attributes is the kind of its owner.
type inlinePolicyModel struct {
	of       policyOwnerAPI
	owner    types.String
	name     types.String
	document policytext.Text
	id       types.String
}

func (m *inlinePolicyModel) describe() string {
	return fmt.Sprintf("inline policy %q of %s %q", m.name.ValueString(), m.of.name, m.owner.ValueString())
}

func (m *inlinePolicyModel) identity() map[string]any {
	return map[string]any{m.of.name: m.owner.ValueString(), "name": m.name.ValueString()}
}

func (m *inlinePolicyModel) auditSubject(ctx context.Context, op *operation) auditSubject {
	calls := []string{"Put" + m.of.title + "Policy", "Delete" + m.of.title + "Policy"}
	return m.of.auditSubject(ctx, op, m.describe(), m.owner.ValueString(), calls, "policyName", m.name.ValueString())
}

// create refuses to overwrite a policy that exists: the API would do so, and this configuration does not own it.
func (m *inlinePolicyModel) create(ctx context.Context, op *operation) error {
	switch _, err := m.of.inline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer()); {
	case err == nil:
		op.diags.AddAttributeError(path.Root("name"), "The policy exists", fmt.Sprintf("There is an %s already. Import it with the id %q, or choose another name.",
			m.describe(), joinID(m.owner, ":", m.name).ValueString()))
		return nil
	case unlessMissing(err) != nil:
		return err
	}
	m.id = joinID(m.owner, ":", m.name)
	return m.of.putInline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer(), m.document.ValueStringPointer())
}

func (m *inlinePolicyModel) read(ctx context.Context, op *operation) error {
	encoded, err := m.of.inline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer())
	if err != nil {
		return err
	}
	text, err := url.PathUnescape(*encoded)
	if err != nil {
		return err
	}
	m.document, m.id = m.document.KeepIfEqual(text), joinID(m.owner, ":", m.name)
	return nil
}

func (m *inlinePolicyModel) update(ctx context.Context, op *operation, _ *inlinePolicyModel) error {
	return m.of.putInline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer(), m.document.ValueStringPointer())
}

func (m *inlinePolicyModel) remove(ctx context.Context, op *operation) error {
	return m.of.deleteInline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer())
}
