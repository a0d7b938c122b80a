package policyowner

import (
	"context"
	"fmt"
	"net/url"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/apierror"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policytext"
)

// NewInlinePolicy returns the resource of an inline policy of an owner.
func NewInlinePolicy(owner Owner) resource.Resource {
	typeName := "iam_" + owner.name + "_policy"
	return lifecycle.New[inlinePolicyModel](lifecycle.Definition[inlinePolicyModel]{
		TypeName: typeName, MovedFrom: "aws_" + typeName,
		Schema: func() schema.Schema { return inlinePolicySchema(owner) },
		Identity: []lifecycle.IdentityAttribute{
			{Name: owner.name, Description: fmt.Sprintf("The name of the %s.", owner.name)},
			{Name: "name", Description: "The name of the inline policy."},
		},
		SplitID: lifecycle.SplitAt(":", owner.name+":policy"),
		Load: func(ctx context.Context, from lifecycle.Source, m *inlinePolicyModel, diags *diag.Diagnostics) {
			m.ownerKind = owner
			m.owner, m.name, m.id = lifecycle.TextOf(ctx, from, owner.name, diags), lifecycle.TextOf(ctx, from, "name",
				diags), lifecycle.TextOf(ctx, from, "id", diags)
			m.namePrefix = lifecycle.TextOf(ctx, from, "name_prefix", diags)
			diags.Append(from.GetAttribute(ctx, path.Root("policy"), &m.document)...)
		},
		Save: func(ctx context.Context, to lifecycle.Target, m *inlinePolicyModel, diags *diag.Diagnostics) {
			lifecycle.Put(ctx, to, owner.name, m.owner, diags)
			lifecycle.Put(ctx, to, "name", m.name, diags)
			lifecycle.Put(ctx, to, "name_prefix", m.namePrefix, diags)
			lifecycle.Put(ctx, to, "policy", m.document, diags)
			lifecycle.Put(ctx, to, "id", m.id, diags)
		},
		Plan: func(ctx context.Context, c *lifecycle.Change[inlinePolicyModel]) {
			c.CheckPolicy(ctx, path.Root("policy"), c.Plan.document, owner.use, c.Diags)
			c.Plan.id = lifecycle.JoinID(c.Plan.owner, ":", c.Plan.name)
			if c.State != nil && len(c.Replace) == 0 {
				c.NoteSameAccess(path.Root("policy"), c.State.Describe(), c.State.document, c.Plan.document, c.Diags)
			}
		},
	})
}

func inlinePolicySchema(owner Owner) schema.Schema {
	name, namePrefix := argument.NameOrPrefix("policy", 128, owner.name)
	name.MarkdownDescription = fmt.Sprintf("The name of the policy, unique among the inline policies of the %s. "+
		"Changing this creates a new policy. Without `name`, the provider generates a name, which is known after apply.",
		owner.name)
	return schema.Schema{
		MarkdownDescription: fmt.Sprintf("An inline policy of a %s. It belongs to this %[1]s alone.", owner.name),
		Attributes: map[string]schema.Attribute{
			owner.name: schema.StringAttribute{
				Required:            true,
				MarkdownDescription: lifecycle.OwnerDescription(owner.name, "creates a new policy"),
			},
			"name":        name,
			"name_prefix": namePrefix,
			"policy":      policytext.Argument("The policy document as JSON", policy.Identity),
			"id": lifecycle.IDAttribute(fmt.Sprintf("The names of the %s and of the policy, separated by a colon.",
				owner.name)),
		},
	}
}

// inlinePolicyModel is the model of an inline policy. The attribute with the name of the owner is
// called "user", "group" or "role".
type inlinePolicyModel struct {
	ownerKind  Owner
	owner      types.String
	name       types.String
	namePrefix types.String
	document   policytext.Text
	id         types.String
}

func (m *inlinePolicyModel) Describe() string {
	return fmt.Sprintf("inline policy %q of %s %q", m.name.ValueString(), m.ownerKind.name, m.owner.ValueString())
}

func (m *inlinePolicyModel) Identity() map[string]any {
	return map[string]any{m.ownerKind.name: m.owner.ValueString(), "name": m.name.ValueString()}
}

func (m *inlinePolicyModel) AuditSubject(ctx context.Context, op *lifecycle.Operation) lifecycle.AuditSubject {
	calls := []string{"Put" + m.ownerKind.title + "Policy", "Delete" + m.ownerKind.title + "Policy"}
	return m.ownerKind.auditSubject(ctx, op, m.Describe(), m.owner.ValueString(), calls, "policyName",
		m.name.ValueString())
}

// Create refuses to overwrite an existing policy, which this configuration does not own. The API
// would overwrite it.
func (m *inlinePolicyModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	m.name, m.namePrefix = argument.GenerateName(m.name, m.namePrefix)
	switch _, err := m.ownerKind.inline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer()); {
	case err == nil:
		op.Diags.AddAttributeError(path.Root("name"), apierror.UpperFirst(m.Describe())+" already exists",
			fmt.Sprintf("Creating the policy would overwrite the existing one. "+
				"Import it with the id %q, or choose another name.",
				lifecycle.JoinID(m.owner, ":", m.name).ValueString()))
		return nil
	case apierror.UnlessMissing(err) != nil:
		return err
	}
	m.id = lifecycle.JoinID(m.owner, ":", m.name)
	return m.ownerKind.putInline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer(),
		m.document.ValueStringPointer())
}

func (m *inlinePolicyModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	encoded, err := m.ownerKind.inline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer())
	if err != nil {
		return err
	}
	text, err := url.PathUnescape(*encoded)
	if err != nil {
		return err
	}
	m.namePrefix = argument.PrefixOf(m.name)
	m.document, m.id = m.document.KeepIfEqual(text), lifecycle.JoinID(m.owner, ":", m.name)
	return nil
}

func (m *inlinePolicyModel) Update(ctx context.Context, op *lifecycle.Operation, _ *inlinePolicyModel) error {
	return m.ownerKind.putInline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer(),
		m.document.ValueStringPointer())
}

func (m *inlinePolicyModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	return m.ownerKind.deleteInline(ctx, op, m.owner.ValueStringPointer(), m.name.ValueStringPointer())
}
