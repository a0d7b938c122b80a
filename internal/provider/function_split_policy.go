package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/analysis"
	"github.com/iam-as-code/terraform-provider-iam/internal/analysis/rewrite"
	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/proof"
)

func newSplitPolicy() function.Function { return splitPolicy{} }

type splitPolicy struct{}

func (splitPolicy) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "split_policy"
}

func (splitPolicy) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Splits a policy into documents that fit AWS's quota",
		MarkdownDescription: "Splits a policy into documents that each fit AWS's quota for the kind, and that have the " +
			"meaning of the policy together. The equality is proved. A statement that is too large for a document is divided " +
			"at its list of actions or resources. Attach all documents to the same principal, or to the same target.",
		Parameters: []function.Parameter{
			dynamic.Parameter("policy", "The policy, as JSON text or as an object of the same form."),
			function.StringParameter{
				Name: "kind",
				MarkdownDescription: "The kind of the policy: `identity`, `service-control` or `resource-control`; `scp` and " +
					"`rcp` are short for the last two. There can be only one policy of each other kind.",
			},
		},
		Return: function.ObjectReturn{AttributeTypes: proof.AttributesWith("policies", stringListType)},
	}
}

func (splitPolicy) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	var kindName string
	if resp.Error = req.Arguments.Get(ctx, &argument, &kindName); resp.Error != nil {
		return
	}
	kind, refusal := proof.Kind(1, kindName)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	if err := rewrite.CheckSplit(kind); err != nil {
		resp.Error = dynamic.ArgumentError(1, err)
		return
	}
	doc, known, refusal := dynamic.Policy(ctx, 0, argument)
	switch {
	case refusal != nil:
		resp.Error = refusal
		return
	case !known:
		resp.Error = resp.Result.Set(ctx, proof.With(ctx, proof.Unknown(), "policies", types.ListUnknown(types.StringType)))
		return
	}
	parts, err := rewrite.Split(authz.Policy{Name: "policy", Document: doc}, kind, 0, analysis.Options{})
	if err != nil {
		resp.Error = dynamic.ArgumentError(0, err)
		return
	}
	policies := types.ListNull(types.StringType)
	if parts.Verdict == analysis.Pass {
		texts := make([]attr.Value, 0, len(parts.Documents))
		for _, part := range parts.Documents {
			text, err := part.MarshalJSON()
			if err != nil {
				resp.Error = function.NewFuncError(err.Error())
				return
			}
			texts = append(texts, types.StringValue(string(text)))
		}
		policies = types.ListValueMust(types.StringType, texts)
	}
	resp.Error = resp.Result.Set(ctx, proof.With(ctx, proof.Answer{Answer: parts.Answer}.Result(), "policies", policies))
}
