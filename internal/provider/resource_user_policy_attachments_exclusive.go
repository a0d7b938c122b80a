package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/iam-as-code/terraform-provider-iam/internal/provider/exclusiveset"
	"github.com/iam-as-code/terraform-provider-iam/internal/provider/policyowner"
)

func newUserPolicyAttachmentsExclusiveResource() resource.Resource {
	return exclusiveset.New(policyowner.ExclusiveAttachments(policyowner.Users))
}
