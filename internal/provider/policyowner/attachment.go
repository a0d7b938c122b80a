package policyowner

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

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/argument"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/lifecycle"
)

// NewAttachment returns the resource of the attachment of a managed policy to an owner. It does not change other
// attachments.
func NewAttachment(owner Owner) resource.Resource {
	typeName := "iam_" + owner.name + "_policy_attachment"
	return lifecycle.New[attachmentModel](lifecycle.Definition[attachmentModel]{
		TypeName: typeName, MovedFrom: "aws_" + typeName,
		Schema: func() schema.Schema { return attachmentSchema(owner) },
		Identity: []lifecycle.IdentityAttribute{
			{Name: owner.name, Description: fmt.Sprintf("The name of the %s.", owner.name)},
			{Name: "policy_arn", Description: "The ARN of the attached policy."},
		},
		SplitID: lifecycle.SplitAt("/", owner.name+"/arn:aws:iam::123456789012:policy/name"),
		Load: func(ctx context.Context, from lifecycle.Source, m *attachmentModel, diags *diag.Diagnostics) {
			m.ownerKind = owner
			m.owner, m.arn, m.id = lifecycle.TextOf(ctx, from, owner.name, diags), lifecycle.TextOf(ctx, from,
				"policy_arn", diags), lifecycle.TextOf(ctx, from, "id", diags)
		},
		Save: func(ctx context.Context, to lifecycle.Target, m *attachmentModel, diags *diag.Diagnostics) {
			lifecycle.Put(ctx, to, owner.name, m.owner, diags)
			lifecycle.Put(ctx, to, "policy_arn", m.arn, diags)
			lifecycle.Put(ctx, to, "id", m.id, diags)
		},
		Plan: func(_ context.Context, c *lifecycle.Change[attachmentModel]) {
			c.Plan.id = lifecycle.JoinID(c.Plan.owner, "/", c.Plan.arn)
		},
		DriftIfDifferent: true,
	})
}

func attachmentSchema(owner Owner) schema.Schema {
	return schema.Schema{
		MarkdownDescription: fmt.Sprintf(
			"Attaches a managed policy to a %s and does not change other attachments. To manage "+
				"all attachments of a %[1]s, use `iam_%[1]s_policy_attachments_exclusive`.", owner.name),
		Attributes: map[string]schema.Attribute{
			owner.name: schema.StringAttribute{
				Required:            true,
				MarkdownDescription: lifecycle.OwnerDescription(owner.name, "creates a new attachment"),
			},
			"policy_arn": schema.StringAttribute{
				Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
				Validators:          argument.PolicyARNValidators(),
				MarkdownDescription: "The ARN of the policy. Changing this creates a new attachment.",
			},
			"id": lifecycle.IDAttribute(fmt.Sprintf("The name of the %s and the ARN of the policy, separated by a "+
				"slash.", owner.name)),
		},
	}
}

// attachmentModel is the model of an attachment. The attribute with the name of the owner is called
// "user", "group" or "role".
type attachmentModel struct {
	ownerKind Owner
	owner     types.String
	arn       types.String
	id        types.String
}

func (m *attachmentModel) Describe() string {
	return fmt.Sprintf("attachment of %s to %s %q", m.arn.ValueString(), m.ownerKind.name, m.owner.ValueString())
}

func (m *attachmentModel) Identity() map[string]any {
	return map[string]any{m.ownerKind.name: m.owner.ValueString(), "policy_arn": m.arn.ValueString()}
}

func (m *attachmentModel) AuditSubject(ctx context.Context, op *lifecycle.Operation) lifecycle.AuditSubject {
	return m.ownerKind.auditSubject(ctx, op, m.Describe(), m.owner.ValueString(),
		[]string{"Detach" + m.ownerKind.title + "Policy"}, "policyArn", m.arn.ValueString())
}

func (m *attachmentModel) Create(ctx context.Context, op *lifecycle.Operation) error {
	m.id = lifecycle.JoinID(m.owner, "/", m.arn)
	return m.ownerKind.attach(ctx, op, m.owner.ValueStringPointer(), m.arn.ValueStringPointer())
}

func (m *attachmentModel) Read(ctx context.Context, op *lifecycle.Operation) error {
	attached, err := m.ownerKind.Attached(ctx, op, m.owner.ValueStringPointer())
	if err == nil && !slices.Contains(attached, m.arn.ValueString()) {
		err = &iamtypes.NoSuchEntityException{Message: aws.String("There is no " + m.Describe() + ".")}
	}
	m.id = lifecycle.JoinID(m.owner, "/", m.arn)
	return err
}

// Update does nothing: each changed argument replaces the attachment.
func (m *attachmentModel) Update(context.Context, *lifecycle.Operation, *attachmentModel) error {
	return nil
}

func (m *attachmentModel) Remove(ctx context.Context, op *lifecycle.Operation) error {
	return m.ownerKind.detach(ctx, op, m.owner.ValueStringPointer(), m.arn.ValueStringPointer())
}
