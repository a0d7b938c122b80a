package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/proof"
)

func newCheckNoNewAccess() function.Function { return checkNoNewAccess{} }

type checkNoNewAccess struct{}

func (checkNoNewAccess) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "check_no_new_access"
}

func (checkNoNewAccess) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "Checks that policies allow nothing that other policies do not allow",
		MarkdownDescription: "Checks that the new policies allow no request that the existing ones do not allow. A pass " +
			"is a proof for all requests. A fail has a request that shows the new access. The existing policies may also be " +
			"the limit that every new policy must keep: everything is allowed, except what is forbidden.\n\n" +
			"The guide [What the proofs mean](../guides/proofs.md) describes the requests that count.",
		Parameters: []function.Parameter{
			proof.PoliciesParameter("existing", "The existing policies"),
			proof.PoliciesParameter("new", "The new policies"),
			proof.KindParameter(),
		},
		Return: function.ObjectReturn{AttributeTypes: proof.Attributes},
	}
}

func (checkNoNewAccess) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var existing, updated types.Dynamic
	var kindName string
	if resp.Error = req.Arguments.Get(ctx, &existing, &updated, &kindName); resp.Error != nil {
		return
	}
	kind, refusal := proof.Kind(2, kindName)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	before, refusal := proof.Policies(ctx, 0, "existing", kind, existing)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	after, refusal := proof.Policies(ctx, 1, "new", kind, updated)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	answer, err := analysis.NoNewAccess(kind, before.Policies, after.Policies, analysis.Options{})
	if err != nil {
		resp.Error = function.NewFuncError(err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, proof.Answer{
		Answer: answer, Uncertain: !before.Known || !after.Known,
	}.Result())
}
