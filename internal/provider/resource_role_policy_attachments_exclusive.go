package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newRolePolicyAttachmentsExclusiveResource() resource.Resource {
	return &exclusive{of: attachmentsOf(roles)}
}
