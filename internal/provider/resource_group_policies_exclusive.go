package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newGroupPoliciesExclusiveResource() resource.Resource {
	return newExclusiveSet(exclusiveInlinePolicies(groups))
}
