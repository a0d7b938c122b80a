package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/authz"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/request"
)

func newAllows() function.Function { return allows{} }

type allows struct{}

func (allows) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "allows"
}

func (allows) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	parameters, variadic := request.Parameters()
	resp.Definition = function.Definition{
		Summary: "Whether policies allow an action with exactly this context",
		MarkdownDescription: "Answers whether the identity policies of one principal allow an action on a resource, with exactly the context " +
			"given: a condition on any other key finds it absent. With several actions or resources, all of them must be allowed.\n\n" +
			"Use it for what a principal *must* be able to do. For what it must *not* be able to do ask `could_allow`: a grant with a " +
			"condition is none to this function, unless the context meets the condition.",
		Parameters:        parameters,
		VariadicParameter: variadic,
		Return:            function.BoolReturn{},
	}
}

// Run answers while values are unknown if the answer is the same whatever they turn out to be: false as
// soon as one question is certainly denied, true when all are certainly allowed. Outcomes are certain in
// just that sense, so what is known at plan is the same at apply.
func (allows) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	requests, refusal := request.Decode(ctx, req.Arguments)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	answer := types.BoolValue(true)
	for i := range requests {
		outcome := requests[i].Outcome()
		if outcome.IsDenied() {
			answer = types.BoolValue(false)
			break
		}
		if outcome == authz.Allowed {
			continue
		}
		if !requests[i].Uncertain { // not for certain, and nothing that would be known later
			answer = types.BoolValue(false)
			break
		}
		answer = types.BoolUnknown()
	}
	resp.Error = resp.Result.Set(ctx, answer)
}
