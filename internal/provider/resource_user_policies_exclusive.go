package provider

import "github.com/hashicorp/terraform-plugin-framework/resource"

func newUserPoliciesExclusiveResource() resource.Resource {
	return newExclusiveSet(exclusiveInlinePolicies(users))
}
