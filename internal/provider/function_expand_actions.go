package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/catalog"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/proof"
)

func newExpandActions() function.Function { return expandActions{} }

type expandActions struct{}

func (expandActions) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "expand_actions"
}

func (expandActions) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Lists the actions that patterns match",
		MarkdownDescription: "Returns AWS's actions that patterns such as `s3:Get*` match, sorted, each once and in AWS's " +
			"spelling. The actions come from the catalog in the provider. A pattern that matches none of them adds none. " +
			"While a part of the patterns is unknown, the result is unknown.",
		Parameters: []function.Parameter{
			dynamic.Parameter("patterns", "A pattern of actions, as in the element `Action` of a policy, or a list of "+
				"patterns."),
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

func (expandActions) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	patterns, known, refusal := proof.ActionPatterns(ctx, 0, argument)
	switch {
	case refusal != nil:
		resp.Error = refusal
		return
	case !known:
		resp.Error = resp.Result.Set(ctx, types.ListUnknown(types.StringType))
		return
	}
	all := catalog.Default()
	matched := make([]bool, len(all.Actions()))
	for _, pattern := range patterns {
		for _, id := range all.Expand(pattern) {
			matched[id] = true
		}
	}
	names := []attr.Value{}
	for id, is := range matched {
		if is {
			names = append(names, types.StringValue(all.Actions()[id].String()))
		}
	}
	resp.Error = resp.Result.Set(ctx, types.ListValueMust(types.StringType, names))
}
