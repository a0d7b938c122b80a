package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newGroupPolicyAttachmentsExclusiveResource() resource.Resource {
	return &exclusive{of: attachmentsOf(groups)}
}
