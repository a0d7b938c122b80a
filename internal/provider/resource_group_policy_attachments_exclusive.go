package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newGroupPolicyAttachmentsExclusiveResource() resource.Resource {
	return newExclusiveSet(exclusiveAttachments(groups))
}
