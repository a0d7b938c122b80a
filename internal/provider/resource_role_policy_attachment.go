package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newRolePolicyAttachmentResource() resource.Resource { return newPolicyAttachment(roles) }
