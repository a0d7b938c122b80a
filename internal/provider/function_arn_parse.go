package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func newARNParse() function.Function { return arnParse{} }

type arnParse struct{}

// arnAttributes is the type of the result, which is that of the AWS provider's arn_parse.
var arnAttributes = map[string]attr.Type{
	"partition":  types.StringType,
	"service":    types.StringType,
	"region":     types.StringType,
	"account_id": types.StringType,
	"resource":   types.StringType,
}

func (arnParse) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "arn_parse"
}

func (arnParse) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Splits an ARN into its fields",
		MarkdownDescription: "Splits an Amazon Resource Name into an object with `partition`, `service`, `region`, " +
			"`account_id` " +
			"and `resource`. The text must have the six fields of an ARN; the function does not check their values.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "arn", MarkdownDescription: "The ARN, such as `arn:aws:iam::123456789012:role/app`."},
		},
		Return: function.ObjectReturn{AttributeTypes: arnAttributes},
	}
}

func (arnParse) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	arn, err := policy.ParseARN(text)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, types.ObjectValueMust(arnAttributes, map[string]attr.Value{
		"partition":  types.StringValue(arn.Partition),
		"service":    types.StringValue(arn.Service),
		"region":     types.StringValue(arn.Region),
		"account_id": types.StringValue(arn.Account),
		"resource":   types.StringValue(arn.Resource),
	}))
}
