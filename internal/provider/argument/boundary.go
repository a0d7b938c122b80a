package argument

import (
	"fmt"

	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Boundary returns the argument permissions_boundary. object is the word for its owner in the
// description, such as "user".
func Boundary(object string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Validators: PolicyARNValidators(),
		MarkdownDescription: fmt.Sprintf("The ARN of the managed policy that is the permissions boundary of the %s.", object),
	}
}

// BoundaryARN returns the ARN of a boundary from the API, or null.
func BoundaryARN(boundary *iamtypes.AttachedPermissionsBoundary) types.String {
	if boundary == nil {
		return types.StringNull()
	}
	return types.StringPointerValue(boundary.PermissionsBoundaryArn)
}
