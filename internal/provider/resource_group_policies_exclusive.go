package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/exclusiveset"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
)

func newGroupPoliciesExclusiveResource() resource.Resource {
	return exclusiveset.New(policyowner.ExclusiveInlinePolicies(policyowner.Groups))
}
