package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newRolePolicyAttachmentsExclusiveResource() resource.Resource {
	return newExclusiveSet(exclusiveAttachments(roles))
}
