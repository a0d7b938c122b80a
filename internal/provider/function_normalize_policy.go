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
		Summary: "Brings a policy into one canonical form",
		MarkdownDescription: "Brings a policy into one canonical form and returns it as JSON text, so that policies that differ in order, white space " +
			"and notation only become the same text. While a part of the policy is unknown, the text is unknown.",
		Parameters: []function.Parameter{
			dynamic.Parameter("policy", "The policy: JSON text, or an object of the same form."),
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
