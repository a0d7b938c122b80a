package engine

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/iam-as-code/terraform-provider-iam/internal/engine/model"
	"github.com/iam-as-code/terraform-provider-iam/internal/store"
)

const replacePolicyEvent = "ReplacePolicy"

// ReplacePolicyInput names a managed policy and describes the policy that replaces it.
type ReplacePolicyInput struct {
	// PolicyArn is the ARN of the existing policy. It is required.
	PolicyArn string
	// PolicyName is the name of the new policy, which may be the same name. It is required.
	PolicyName string
	// Path is the path of the new policy. The default is "/".
	Path string
	// Description is the description of the new policy.
	Description string
	// PolicyDocument is the document of the new policy. It is required.
	PolicyDocument string
	// Tags are the tags of the new policy. It gets no tags of the existing policy.
	Tags []iamtypes.Tag
}

// ReplacePolicyOutput contains the new policy.
type ReplacePolicyOutput struct {
	Policy iamtypes.Policy

	ResultMetadata middleware.Metadata
}

// ReplacePolicy replaces a managed policy by a new one with another name, path or description, which AWS's API cannot
// change. The new policy has a unique id of its own and one version. In one transaction, every identity that uses the
// existing policy, as an attached policy or as its permissions boundary, gets the new policy instead, and the existing
// policy is deleted with all of its versions. Therefore no denial and no boundary is missing at any moment. Only the
// local operator may call ReplacePolicy.
//
// The checks and errors are those of [Client.CreatePolicy], except for the quota of policies, because the number of
// policies remains the same. Names of a third policy are in use; the name and the path of the existing policy are not.
func (c *Client) ReplacePolicy(ctx context.Context, in *ReplacePolicyInput) (*ReplacePolicyOutput, error) {
	return do(ctx, c, replacePolicy, in)
}

var replacePolicy = registerExtension(
	"Replaces a managed policy by a new one, and moves its attachments and its uses as a permissions boundary.",
	append([]model.Member{required(member("PolicyArn", inputShape("GetPolicy").Member("PolicyArn"),
		"The ARN of the policy to replace."))}, inputMembers("CreatePolicy")...),
	[]model.Member{member("Policy", outputShape("CreatePolicy", "Policy"), "The new policy.")},
	operation[ReplacePolicyInput, ReplacePolicyOutput]{
		name: replacePolicyEvent, writes: true, audience: localOperatorOnly,
		access: func(c *call, in *ReplacePolicyInput) ([]access, error) {
			// The audit record contains these ARNs.
			return []access{{resource: in.PolicyArn},
				{resource: c.engine.policyARN(store.Policy{Path: pathOrDefault(optional(in.Path)), Name: in.PolicyName})}}, nil
		},
		run: func(c *call, in *ReplacePolicyInput) (*ReplacePolicyOutput, error) {
			limits, err := c.limits()
			if err != nil {
				return nil, err
			}
			existing, err := c.policyToChange(in.PolicyArn)
			if err != nil {
				return nil, err
			}
			created, err := c.newPolicy(&iam.CreatePolicyInput{PolicyName: &in.PolicyName, Path: optional(in.Path),
				Description: &in.Description, PolicyDocument: &in.PolicyDocument, Tags: in.Tags}, limits)
			if err != nil {
				return nil, err
			}
			// The new policy may have the name of the existing one, which has an impossible name until its deletion.
			existing.Name = existing.ID + "/replaced"
			if err := c.tx.UpdatePolicy(existing); err != nil {
				return nil, err
			}
			if err := c.insertPolicy(created, in.PolicyDocument); err != nil {
				return nil, err
			}
			if err := c.moveUses(existing, created); err != nil {
				return nil, err
			}
			if err := c.tx.DeletePolicy(existing.ID); err != nil {
				return nil, err
			}
			created, err = c.tx.PolicyByID(created.ID)
			if err != nil {
				return nil, err
			}
			out := &ReplacePolicyOutput{Policy: c.listedPolicy(created)}
			out.Policy.Tags = tagsIfAny(created.Tags)
			return out, nil
		},
	})

// moveUses attaches a policy to every identity that another policy is attached to, and makes it the permissions
// boundary of every identity whose boundary the other policy is. It adds these identities to the audit subjects.
func (c *call) moveUses(from, to store.Policy) error {
	attached, err := c.identitiesUsing(from, c.tx.AttachedTo)
	if err != nil {
		return err
	}
	for _, i := range attached {
		if err := errors.Join(c.tx.Detach(i.ID, from.ID), c.tx.Attach(i.ID, to.ID)); err != nil {
			return err
		}
		c.addAuditSubject(i.ID)
	}
	bounded, err := c.identitiesUsing(from, c.tx.BoundaryOf)
	if err != nil {
		return err
	}
	for _, i := range bounded {
		i.Boundary = to.ID
		if err := c.tx.UpdateIdentity(i); err != nil {
			return err
		}
		c.addAuditSubject(i.ID)
	}
	return nil
}

// optional returns a pointer to a text, or nil if the text is empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return aws.String(text)
}
