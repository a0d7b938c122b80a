package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
)

func newPoliciesEqual() function.Function { return policiesEqual{} }

type policiesEqual struct{}

func (policiesEqual) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "policies_equal"
}

func (policiesEqual) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Whether two policies are the same but for notation",
		MarkdownDescription: "Answers whether two policies have the same canonical form (see `normalize_policy`): the same but for order, white space " +
			"and notation. Policies that are written differently and happen to grant the same, as `s3:*` beside `s3:GetObject` and `s3:*` alone, are " +
			"not equal to it. While a part of either is unknown, so is the answer.",
		Parameters: []function.Parameter{
			dynamic.Parameter("a", "One policy: JSON text, or an object of the same form."),
			dynamic.Parameter("b", "The other policy, likewise."),
		},
		Return: function.BoolReturn{},
	}
}

func (policiesEqual) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var a, b types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &a, &b); resp.Error != nil {
		return
	}
	one, oneKnown, refusal := dynamic.Policy(ctx, 0, a)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	other, otherKnown, refusal := dynamic.Policy(ctx, 1, b)
	switch {
	case refusal != nil:
		resp.Error = refusal
	case !oneKnown || !otherKnown:
		resp.Error = resp.Result.Set(ctx, types.BoolUnknown())
	default:
		resp.Error = resp.Result.Set(ctx, policy.Equal(one, other))
	}
}
