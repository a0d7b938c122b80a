package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newUserPolicyAttachmentsExclusiveResource() resource.Resource {
	return newExclusiveSet(exclusiveAttachments(users))
}
