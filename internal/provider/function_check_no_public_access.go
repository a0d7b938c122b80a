package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/proof"
)

func newCheckNoPublicAccess() function.Function { return checkNoPublicAccess{} }

type checkNoPublicAccess struct{}

func (checkNoPublicAccess) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "check_no_public_access"
}

func (checkNoPublicAccess) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Checks that the policy of a resource gives no public access",
		MarkdownDescription: "Checks that the policy of a resource gives no public access. Access is public unless the " +
			"policy limits it to fixed principals, accounts, organizations, networks or sources. A pass is a proof for all " +
			"requests. A fail has a request of a principal outside of every account that the policy names.\n\n" +
			"The guide [What the proofs mean](../guides/proofs.md) describes the requests that count.",
		Parameters: []function.Parameter{
			proof.PoliciesParameter("policy", "The policy of the resource"),
			function.StringParameter{
				Name: "resource_type",
				MarkdownDescription: "The type of the resource in CloudFormation, such as `AWS::S3::Bucket`, or " +
					"`AWS::IAM::AssumeRolePolicyDocument` for the trust policy of a role.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: proof.Attributes},
	}
}

func (checkNoPublicAccess) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	var resourceType string
	if resp.Error = req.Arguments.Get(ctx, &argument, &resourceType); resp.Error != nil {
		return
	}
	set, refusal := proof.Policies(ctx, 0, "policy", policy.Resource, argument)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	// The question without policies checks the type even while the policy is unknown.
	if _, err := analysis.NotPublic(resourceType, nil, analysis.Options{}); err != nil {
		resp.Error = dynamic.ArgumentError(1, err)
		return
	}
	answer, err := analysis.NotPublic(resourceType, set.Policies, analysis.Options{})
	if err != nil {
		resp.Error = dynamic.ArgumentError(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, proof.Answer{Answer: answer, Uncertain: !set.Known}.Result())
}
