package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newUserPolicyAttachmentResource() resource.Resource { return newPolicyAttachment(users) }
