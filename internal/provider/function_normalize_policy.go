package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
)

func newNormalizePolicy() function.Function { return normalizePolicy{} }

type normalizePolicy struct{}

func (normalizePolicy) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "normalize_policy"
}

func (normalizePolicy) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Converts a policy to its canonical form",
		MarkdownDescription: "Returns the canonical form of a policy as JSON text. Policies that differ only in " +
			"order, white space and notation have " +
			"the same canonical form. While a part of the policy is unknown, the result is unknown.",
		Parameters: []function.Parameter{
			dynamic.Parameter("policy", "The policy, as JSON text or as an object of the same form."),
		},
		Return: function.StringReturn{},
	}
}

func (normalizePolicy) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	doc, known, refusal := dynamic.Policy(ctx, 0, argument)
	switch {
	case refusal != nil:
		resp.Error = refusal
		return
	case !known:
		resp.Error = resp.Result.Set(ctx, types.StringUnknown())
		return
	}
	text, err := doc.Canonical().MarshalJSON()
	if err != nil {
		resp.Error = dynamic.ArgumentError(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, string(text))
}
