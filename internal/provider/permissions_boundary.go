package provider

import (
	"fmt"

	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// boundaryArgument returns the argument permissions_boundary.
func boundaryArgument(of string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Validators: policyARNIs(),
		MarkdownDescription: fmt.Sprintf("The ARN of the managed policy that is the permissions boundary of the %s.", of),
	}
}

// boundaryOf returns the ARN of a boundary, or null.
func boundaryOf(boundary *iamtypes.AttachedPermissionsBoundary) types.String {
	if boundary == nil {
		return types.StringNull()
	}
	return types.StringPointerValue(boundary.PermissionsBoundaryArn)
}
