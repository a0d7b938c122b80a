package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/proof"
)

func newCheckAccessNotGranted() function.Function { return checkAccessNotGranted{} }

type checkAccessNotGranted struct{}

func (checkAccessNotGranted) Metadata(
	_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse,
) {
	resp.Name = "check_access_not_granted"
}

func (checkAccessNotGranted) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Checks that policies never grant some access",
		MarkdownDescription: "Checks that policies grant none of some access, on any matching resource and in any context. " +
			"A pass is a proof for all requests. A fail has a request that the policies allow. A grant with a condition is " +
			"a grant, and `condition` is its condition.\n\n" +
			"The guide [What the proofs mean](../guides/proofs.md) describes the requests that count.",
		Parameters: []function.Parameter{
			proof.PoliciesParameter("policy", "The policies"),
			dynamic.Parameter("access", "An object with `actions`, `resources` or both, or a list of such objects. Each is a "+
				"pattern, such as `s3:Put*` or `arn:aws:s3:::reports/*`, or a list of patterns. Actions alone mean any "+
				"resource, and resources alone mean any action. Both mean any of the actions on any of the resources."),
			proof.KindParameter(),
		},
		Return: function.ObjectReturn{AttributeTypes: proof.Attributes},
	}
}

func (checkAccessNotGranted) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var policies, access types.Dynamic
	var kindName string
	if resp.Error = req.Arguments.Get(ctx, &policies, &access, &kindName); resp.Error != nil {
		return
	}
	kind, refusal := proof.Kind(2, kindName)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	set, refusal := proof.Policies(ctx, 0, "policy", kind, policies)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	asked, refusal := proof.DecodeAccess(ctx, 1, access)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	if !asked.Known {
		resp.Error = resp.Result.Set(ctx, proof.Unknown())
		return
	}
	answer, err := analysis.NotGranted(kind, set.Policies, asked.Accesses, analysis.Options{})
	if err != nil {
		resp.Error = function.NewFuncError(err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, proof.Answer{
		Answer: answer, Uncertain: !set.Known, Warnings: asked.Warnings,
	}.Result())
}
