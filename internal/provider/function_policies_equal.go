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
		Summary: "Decides whether two policies differ only in notation",
		MarkdownDescription: "Returns whether two policies have the same canonical form (see `normalize_policy`), " +
			"that is, differ only in order, white " +
			"space and notation. Policies that grant the same access with other statements, such as `s3:*` and `s3:*` " +
			"with `s3:GetObject`, " +
			"are not equal. While a part of either policy is unknown, the result is unknown.",
		Parameters: []function.Parameter{
			dynamic.Parameter("a", "The first policy, as JSON text or as an object of the same form."),
			dynamic.Parameter("b", "The second policy, as JSON text or as an object of the same form."),
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
