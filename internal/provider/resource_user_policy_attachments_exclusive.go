package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newUserPolicyAttachmentsExclusiveResource() resource.Resource {
	return &exclusive{of: attachmentsOf(users)}
}
