package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newRolePolicyResource() resource.Resource { return newInlinePolicy(roles) }
