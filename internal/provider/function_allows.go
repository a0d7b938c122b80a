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
		Summary: "Decides whether policies allow an action with exactly this context",
		MarkdownDescription: "Returns whether the identity policies of one principal allow an action on a resource, " +
			"with exactly the given " +
			"context: every other context key is absent. With several actions or resources, all of them must be allowed.\n\n" +
			"Use it for access that a principal *must* have. For access that it must *not* have, use `could_allow`: this " +
			"function " +
			"ignores a grant whose condition the context does not meet.",
		Parameters:        parameters,
		VariadicParameter: variadic,
		Return:            function.BoolReturn{},
	}
}

// Run returns a known answer while values are unknown, if no value can change it: false as soon as one
// request is certainly denied, true when all are certainly allowed. A known answer at plan is therefore
// the answer in apply.
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
		if !requests[i].Uncertain { // not allowed, and no unknown value can change that
			answer = types.BoolValue(false)
			break
		}
		answer = types.BoolUnknown()
	}
	resp.Error = resp.Result.Set(ctx, answer)
}
