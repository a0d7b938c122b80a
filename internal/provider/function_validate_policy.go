package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/dynamic"
)

func newValidatePolicy() function.Function { return validatePolicy{} }

type validatePolicy struct{}

var findingType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"kind":    types.StringType,
	"code":    types.StringType,
	"message": types.StringType,
	"path":    types.StringType,
	"line":    types.Int64Type,
	"column":  types.Int64Type,
}}

func (validatePolicy) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "validate_policy"
}

func (validatePolicy) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Lists the findings about a policy",
		MarkdownDescription: "Checks a policy of a kind and returns findings with the issue codes of IAM Access " +
			"Analyzer's policy checks. The list is " +
			"empty for a policy without findings. A policy that cannot be parsed is a finding too, not an error of the call. " +
			"While a part of the policy is unknown, the result is unknown.",
		Parameters: []function.Parameter{
			dynamic.Parameter("policy", "The policy, as JSON text or as an object of the same form. Only findings about "+
				"JSON text have a line and a column."),
			function.StringParameter{
				Name: "kind",
				MarkdownDescription: "The kind of policy: `" + strings.Join(policy.Kinds(), "`, `") +
					"`; `scp` and `rcp` are short for `service-control` and `resource-control`.",
			},
		},
		Return: function.ListReturn{ElementType: findingType},
	}
}

func (validatePolicy) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	var kindName string
	if resp.Error = req.Arguments.Get(ctx, &argument, &kindName); resp.Error != nil {
		return
	}
	kind, err := policy.ParseKind(kindName)
	if err != nil {
		resp.Error = dynamic.ArgumentError(1, err)
		return
	}
	node, refusal := dynamic.Argument(ctx, 0, argument)
	if refusal != nil {
		resp.Error = refusal
		return
	}
	if node.HasUnknown() {
		resp.Error = resp.Result.Set(ctx, types.ListUnknown(findingType))
		return
	}
	doc, err := dynamic.ParsePolicy(node)
	var findings policy.Findings
	switch {
	case err == nil:
		findings = policy.Check(doc, kind)
	case !errors.As(err, &findings):
		resp.Error = dynamic.ArgumentError(0, err)
		return
	}
	values := make([]attr.Value, 0, len(findings))
	for _, f := range findings {
		line, column := types.Int64Null(), types.Int64Null()
		if f.Pos.Known() {
			line, column = types.Int64Value(int64(f.Pos.Line)), types.Int64Value(int64(f.Pos.Column))
		}
		values = append(values, types.ObjectValueMust(findingType.AttrTypes, map[string]attr.Value{
			"kind":    types.StringValue(f.Kind.String()),
			"code":    types.StringValue(string(f.Code)),
			"message": types.StringValue(f.Message),
			"path":    types.StringValue(f.Path),
			"line":    line,
			"column":  column,
		}))
	}
	resp.Error = resp.Result.Set(ctx, types.ListValueMust(findingType, values))
}
