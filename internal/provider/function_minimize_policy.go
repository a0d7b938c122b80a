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

func newMinimizePolicy() function.Function { return minimizePolicy{} }

type minimizePolicy struct{}

func (minimizePolicy) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "minimize_policy"
}

func (minimizePolicy) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Returns the part of a policy that some requests need",
		MarkdownDescription: "Returns an identity policy that allows the given requests and nothing that the given policy " +
			"does not allow. Statements that no request needs disappear, and wildcards become the actions and resources of " +
			"the requests. Conditions stay. Statements that deny stay, because they also limit the other policies of the " +
			"principal.\n\n" +
			"The result is proved: it allows each request, and gives no new access. If the given policy does not allow one " +
			"of the requests, the result is `fail`.",
		Parameters: []function.Parameter{
			dynamic.Parameter("policy", "The policy, as JSON text or as an object of the same form."),
			dynamic.Parameter("must_allow", "The requests that must be allowed: a request in the form of the function "+
				"`simulate`, or a list of requests, without `identity`. Other policies of a request, such as `boundary`, decide "+
				"about it too."),
		},
		Return: function.ObjectReturn{AttributeTypes: proof.AttributesWith("policy", types.StringType)},
	}
}

func (minimizePolicy) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument, mustAllow types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument, &mustAllow); resp.Error != nil {
		return
	}
	doc, known, refusal := dynamic.Policy(ctx, 0, argument)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	requests, requestsKnown, refusal := proof.Requests(ctx, 1, mustAllow)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	if !known || !requestsKnown {
		resp.Error = resp.Result.Set(ctx, proof.With(ctx, proof.Unknown(), "policy", types.StringUnknown()))
		return
	}
	needed := make([]rewrite.Needed, 0, len(requests))
	for _, r := range requests {
		needed = append(needed, rewrite.Needed{Request: r.Request, Policies: r.Policies})
	}
	minimal, err := rewrite.Minimize(authz.Policy{Name: "policy", Document: doc}, needed, rewrite.Options{})
	if err != nil {
		resp.Error = dynamic.ArgumentError(0, err)
		return
	}
	var text attr.Value = types.StringNull()
	if minimal.Verdict == analysis.Pass {
		json, err := minimal.Document.MarshalJSON()
		if err != nil {
			resp.Error = function.NewFuncError(err.Error())
			return
		}
		text = types.StringValue(string(json))
	}
	resp.Error = resp.Result.Set(ctx, proof.With(ctx, proof.Answer{Answer: minimal.Answer}.Result(), "policy", text))
}
