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
		Summary: "Builds an ARN from its fields",
		MarkdownDescription: "Builds an Amazon Resource Name from its fields. The region and the account may be " +
			"empty, as in the ARNs of " +
			"buckets. Only the resource may contain a colon, so that `arn_parse` returns the same fields.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "partition", MarkdownDescription: "The partition, such as `aws`."},
			function.StringParameter{Name: "service", MarkdownDescription: "The namespace of the service, such as `iam`."},
			function.StringParameter{Name: "region", MarkdownDescription: "The code of the region; empty for global services."},
			function.StringParameter{Name: "account_id", MarkdownDescription: "The id of the account; empty for an ARN " +
				"without account."},
			function.StringParameter{Name: "resource", MarkdownDescription: "The resource, such as `role/app`."},
		},
		Return: function.StringReturn{},
	}
}

func (f arnBuild) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var arn policy.ARN
	resp.Error = req.Arguments.Get(ctx, &arn.Partition, &arn.Service, &arn.Region, &arn.Account, &arn.Resource)
	if resp.Error != nil {
		return
	}
	for i, field := range []string{arn.Partition, arn.Service, arn.Region, arn.Account} {
		if strings.Contains(field, ":") {
			resp.Error = function.NewArgumentFuncError(int64(i), fmt.Sprintf("%q contains a colon, which separates the "+
				"fields of an ARN; only the resource may contain one", field))
			return
		}
	}
	resp.Error = resp.Result.Set(ctx, arn.String())
}
