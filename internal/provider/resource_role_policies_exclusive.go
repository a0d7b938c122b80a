package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newRolePoliciesExclusiveResource() resource.Resource {
	return newExclusiveSet(exclusiveInlinePolicies(roles))
}
