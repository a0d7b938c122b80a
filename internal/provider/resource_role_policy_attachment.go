package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
)

func newRolePolicyAttachmentResource() resource.Resource {
	return policyowner.NewAttachment(policyowner.Roles)
}
