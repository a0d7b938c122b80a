package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newUserPolicyResource() resource.Resource { return newInlinePolicy(users) }
