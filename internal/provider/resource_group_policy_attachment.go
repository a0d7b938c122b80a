package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newGroupPolicyAttachmentResource() resource.Resource { return newPolicyAttachment(groups) }
