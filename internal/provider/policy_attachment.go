package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// newPolicyAttachment returns the resource of one managed policy that is attached to one user, group or role. It
// leaves other attachments alone.
func newPolicyAttachment(of policyOwnerAPI) resource.Resource {
	typeName := "iam_" + of.name + "_policy_attachment"
	return newResource[policyAttachmentModel](definition[policyAttachmentModel]{
		typeName: typeName, movedFrom: "aws_" + typeName,
		schema: func() schema.Schema { return policyAttachmentSchema(of) },
		identity: []identityAttribute{
			{name: of.name, description: fmt.Sprintf("The name of the %s.", of.name)},
			{name: "policy_arn", description: "The ARN of the attached policy."},
		},
		splitID: splitAt("/", of.name+"/arn:aws:iam::123456789012:policy/name"),
		load: func(ctx context.Context, from source, m *policyAttachmentModel, diags *diag.Diagnostics) {
			m.of = of
			m.owner, m.arn, m.id = textOf(ctx, from, of.name, diags), textOf(ctx, from, "policy_arn", diags), textOf(ctx, from, "id", diags)
		},
		save: func(ctx context.Context, to target, m *policyAttachmentModel, diags *diag.Diagnostics) {
			put(ctx, to, of.name, m.owner, diags)
			put(ctx, to, "policy_arn", m.arn, diags)
			put(ctx, to, "id", m.id, diags)
		},
		plan: func(_ context.Context, c *change[policyAttachmentModel]) {
			c.plan.id = joinID(c.plan.owner, "/", c.plan.arn)
		},
		driftIfDifferent: true,
	})
}

func policyAttachmentSchema(of policyOwnerAPI) schema.Schema {
	replaces := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	return schema.Schema{
		MarkdownDescription: fmt.Sprintf("Attaches one managed policy to a %s. Other attachments are left alone; `iam_%[1]s_policy_attachments_exclusive` owns them all.", of.name),
		Attributes: map[string]schema.Attribute{
			of.name: schema.StringAttribute{
				Required: true, PlanModifiers: replaces,
				MarkdownDescription: fmt.Sprintf("The name of the %s. Changing this creates a new attachment.", of.name),
			},
			"policy_arn": schema.StringAttribute{
				Required: true, PlanModifiers: replaces, Validators: policyARNIs(),
				MarkdownDescription: "The ARN of the policy. Changing this creates a new attachment.",
			},
			"id": idAttribute(fmt.Sprintf("The name of the %s and the policy's ARN, with a slash between.", of.name)),
		},
	}
}

// policyAttachmentModel is the model of an attachment. The name of one of its attributes is the kind of its owner.
type policyAttachmentModel struct {
	of    policyOwnerAPI
	owner types.String
	arn   types.String
	id    types.String
}

func (m *policyAttachmentModel) describe() string {
	return fmt.Sprintf("attachment of %s to %s %q", m.arn.ValueString(), m.of.name, m.owner.ValueString())
}

func (m *policyAttachmentModel) identity() map[string]any {
	return map[string]any{m.of.name: m.owner.ValueString(), "policy_arn": m.arn.ValueString()}
}

func (m *policyAttachmentModel) auditSubject(ctx context.Context, op *operation) auditSubject {
	return m.of.auditSubject(ctx, op, m.describe(), m.owner.ValueString(), []string{"Detach" + m.of.title + "Policy"}, "policyArn", m.arn.ValueString())
}

func (m *policyAttachmentModel) create(ctx context.Context, op *operation) error {
	m.id = joinID(m.owner, "/", m.arn)
	return m.of.attach(ctx, op, m.owner.ValueStringPointer(), m.arn.ValueStringPointer())
}

func (m *policyAttachmentModel) read(ctx context.Context, op *operation) error {
	attached, err := m.of.attached(ctx, op, m.owner.ValueStringPointer())
	if err == nil && !slices.Contains(attached, m.arn.ValueString()) {
		err = &iamtypes.NoSuchEntityException{Message: aws.String("There is no " + m.describe() + ".")}
	}
	m.id = joinID(m.owner, "/", m.arn)
	return err
}

// update does nothing: each changed argument replaces the attachment.
func (m *policyAttachmentModel) update(context.Context, *operation, *policyAttachmentModel) error {
	return nil
}

func (m *policyAttachmentModel) remove(ctx context.Context, op *operation) error {
	return m.of.detach(ctx, op, m.owner.ValueStringPointer(), m.arn.ValueStringPointer())
}
