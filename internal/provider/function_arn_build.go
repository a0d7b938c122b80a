package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/iam-as-code/terraform-provider-iam/internal/policy"
)

func newARNBuild() function.Function { return arnBuild{} }

type arnBuild struct{}

func (arnBuild) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "arn_build"
}

func (arnBuild) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Puts an ARN together",
		MarkdownDescription: "Puts an Amazon Resource Name together from its fields. Region and account may be empty, as in the ARNs of " +
			"buckets. Only the resource may hold a colon, so that `arn_parse` gives the same fields back.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "partition", MarkdownDescription: "The partition, such as `aws`."},
			function.StringParameter{Name: "service", MarkdownDescription: "The service's namespace, such as `iam`."},
			function.StringParameter{Name: "region", MarkdownDescription: "The region's code; empty for global services."},
			function.StringParameter{Name: "account_id", MarkdownDescription: "The account's id; empty where the ARN has none."},
			function.StringParameter{Name: "resource", MarkdownDescription: "The rest, such as `role/app`."},
		},
		Return: function.StringReturn{},
	}
}

func (f arnBuild) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var arn policy.ARN
	if resp.Error = req.Arguments.Get(ctx, &arn.Partition, &arn.Service, &arn.Region, &arn.Account, &arn.Resource); resp.Error != nil {
		return
	}
	for i, field := range []string{arn.Partition, arn.Service, arn.Region, arn.Account} {
		if strings.Contains(field, ":") {
			resp.Error = function.NewArgumentFuncError(int64(i), fmt.Sprintf("%q has a colon, which ends a field of an ARN; only the resource may hold one", field))
			return
		}
	}
	resp.Error = resp.Result.Set(ctx, arn.String())
}
