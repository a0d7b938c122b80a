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

// arnAttributes is the result's type: that of the AWS provider's arn_parse.
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
		Summary: "Takes an ARN apart",
		MarkdownDescription: "Takes an Amazon Resource Name apart into an object with `partition`, `service`, `region`, `account_id` " +
			"and `resource`. It asks for the six fields of an ARN and judges none of them.",
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
