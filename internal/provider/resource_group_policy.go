package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newGroupPolicyResource() resource.Resource { return newInlinePolicy(groups) }
