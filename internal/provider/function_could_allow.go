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
		Summary: "Decides whether policies could allow an action in any context",
		MarkdownDescription: "Returns whether the identity policies of one principal allow an action on a resource " +
			"for *some* values of the " +
			"context keys that you leave out: a grant with a condition still counts. With several actions or resources, " +
			"one that could " +
			"be allowed is enough.\n\n" +
			"Use its negation for access that a principal must *not* have: `!provider::iam::could_allow(…)`. If the " +
			"conditions are too " +
			"complex to decide, the answer is `true`, so that such a check errs on the safe side.",
		Parameters:        parameters,
		VariadicParameter: variadic,
		Return:            function.BoolReturn{},
	}
}

// Run returns a known answer while values are unknown, if no value can change it: true as soon as one
// request is certainly possible, false when all are certainly impossible.
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
