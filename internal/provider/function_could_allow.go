package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/request"
)

func newCouldAllow() function.Function { return couldAllow{} }

type couldAllow struct{}

func (couldAllow) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "could_allow"
}

func (couldAllow) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	parameters, variadic := request.Parameters()
	resp.Definition = function.Definition{
		Summary: "Whether policies allow an action under any circumstances",
		MarkdownDescription: "Answers whether the identity policies of one principal allow an action on a resource for *some* values of the " +
			"context keys that are not given: a grant with a condition is still a grant. With several actions or resources, one that could " +
			"be allowed is enough.\n\n" +
			"Use its negation for what a principal must *not* be able to do: `!provider::iam::could_allow(…)`. Where the conditions are too " +
			"involved to be decided, the answer is `true`, so that such a gate errs on the safe side.",
		Parameters:        parameters,
		VariadicParameter: variadic,
		Return:            function.BoolReturn{},
	}
}

// Run answers while values are unknown if the answer is the same whatever they turn out to be: true as
// soon as one question is certainly possible, false when all are certainly ruled out.
func (couldAllow) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	requests, refusal := request.Decode(ctx, req.Arguments)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	answer := types.BoolValue(false)
	for i := range requests {
		possibility := requests[i].CouldAllow()
		if possibility == authz.Possible || possibility == authz.Unclear && !requests[i].Uncertain {
			answer = types.BoolValue(true)
			break
		}
		if possibility != authz.Never {
			answer = types.BoolUnknown()
		}
	}
	resp.Error = resp.Result.Set(ctx, answer)
}
